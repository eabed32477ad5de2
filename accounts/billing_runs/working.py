"""Work what a run holds: read the meter again, estimate, accept with a reason, leave out. The bill is made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.billing_runs.drafting import Rules, add_to_totals, as_json, drafted, locked, ready_lines, rules_in
from accounts.billing_runs.models import BillingItem, BillingRun
from accounts.billing_runs.rules import (
    NOTHING_TO_ACCEPT,
    CannotAccept,
    Drafted,
    Event,
    NeedsAReason,
    NotInThisRun,
    Problem,
    ReadStands,
    RunChanged,
    moved,
    suggested,
)
from accounts.customer_accounts.models import CustomerAccount
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission
from accounts.utilities.gathering import Billable, gather, look_back
from accounts.utilities.starting import check_read

_METER = text("""
    SELECT m.id, m.dials FROM meters m
     WHERE m.serial = :serial AND m.premises_id = :premises AND m.installed_on <= :on
       AND (m.removed_on IS NULL OR m.removed_on >= :on)""")
_STANDS = text("SELECT EXISTS (SELECT FROM meter_reads WHERE meter_id = :meter AND read_on = :on AND kind <> :kind)")
_READ = text("""
    INSERT INTO meter_reads (meter_id, read_on, value, kind) VALUES (:meter, :on, :value, :kind)
        ON CONFLICT (meter_id, read_on, kind) DO UPDATE SET value = excluded.value""")


@dataclass(frozen=True)
class Seen:
    """The bill that somebody works, as they saw it."""

    run_id: int
    account_id: int
    version: int


@dataclass(frozen=True)
class NewRead:
    """What a meter shows, or would; without ``on`` at the end of the period."""

    serial: str
    value: int
    on: date | None = None


def reread(sessions: Sessions, by: Authority, seen: Seen, read: NewRead, *, now: datetime) -> bool:
    """Use case: the meter was read again; the read outranks every other of its day. Is the bill ready now?

    Raises ``NotAllowed``, ``NotFound``, ``BadRead``, :class:`NotInThatState`, :class:`RunChanged`,
    :class:`NotInThisRun`.
    """
    return _by_read(sessions, by, seen, read, ("reread", now))


def estimate(sessions: Sessions, by: Authority, seen: Seen, read: NewRead, *, now: datetime) -> bool:
    """Use case: what the meter would show; the next true read puts it right. Is the bill ready now?

    Raises what :func:`reread` does, and :class:`ReadStands` where the meter was read on that day.
    """
    return _by_read(sessions, by, seen, read, ("estimate", now))


def accept(sessions: Sessions, by: Authority, seen: Seen, reason: str, *, now: datetime) -> None:
    """Use case: somebody looked, and the bill is right as it is.

    Raises :class:`NeedsAReason`, :class:`CannotAccept`, and what :func:`reread` does.
    """
    words = _reason(reason)

    def act(session: Session, run: BillingRun, rules: Rules, item: BillingItem) -> None:
        del session, run, rules
        if wrong := NOTHING_TO_ACCEPT.intersection(map(Problem, item.problems)):
            raise CannotAccept("there is no bill to accept", problem=min(wrong))
        item.state, item.resolution, item.reason = "ready", "accept", words

    _work(sessions, by, seen, act, now)


def leave_out(sessions: Sessions, by: Authority, seen: Seen, reason: str, *, now: datetime) -> None:
    """Use case: this bill is not made in this run; a later run for the period takes it up.

    Raises :class:`NeedsAReason`, and what :func:`reread` does.
    """
    words = _reason(reason)

    def act(session: Session, run: BillingRun, rules: Rules, item: BillingItem) -> None:
        del session, run, rules
        item.state, item.resolution, item.reason = "left_out", "leave_out", words

    _work(sessions, by, seen, act, now)


def estimates(sessions: Sessions, run_id: int, account_id: int) -> dict[str, int | None]:
    """The meters of the place that is billed, each with what it would show by the usage of the period to compare with
    (none where that is not known)."""
    with reading(sessions) as session:
        run = session.get(BillingRun, run_id)
        account = session.get(CustomerAccount, account_id)
        if run is None or account is None:
            return {}
        rules = rules_in(session, run)
        place = Billable(account.id, account.reference, account.premises_id, account.opened_on)
        found = gather(session, [place], rules.billed.period, look_back(rules.city))
        meters = found.meters[account.premises_id]
        standing = [one for one in meters if one.removed_on is None or one.removed_on > run.period_from]
        return {one.serial: suggested(rules.billed, found.services[account.id], one) for one in standing}


def _by_read(sessions: Sessions, by: Authority, seen: Seen, read: NewRead, how: tuple[str, datetime]) -> bool:
    resolution, now = how
    kind = {"reread": "reread", "estimate": "estimated"}[resolution]
    is_ready = False

    def act(session: Session, run: BillingRun, rules: Rules, item: BillingItem) -> None:
        nonlocal is_ready
        account = session.get_one(CustomerAccount, item.customer_account_id)
        on = read.on or run.period_to
        _write_read(session, run, account.premises_id, (read.serial, on, read.value, kind))
        place = Billable(account.id, account.reference, account.premises_id, account.opened_on)
        _put(item, drafted(session, rules, [place])[account.id], resolution)
        is_ready = item.state == "ready"

    _work(sessions, by, seen, act, now, serial=read.serial, value=read.value)
    return is_ready


def _write_read(session: Session, run: BillingRun, premises_id: int | None, read: tuple[str, date, int, str]) -> None:
    serial, on, value, kind = read
    if not run.period_from <= on <= run.period_to:
        raise NotInThisRun(f"{on} is not in the period", what="day")
    meter = session.execute(_METER, {"serial": serial, "premises": premises_id, "on": on}).one_or_none()
    if meter is None:
        raise NotInThisRun(f"no meter {serial} stands there", what="meter")
    check_read(value, meter.dials)
    if kind == "estimated" and session.scalar(_STANDS, {"meter": meter.id, "on": on, "kind": kind}):
        raise ReadStands(f"meter {serial} was read on {on}")
    session.execute(_READ, {"meter": meter.id, "on": on, "value": value, "kind": kind})


def _put(item: BillingItem, bill: Drafted, resolution: str) -> None:
    """The bill as it is now. What a person estimated is not held for being estimated, but for all else."""
    problems = [one for one in bill.problems if not (resolution == "estimate" and one == Problem.ESTIMATED)]
    item.state = "held" if problems else "ready"
    item.problems = [one.value for one in problems]
    item.evidence, item.used, item.total_cents = dict(bill.evidence), bill.used, bill.total
    item.lines = [as_json(line) for line in bill.lines]
    item.resolution, item.reason = resolution, ""


def _work(
    sessions: Sessions,
    by: Authority,
    seen: Seen,
    act: Callable[[Session, BillingRun, Rules, BillingItem], None],
    now: datetime,
    **details: object,
) -> None:
    """One act on one bill: the run is locked, so its totals stay those of its bills."""
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        run = locked(session, seen.run_id)
        moved(run.state, Event.WORK)
        item = session.get(BillingItem, (seen.run_id, seen.account_id), with_for_update=True)
        if item is None or _is_hidden(session.get_one(CustomerAccount, seen.account_id), by):
            raise NotFound(f"no bill of account {seen.account_id} in run {seen.run_id}")
        if item.version != seen.version or item.state == "left_out":
            raise RunChanged("somebody worked this bill meanwhile")
        rules = rules_in(session, run)
        before, problems = ready_lines(item), list(item.problems)
        act(session, run, rules, item)
        item.worked_by, item.worked_at, item.version = by.actor_id, now, item.version + 1
        add_to_totals(session, rules.city, run.id, [before], sign=-1)
        add_to_totals(session, rules.city, run.id, [ready_lines(item)])
        audit.record(
            session, "bill-worked", subject=("account", seen.account_id), actor_id=by.actor_id, run=run.id,
            how=item.resolution, problems=problems, reason=item.reason, **details,
        )  # fmt: skip


def _is_hidden(account: CustomerAccount, by: Authority) -> bool:
    return (account.is_protected and not by.may(Permission.PROTECTED_SEE)) or (
        account.is_restricted and not by.may(Permission.RESTRICTED_SEE)
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise NeedsAReason("say why")
    return reason.strip()
