"""What people decide about a run: it was reviewed, it may be posted, it goes back, or it is not made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, outbox
from accounts.billing_runs.drafting import SUBJECT, locked
from accounts.billing_runs.models import BillingRun
from accounts.billing_runs.rules import (
    Event,
    NothingToBill,
    OwnRun,
    RunChanged,
    StillHeld,
    moved,
    must_be_another,
)
from accounts.database import Sessions, transaction
from accounts.money import Money
from accounts.staff.rules import Authority, Permission

APPROVED = "billing_run_approved"
"""The fact that a run waits to be posted."""
_COUNTS = text("""
    SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'ready')
      FROM billing_items WHERE run_id = :run""")
_TOTAL = text("SELECT coalesce(sum(amount_cents), 0) FROM billing_totals WHERE run_id = :run")
_WORKED_BY = text("SELECT DISTINCT worked_by FROM billing_items WHERE run_id = :run AND worked_by IS NOT NULL")
_CANCEL = text("""
    WITH gone AS (UPDATE billing_totals SET lines = 0, amount_cents = 0 WHERE run_id = :run)
    UPDATE billing_items SET state = 'left_out', resolution = 'canceled', lines = NULL, version = version + 1
     WHERE run_id = :run""")


def review(sessions: Sessions, by: Authority, run_id: int, *, seen: Money, now: datetime) -> None:
    """Use case: somebody looked through the draft; nothing of it is changed any more.

    Raises ``NotAllowed``, ``NotFound``, ``NotInThatState``, :class:`StillHeld`, :class:`NothingToBill`, or
    :class:`RunChanged` where the total is not the one that was seen.
    """
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        run = locked(session, run_id)
        after = moved(run.state, Event.REVIEW)
        held, ready = session.execute(_COUNTS, {"run": run_id}).one()
        if held:
            raise StillHeld(f"{held} bills are held", held=held)
        if not ready:
            raise NothingToBill("no bill is ready")
        _must_be_seen(session, run_id, seen)
        run.state, run.reviewed_by, run.reviewed_at = after.value, by.actor_id, now
        _note(session, "billing-run-reviewed", run, by, total=str(seen), bills=ready)


def reopen(sessions: Sessions, by: Authority, run_id: int) -> None:
    """Use case: back to work, as something has to be changed. Raises ``NotAllowed`` and ``NotInThatState``."""
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        run = locked(session, run_id)
        run.state = moved(run.state, Event.REOPEN).value
        run.reviewed_by = run.reviewed_at = None
        _note(session, "billing-run-reopened", run, by)


def approve(sessions: Sessions, by: Authority, run_id: int, *, seen: Money, now: datetime) -> None:
    """Use case: another person lets the run be posted; the posting itself is done by a job.

    Raises ``NotAllowed``, ``NotInThatState``, :class:`RunChanged`, and :class:`OwnRun` (with an audit line) for
    whoever made, reviewed or worked it.
    """
    by.must(Permission.BILLS_APPROVE)
    try:
        with transaction(sessions) as session:
            run = locked(session, run_id)
            after = moved(run.state, Event.APPROVE)
            must_be_another(
                by.actor_id, run.made_by, run.reviewed_by, list(session.scalars(_WORKED_BY, {"run": run_id}))
            )
            _must_be_seen(session, run_id, seen)
            run.state, run.approved_by, run.approved_at = after.value, by.actor_id, now
            _note(session, "billing-run-approved", run, by, total=str(seen))
            outbox.announce(session, APPROVED, run_id=run_id)
    except OwnRun:
        with transaction(sessions) as session:
            audit.record(session, "decision-refused", subject=(SUBJECT, run_id), actor_id=by.actor_id, why="OwnRun")
        raise


def cancel(sessions: Sessions, by: Authority, run_id: int, *, now: datetime) -> None:
    """Use case: the run is not made; its accounts are free for another. Raises ``NotAllowed``, ``NotInThatState``."""
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        run = locked(session, run_id)
        run.state = moved(run.state, Event.CANCEL).value
        run.canceled_by, run.canceled_at = by.actor_id, now
        session.execute(_CANCEL, {"run": run_id})
        _note(session, "billing-run-canceled", run, by)


def _must_be_seen(session: Session, run_id: int, seen: Money) -> None:
    now = Money(int(session.scalar(_TOTAL, {"run": run_id}) or 0))
    if now != seen:
        raise RunChanged(f"the run comes to {now}, not {seen}")


def _note(session: Session, act: str, run: BillingRun, by: Authority, **details: object) -> None:
    audit.record(session, act, subject=(SUBJECT, run.id), actor_id=by.actor_id, **details)
