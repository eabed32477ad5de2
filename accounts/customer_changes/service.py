"""Use cases: change a customer from a day on, take back a change that is still to come, apply those that are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.rules import ReasonMissing
from accounts.customer_accounts.access import must_see_customer
from accounts.customer_accounts.renaming import end_former_proofs, rename_proofs
from accounts.customer_accounts.sources import CONTACT_FIELDS, hold
from accounts.customer_changes import rules
from accounts.customer_changes.desk import Applied, ChangeDesk
from accounts.customer_changes.letters import lift
from accounts.customer_changes.models import ChangeOutcome, CustomerChange
from accounts.customer_changes.rules import AlreadySettled, ChangedMeanwhile, ChangeRequest
from accounts.customers.models import Customer, CustomerKind
from accounts.customers.rules import Merged
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound
from accounts.exceptions.service import open_exception
from accounts.staff.rules import Authority, Permission

_ACCOUNTS = text("SELECT id FROM customer_accounts WHERE customer_id = :customer ORDER BY id")
_DUE = text("""
    SELECT c.id FROM customer_changes c
     WHERE c.effective_on <= :today
       AND NOT EXISTS (SELECT FROM customer_change_outcomes o WHERE o.change_id = c.id)
     ORDER BY c.effective_on, c.id""")


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that was taken down. ``version`` is the customer's new one, or none: it waits for its day."""

    change_id: int
    version: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """What the clock applied, what it could not (it tries again), and former names that ended."""

    applied: int = 0
    failed: int = 0
    withdrawn: int = 0
    names_ended: int = 0


def change_customer(desk: ChangeDesk, by: Authority, request: ChangeRequest) -> Asked:
    """Use case: change name, address or contact, from today, from a day that is over, or from one to come.

    Raises ``NotAllowed``, ``NotFound``, ``Merged``, :class:`rules.ChangedMeanwhile`, and all that
    :func:`rules.wanted_of` refuses.
    """
    with transaction(desk.sessions) as session:
        return ask(session, desk, by, request)


def ask(session: Session, desk: ChangeDesk, by: Authority, request: ChangeRequest) -> Asked:
    """Step: :func:`change_customer` in the caller's transaction."""
    by.must(Permission.CUSTOMERS_CHANGE)
    today, now = desk.clock.today(), desk.clock.now()
    customer = _locked(session, by, request.customer_id)
    if customer.version != request.seen_version:
        raise ChangedMeanwhile(
            f"customer {customer.id} was changed", seen=request.seen_version, version=customer.version
        )
    wanted = rules.wanted_of(
        desk.policy, request, _contact(customer), languages=desk.city.identity.languages, today=today
    )
    change = CustomerChange(
        customer_id=customer.id, effective_on=request.effective_on, wanted=wanted, reason=request.reason.strip(),
        document=request.document, document_note=request.document_note.strip(),
        forgets_old_name=request.forgets_old_name, actor_id=by.actor_id, at=now,
    )  # fmt: skip
    session.add(change)
    session.flush()
    _audit(session, "customer-change-asked", change, by.actor_id, effective_on=request.effective_on.isoformat(),
           fields=sorted(wanted), reason=change.reason, document=change.document)  # fmt: skip
    if request.effective_on > today:
        return Asked(change.id, None)
    return Asked(change.id, _apply(session, desk, change, customer, by.actor_id, now=now).version)


def withdraw_change(desk: ChangeDesk, by: Authority, change_id: int, reason: str) -> None:
    """Use case: a change that is still to come does not come.

    Raises ``NotAllowed``, ``NotFound``, ``ReasonMissing``, :class:`rules.AlreadySettled`.
    """
    by.must(Permission.CUSTOMERS_CHANGE)
    if not (words := reason.strip()):
        raise ReasonMissing("say why it does not come")
    with transaction(desk.sessions) as session:
        change = session.get(CustomerChange, change_id)
        if change is None:
            raise NotFound(f"no change {change_id}")
        must_see_customer(session, by, change.customer_id)
        _lock(session, change.customer_id)
        _withdraw(session, change, by.actor_id, words, desk.clock.now())


def apply_due_changes(desk: ChangeDesk, actor_id: int) -> Due:
    """Use case of the clock: apply changes whose day has come, each in its own transaction, and end former names.

    One that cannot be applied (somebody holds its customer) is left for the next time and keeps nothing else from
    happening. A change of one who was merged meanwhile is withdrawn, and a line in the exceptions queue says so.
    """
    today = desk.clock.today()
    with reading(desk.sessions) as session:
        due = list(session.scalars(_DUE, {"today": today}))
    outcomes = [_apply_one(desk, change_id, actor_id) for change_id in due]
    with transaction(desk.sessions) as session:
        ended = end_former_proofs(session, today)
    return Due(outcomes.count("applied"), outcomes.count("failed"), outcomes.count("withdrawn"), ended)


