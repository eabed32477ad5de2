"""Put the bills of a posted run on paper: they are counted, then the list of who gets one is frozen as it was seen.

People ask, jobs do: counting goes on where it was cut, batch by batch; freezing is one transaction or none.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, kill_points, outbox
from accounts.bill_printings.deciding import COLUMNS, batch, batches, counted
from accounts.bill_printings.models import BillPrinting
from accounts.bill_printings.rules import (
    PART,
    AlreadyBegun,
    Counts,
    Event,
    ListChanged,
    NothingToPrint,
    NotPosted,
    Outcome,
    State,
    counts_of,
    moved,
)
from accounts.billing_runs.drafting import locked as locked_run
from accounts.billing_runs.models import BillingRun
from accounts.billing_runs.rules import State as RunState
from accounts.bulk import copy_rows
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission

SUBJECT = "bill_printing"
TO_COUNT, TO_FREEZE, BEGUN = "bill_printing_to_count", "bill_printing_to_freeze", "bill_printing_begun"
"""Facts: bills wait to be counted, a list to be frozen, files to be made."""
_KNOWN = text("SELECT id FROM bill_printings WHERE billing_run_id = :run")
_FREEZING = text("SELECT billing_run_id FROM bill_printings WHERE id = :id AND state = 'freezing'")
_BILLS = text("SELECT count(*) FROM billing_items WHERE run_id = :run AND state = 'posted'")
_DRAFT = text("""
    CREATE TEMPORARY TABLE bill_printing_draft (
        bill_id bigint, customer_account_id bigint, outcome text, reason text, consent_id bigint, language text,
        name text, address text[], service_address text, amount_cents bigint, open_cents bigint, zip text, walk text
    ) ON COMMIT DROP""")
_FREEZE = text("""
    INSERT INTO bill_printing_items (bill_id, printing_id, customer_account_id, outcome, reason, consent_id, sequence,
                                     part, language, name, address, service_address, amount_cents, open_cents)
    SELECT bill_id, :printing, customer_account_id, outcome, reason, consent_id, place, (place - 1) / :size + 1,
           language, name, address, service_address, amount_cents, open_cents
      FROM (SELECT *, CASE WHEN outcome = 'printed' THEN row_number() OVER (
                               PARTITION BY outcome ORDER BY zip = '', zip COLLATE "C", walk COLLATE "C", bill_id)
                      END AS place
              FROM bill_printing_draft) d""")


def begin(sessions: Sessions, by: Authority, run_id: int, *, now: datetime) -> int:
    """Use case: the bills of a posted run are to go on paper; a job counts them. The printing's id.

    Raises ``NotAllowed``, ``NotFound``, :class:`rules.NotPosted`, :class:`rules.AlreadyBegun`.
    """
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        run = _posted(session, run_id)
        known = session.scalar(_KNOWN, {"run": run_id})
        if known is not None:
            raise AlreadyBegun(f"run {run_id} is printed by {known}", printing=known)
        printing = BillPrinting(
            billing_run_id=run_id, city_release_id=run.city_release_id, state=State.COUNTING.value, part_size=PART,
            bills=session.scalar(_BILLS, {"run": run_id}), begun_by=by.actor_id, begun_at=now,
        )  # fmt: skip
        session.add(printing)
        session.flush()
        _note(session, "bill-printing-begun", printing, by.actor_id, run=run_id)
        outbox.announce(session, TO_COUNT, priority=outbox.SOMEBODY_WAITS, printing_id=printing.id)
        return printing.id


def count_again(sessions: Sessions, by: Authority, printing_id: int) -> None:
    """Use case: the bills are counted anew, as somebody may have chosen otherwise; while they are, nothing more.

    Raises ``NotAllowed``, ``NotFound``, :class:`rules.PrintingMovedOn`.
    """
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        printing = _locked(session, printing_id)
        if printing.state == State.COUNTING:
            return
        printing.state = moved(printing.state, Event.COUNT).value
        printing.counts, printing.last_account_id, printing.counted_at = {}, 0, None
        printing.has_changed = False
        _note(session, "bill-printing-counted-again", printing, by.actor_id)
        outbox.announce(session, TO_COUNT, priority=outbox.SOMEBODY_WAITS, printing_id=printing.id)


def count(sessions: Sessions, printing_id: int, *, now: datetime) -> None:
    """Use case: count what is not counted yet; may be cut and begun again at any point. Past it, nothing changes."""
    while _count_batch(sessions, printing_id, now):
        kill_points.reached("bill-printings.batch-counted")


def ask_to_freeze(sessions: Sessions, by: Authority, printing_id: int, *, seen: int) -> None:
    """Use case: the list is to be frozen as it was counted; a job does it. Asked twice it is asked once.

    ``seen``: how many bills were shown as printed. Raises ``NotAllowed``, ``NotFound``,
    :class:`rules.PrintingMovedOn`, :class:`rules.NothingToPrint`, :class:`rules.ListChanged`.
    """
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        printing = _locked(session, printing_id)
        if printing.state == State.FREEZING and printing.seen == seen:
            return
        after = moved(printing.state, Event.FREEZE)
        printed = counts_of(printing.counts).printed.bills
        if not printed:
            raise NothingToPrint(f"no bill of printing {printing_id} goes on paper")
        if printed != seen:
            raise ListChanged(f"{printed} would be printed, not {seen}")
        printing.state, printing.seen, printing.frozen_by = after.value, seen, by.actor_id
        printing.has_changed = False
        outbox.announce(session, TO_FREEZE, priority=outbox.SOMEBODY_WAITS, printing_id=printing.id)


def freeze(sessions: Sessions, printing_id: int, *, today: date, now: datetime) -> bool:
    """Use case: the list is frozen, all of it or nothing, and its files wait to be made; whether it was frozen now.

    It is not where the list has become another one than was seen: its new counts are kept, and somebody looks again.
    The printing is locked only once every bill is decided: of two workers the second one finds it done.
    """
    with transaction(sessions) as session:
        run_id = session.scalar(_FREEZING, {"id": printing_id})
        if run_id is None:
            return False
        counts = _written(session, run_id)
        printing = _locked(session, printing_id)
        if printing.state != State.FREEZING:
            return False
        printing.counts, printing.counted_at = counts.as_json(), now
        if counts.printed.bills != printing.seen:
            _give_back(session, printing, counts)
            return False
        _freeze(session, printing, counts, today, now)
        kill_points.reached("bill-printings.freezing")
    kill_points.reached("bill-printings.frozen")
    return True


def _count_batch(sessions: Sessions, printing_id: int, now: datetime) -> bool:
    """Whether there may be more."""
    with transaction(sessions) as session:
        printing = _locked(session, printing_id)
        if printing.state != State.COUNTING:
            return False
        rows = batch(session, printing.billing_run_id, printing.last_account_id)
        if rows:
            printing.counts = (counts_of(printing.counts) + counted(rows)).as_json()
            printing.last_account_id = rows[-1][1]
        else:
            printing.state, printing.counted_at = moved(printing.state, Event.COUNTED).value, now
        return bool(rows)


def _written(session: Session, run_id: int) -> Counts:
    """Each bill of the run with what becomes of it, in a table of this transaction."""
    session.execute(_DRAFT)
    counts = Counts()
    for rows in batches(session, run_id):
        copy_rows(session, "bill_printing_draft", COLUMNS, rows)
        counts += counted(rows)
    return counts


def _freeze(session: Session, printing: BillPrinting, counts: Counts, today: date, now: datetime) -> None:
    session.execute(_FREEZE, {"printing": printing.id, "size": printing.part_size})
    printing.state = moved(printing.state, Event.FROZEN).value
    printing.parts = -(-counts.printed.bills // printing.part_size)
    printing.frozen_on, printing.frozen_at = today, now
    _note(session, "bill-printing-frozen", printing, printing.frozen_by, **_numbers(counts))
    outbox.announce(session, BEGUN, printing_id=printing.id)


def _give_back(session: Session, printing: BillPrinting, counts: Counts) -> None:
    _note(session, "bill-printing-changed", printing, printing.frozen_by, seen=printing.seen, **_numbers(counts))
    printing.state = moved(printing.state, Event.CHANGED).value
    printing.has_changed, printing.frozen_by = True, None


def _numbers(counts: Counts) -> dict[str, int]:
    return {outcome.value: counts.of(outcome).bills for outcome in Outcome}


def _posted(session: Session, run_id: int) -> BillingRun:
    run = locked_run(session, run_id)
    if run.state != RunState.POSTED:
        raise NotPosted(f"run {run_id} is {run.state}", state=run.state)
    return run


def _locked(session: Session, printing_id: int) -> BillPrinting:
    printing = session.get(BillPrinting, printing_id, with_for_update=True, populate_existing=True)
    if printing is None:
        raise NotFound(f"no printing {printing_id}")
    return printing


def _note(session: Session, act: str, printing: BillPrinting, by: int | None, **details: object) -> None:
    audit.record(session, act, subject=(SUBJECT, printing.id), actor_id=by, **details)
