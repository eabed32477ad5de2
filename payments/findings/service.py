"""Look for findings, work one, and write down or end a declared interest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor, ActorKind
from accounts.cities.rules import City
from accounts.cities.staffing import Permission
from accounts.clock import Clock
from accounts.customers.models import Customer
from accounts.database import Sessions, reading, transaction
from accounts.errors import Conflict, NotFound, SamePerson
from accounts.exceptions.rules import NoReason
from accounts.staff.rules import Authority
from payments.findings.collecting import collect
from payments.findings.models import DeclaredInterest, Finding, FindingOutcome
from payments.findings.queries import Eyes, finding
from payments.findings.rules import AboutYourself, FindingEnded, Found, Setting, judge

_MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Looked:
    """What a look came to."""

    found: int
    new: int

    def last_line(self) -> str:
        return f"findings: {self.found} found, {self.new} new"


def look(sessions: Sessions, city: City, clock: Clock) -> Looked:
    """Use case: judge the days that the policy looks back, and keep what was not known. Nothing where none rules."""
    policy, today = city.oversight_policy(clock.today()), clock.today()
    if policy is None:
        return Looked(0, 0)
    zone = city.identity.time_zone
    with reading(sessions) as session:
        facts = collect(session, today - timedelta(days=policy.look_back_days), today, zone)
    found = judge(facts, Setting(policy, city.calendar, ZoneInfo(zone)))
    new = 0
    for first in range(0, len(found), _MOST_AT_ONCE):
        with transaction(sessions) as session:
            new += keep(session, found[first : first + _MOST_AT_ONCE], policy.authority, clock.now())
    return Looked(len(found), new)


def keep(session: Session, found: list[Found], authority: str, now: datetime) -> int:
    """Step: write what is not known yet; how many that were. The same fact found twice is one finding."""
    rows = [
        {
            "rule": one.rule.value, "key": one.key, "severity": one.severity.value, "subjects": sorted(one.subjects),
            "customer_account_id": one.account_id, "payment_id": one.payment_id, "drawer_id": one.drawer_id,
            "amount_cents": one.amount, "happened_on": one.on, "facts": one.facts, "authority": authority,
            "found_at": now,
        }
        for one in found
    ]  # fmt: skip
    if not rows:
        return 0
    made = session.execute(
        insert(Finding).values(rows).on_conflict_do_nothing(index_elements=["key"]).returning(Finding.id)
    )
    return len(made.all())


def explain(sessions: Sessions, finding_id: int, by: Authority, reason: str, eyes: Eyes, *, now: datetime) -> None:
    """Use case: a finding is over, because of this. Never by somebody whom it is about.

    Raises ``NotAllowed``, ``NotFound``, ``NoReason``, :class:`AboutYourself`, :class:`FindingEnded`.
    """
    _decide(
        sessions, FindingOutcome(finding_id=finding_id, verdict="explained", reason=reason.strip()), by, eyes, now
    )


def refer(
    sessions: Sessions, finding_id: int, by: Authority, reason: str, eyes: Eyes, *, to: str, now: datetime
) -> None:
    """Use case: hand a finding to somebody outside (the auditor, counsel, the police); it stays open.

    Raises as :func:`explain`.
    """
    if not to.strip():
        raise NoReason("say to whom")
    outcome = FindingOutcome(finding_id=finding_id, verdict="referred", reason=reason.strip(), referred_to=to.strip())
    _decide(sessions, outcome, by, eyes, now)


def _decide(sessions: Sessions, outcome: FindingOutcome, by: Authority, eyes: Eyes, now: datetime) -> None:
    by.must(Permission.FINDINGS_WORK)
    if not outcome.reason:
        raise NoReason("say why")
    try:
        with transaction(sessions) as session:
            subjects = session.scalar(select(Finding.subjects).where(Finding.id == outcome.finding_id))
            if subjects is not None and by.actor_id in subjects:
                raise AboutYourself("this finding is about the person who wants to work it")
            found = finding(session, outcome.finding_id, eyes)
            if not found.is_open:
                raise FindingEnded("somebody explained it before")
            outcome.subjects = list(found.subjects)
            outcome.decided_by, outcome.decided_at = by.actor_id, now
            last = session.scalar(
                select(func.max(FindingOutcome.number)).where(FindingOutcome.finding_id == found.id)
            )
            outcome.number = (last or 0) + 1
            session.add(outcome)
            audit.record(
                session, f"finding-{outcome.verdict}", subject=("finding", found.id), actor_id=by.actor_id,
                reason=outcome.reason, rule=found.rule, to=outcome.referred_to or None,
            )  # fmt: skip
    except IntegrityError as error:
        raise FindingEnded("somebody was quicker") from error


@dataclass(frozen=True)
class NewInterest:
    """What somebody declared: which customer is near to them, and how."""

    actor_id: int
    customer_id: int
    relation: str
    note: str = ""


def declare(sessions: Sessions, new: NewInterest, by: Authority, *, now: datetime) -> int:
    """Use case: write a declared interest down, for another person; its id.

    Raises ``NotAllowed``, ``SamePerson``, ``NotFound``, and ``Conflict`` where it stands there already.
    """
    by.must(Permission.STAFF_MANAGE)
    if new.actor_id == by.actor_id:
        raise SamePerson("nobody writes down their own")
    try:
        with transaction(sessions) as session:
            if session.scalar(select(Actor.kind).where(Actor.id == new.actor_id)) is not ActorKind.STAFF:
                raise NotFound(f"nobody here is {new.actor_id}", what=str(new.actor_id))
            if session.get(Customer, new.customer_id) is None:
                raise NotFound(f"no customer {new.customer_id}", what=str(new.customer_id))
            made = DeclaredInterest(
                actor_id=new.actor_id, customer_id=new.customer_id, relation=new.relation, note=new.note.strip(),
                declared_by=by.actor_id, declared_at=now,
            )  # fmt: skip
            session.add(made)
            session.flush()
            audit.record(
                session, "interest-declared", subject=("actor", new.actor_id), actor_id=by.actor_id,
                customer=new.customer_id, relation=new.relation,
            )  # fmt: skip
            return made.id
    except IntegrityError as error:
        raise Conflict("it stands there already") from error


def end_interest(sessions: Sessions, interest_id: int, by: Authority, *, now: datetime) -> None:
    """Use case: a declared interest is over; what was done until now is still judged by it.

    Raises ``NotAllowed``, ``SamePerson``, ``NotFound``.
    """
    by.must(Permission.STAFF_MANAGE)
    with transaction(sessions) as session:
        kept = session.get(DeclaredInterest, interest_id, with_for_update=True)
        if kept is None or kept.ended_at is not None:
            raise NotFound(f"no interest {interest_id}", what=str(interest_id))
        if kept.actor_id == by.actor_id:
            raise SamePerson("nobody ends their own")
        kept.ended_at, kept.ended_by = now, by.actor_id
        audit.record(
            session, "interest-ended", subject=("actor", kept.actor_id), actor_id=by.actor_id,
            customer=kept.customer_id, relation=kept.relation,
        )  # fmt: skip