def _apply_one(desk: ChangeDesk, change_id: int, actor_id: int) -> str:
    try:
        with transaction(desk.sessions) as session:
            change = session.get_one(CustomerChange, change_id)
            customer = _lock(session, change.customer_id)
            if session.get(ChangeOutcome, change_id) is not None:
                return "settled"
            if customer.merged_into is not None:
                _leave_to_people(session, change, customer.merged_into, actor_id, desk.clock.now())
                return "withdrawn"
            _apply(session, desk, change, customer, actor_id, now=desk.clock.now())
            return "applied"
    except (DomainError, OperationalError):
        return "failed"


def _apply(
    session: Session, desk: ChangeDesk, change: CustomerChange, customer: Customer, actor_id: int, *, now: datetime
) -> Applied:
    """Step: write the new values, with all that follows them; the customer is locked."""
    contact = _contact(customer)
    after = {name: value for name, value in change.wanted.items() if value != contact[name]}
    before = {name: contact[name] for name in after}
    for name, value in after.items():
        setattr(customer, name, value)
    customer.version += 1
    accounts = tuple(session.scalars(_ACCOUNTS, {"customer": customer.id}))
    applied = Applied(change.id, customer.id, accounts, before, after, customer.version)
    session.add(
        ChangeOutcome(
            change_id=change.id,
            outcome="applied",
            before=before,
            after=after,
            version=customer.version,
            actor_id=actor_id,
            at=now,
        )
    )
    hold(session, accounts, before)
    _rename(session, desk, change, customer, applied)
    if "mailing_address" in after:
        lift(session, customer.id, after["mailing_address"], actor_id=actor_id, now=now, today=desk.clock.today())
    seen = {"before": rules.masked(before), "after": rules.masked(after)}
    _audit(session, "customer-changed", change, actor_id, reason=change.reason, version=customer.version, **seen)
    for follower in desk.followers:
        follower(session, applied)
    return applied


def _rename(session: Session, desk: ChangeDesk, change: CustomerChange, customer: Customer, applied: Applied) -> None:
    today = desk.clock.today()
    days = timedelta(days=desk.policy.old_name_days)
    former_until: date | None = None if change.forgets_old_name else today + days
    proofs = {"last_name": "last_name"} | (
        {"name": "business_name"} if customer.kind is CustomerKind.BUSINESS else {}
    )
    for field, kind in proofs.items():
        if field in applied.after:
            rename_proofs(
                session, applied.accounts, kind, applied.after[field],
                proof_key=desk.proof_key, former_until=former_until,
            )  # fmt: skip


def _leave_to_people(session: Session, change: CustomerChange, into: int, actor_id: int, now: datetime) -> None:
    open_exception(
        session, "change-after-merger", f"change:{change.id}",
        {"change": change.id, "customer": change.customer_id, "merged_into": into},
        "Enter the change for the customer that this one was merged into, if it still holds.",
    )  # fmt: skip
    _withdraw(session, change, actor_id, f"merged into customer {into}", now)


def _withdraw(session: Session, change: CustomerChange, actor_id: int, note: str, now: datetime) -> None:
    if session.get(ChangeOutcome, change.id) is not None:
        raise AlreadySettled(f"change {change.id} was applied or withdrawn")
    session.add(ChangeOutcome(change_id=change.id, outcome="withdrawn", note=note, actor_id=actor_id, at=now))
    _audit(session, "customer-change-withdrawn", change, actor_id, reason=note)


def _locked(session: Session, by: Authority, customer_id: int) -> Customer:
    must_see_customer(session, by, customer_id)
    customer = _lock(session, customer_id)
    if customer.merged_into is not None:
        raise Merged(f"customer {customer_id} was merged", into=customer.merged_into)
    return customer


def _lock(session: Session, customer_id: int) -> Customer:
    customer = session.scalar(select(Customer).where(Customer.id == customer_id).with_for_update())
    if customer is None:
        raise NotFound(f"no customer {customer_id}")
    return customer


def _contact(customer: Customer) -> dict[str, str]:
    return {name: getattr(customer, name) for name in CONTACT_FIELDS}


def _audit(session: Session, act: str, change: CustomerChange, actor_id: int, **details: object) -> None:
    """Values are masked as guests see them: whole they stand in the change, for who may see the customer."""
    audit.record(
        session, act, subject=("customer", change.customer_id), actor_id=actor_id, change=change.id, **details
    )
