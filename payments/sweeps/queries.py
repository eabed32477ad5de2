"""What is due to be swept, and what sweeps have found (for the close of a day, the status and the next sweep)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from accounts.exceptions.rules import STRANGE_MONEY
from accounts.money import Money
from payments.attempts.models import Attempt, Payment
from payments.attempts.rules import LIVE
from payments.sweeps.models import SweepRun

_AT_ONCE = 1_000
_OUTDATED = text("""
    SELECT DISTINCT a.token
      FROM attempts a
      JOIN attempt_lines l ON l.attempt_id = a.id
     WHERE a.state = 'open' AND a.session_id IS NOT NULL
       AND l.amount_cents <= (SELECT coalesce(sum((q ->> 'open')::bigint), 0) FROM jsonb_array_elements(l.quoted) q)
       AND l.amount_cents > (SELECT coalesce(sum(c.open_cents), 0) FROM charges c
                              WHERE c.customer_account_id = l.customer_account_id AND c.open_cents > 0)
     LIMIT 500""")
_OWNERS = text("""
    SELECT p.tender_reference FROM payments p WHERE p.tender = 'card' AND p.tender_reference = ANY (:intents)
     UNION ALL
    SELECT e.subject FROM exception_lines e
     WHERE e.kind = ANY (:strange)
       AND e.subject = ANY (:intents)""")
_LEFT = text("""
    SELECT (SELECT count(*) FROM attempts
             WHERE state IN ('sending', 'open', 'processing', 'unknown')
               AND coalesce(next_check_at, created_at) <= :now
               AND NOT (state = 'unknown' AND session_id IS NOT NULL))
         + (SELECT count(*) FROM processor_events WHERE state = 'received' AND created_at < :now)""")
"""An attempt whose money went into the exceptions queue stays unknown and is not waited for."""


@dataclass(frozen=True)
class LastSweep:
    """The newest finished sweep of a kind."""

    kind: str
    started_at: datetime
    finished_at: datetime
    clean: bool
    found: dict[str, object]


def clean_through(session: Session) -> datetime | None:
    """All money that moved before this moment is in the books or in the exceptions queue; None: never swept clean.

    The start of the newest clean frequent sweep: it read the processor's events up to then and found nothing left.
    """
    return session.scalar(
        select(func.max(SweepRun.started_at)).where(SweepRun.kind == "frequent", SweepRun.clean.is_(True))
    )


def events_read_through(session: Session) -> datetime | None:
    """Up to when the processor's list of events has been read."""
    return session.scalar(select(func.max(SweepRun.events_through)))


def last_sweep(session: Session, kind: str) -> LastSweep | None:
    """The newest sweep of a kind that came to its end, if there was any."""
    run = session.scalar(
        select(SweepRun)
        .where(SweepRun.kind == kind, SweepRun.finished_at.is_not(None))
        .order_by(SweepRun.started_at.desc(), SweepRun.id.desc())
        .limit(1)
    )
    if run is None or run.finished_at is None:
        return None
    return LastSweep(run.kind, run.started_at, run.finished_at, bool(run.clean), run.found)


@dataclass(frozen=True)
class CardPayment:
    """A card payment of the books, as it is looked for at the processor."""

    payment_id: int
    payment_intent_id: str
    total: Money
    paid_at: datetime


def due_attempts(session: Session, now: datetime) -> list[str]:
    """Attempts to ask about, longest waiting first; more than fit into one sweep wait for the next."""
    when = func.coalesce(Attempt.next_check_at, Attempt.created_at)
    return list(
        session.scalars(
            select(Attempt.id)
            .where(Attempt.state.in_(LIVE), or_(Attempt.next_check_at.is_(None), Attempt.next_check_at <= now))
            .order_by(when)
            .limit(_AT_ONCE)
        )
    )


def still_due(session: Session, now: datetime) -> int:
    """Attempts and events that were due by then and are not done with."""
    return int(session.execute(_LEFT, {"now": now}).scalar_one())


def outdated_pages(session: Session) -> list[str]:
    """Links of attempts whose open page asks for money that is not owed any more (somebody else paid, or it changed).

    Only where the whole would surprise: who chose to pay more than is owed may do so.
    """
    return list(session.scalars(_OUTDATED))


def owners(session: Session, intents: Sequence[str]) -> frozenset[str]:
    """Which of these payment intents stand in the books or in the exceptions queue."""
    return frozenset(session.scalars(_OWNERS, {"intents": list(intents), "strange": list(STRANGE_MONEY)}))


def card_payments(session: Session, since: datetime, until: datetime) -> Iterator[CardPayment]:
    """Card payments of the books paid from ``since`` until just before ``until``, streamed."""
    rows = session.execute(
        select(Payment.id, Payment.tender_reference, Payment.amount_cents, Payment.fee_cents, Payment.paid_at)
        .where(Payment.tender == "card", Payment.paid_at >= since, Payment.paid_at < until)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in rows:
        yield CardPayment(row.id, row.tender_reference, row.amount_cents + row.fee_cents, row.paid_at)
