"""Orphans both ways: charges without a payment in the books, payments that the processor does not know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import SYSTEM, actor_id
from accounts.exceptions.service import NewException, open_exceptions
from accounts.ledger.rules import JournalDraft, Source
from accounts.ledger.service import open_business_day, post
from accounts.money import Money
from payments.payouts import storing
from payments.payouts.queries import LIVE, PAID
from payments.payouts.rules import Booking, Place, Terms, found_lines

GRACE = timedelta(hours=1)
"""So long after a charge its payment may still be on its way into the books."""
PATIENCE = timedelta(days=1)
"""So long after a payment its charge may still be unknown to the processor's list."""
_FOUND = text(f"""
    SELECT DISTINCT ON (m.payment_intent_id) m.id, b.payout_id, m.payment_intent_id, b.cents
      FROM (SELECT b.movement_id, b.payout_id, sum(b.amount_cents)::bigint AS cents
              FROM payout_bookings b WHERE b.place = 'suspense' AND {LIVE}
             GROUP BY b.movement_id, b.payout_id HAVING sum(b.amount_cents) > 0) b
      JOIN payout_movements m ON m.id = b.movement_id AND m.type IN ('charge', 'payment')
     WHERE {PAID} = b.cents AND m.amount_cents = b.cents
       AND NOT EXISTS (SELECT FROM payout_movements o JOIN payout_bookings b ON b.movement_id = o.id
                        WHERE o.payment_intent_id = m.payment_intent_id AND b.place = 'clearing'
                          AND b.amount_cents > 0 AND {LIVE})
     ORDER BY m.payment_intent_id, m.id""")  # noqa: S608 - our own words
_LOCK = text("SELECT id FROM payouts WHERE id = ANY (CAST(:ids AS text[])) ORDER BY id FOR UPDATE")
_STRANGE_CHARGES = text(f"""
    SELECT m.id, m.payment_intent_id, m.charge_id, m.amount_cents, m.created_at
      FROM payout_movements m
     WHERE m.type IN ('charge', 'payment')
       AND m.created_at >= :since AND m.created_at < :until AND {PAID} IS NULL
     ORDER BY m.id""")  # noqa: S608
_STRANGE_PAYMENTS = text("""
    SELECT p.id, p.tender_reference, p.amount_cents + p.fee_cents AS cents, p.paid_at
      FROM payments p
     WHERE p.tender = 'card' AND p.tender_reference <> '' AND p.paid_at >= :since AND p.paid_at < :until
       AND NOT EXISTS (SELECT FROM payout_movements m WHERE m.payment_intent_id = p.tender_reference)
       AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = p.journal_id)
     ORDER BY p.id""")


def place_found(session: Session, terms: Terms, today: date) -> int:
    """Step: money in suspense whose payment has entered the books since then moves to clearing, where it belongs."""
    wanted = session.execute(_FOUND).all()
    if not wanted:
        return 0
    session.execute(_LOCK, {"ids": sorted({row.payout_id for row in wanted})})
    found = session.execute(_FOUND).all()  # under lock: another reading may have been here
    day = open_business_day(session, today)
    for row in found:
        _move(session, row, terms, day)
    return len(found)


def _move(session: Session, row: Any, terms: Terms, day: date) -> None:
    amount, system = Money(row.cents), actor_id(session, SYSTEM)
    draft = JournalDraft(
        kind="payout-found",
        source=Source("payout_movement", f"{row.payout_id}:{row.id}", "found"),
        effective_on=day,
        actor_id=system,
        lines=found_lines(amount, terms),
        memo=f"payment of {row.payment_intent_id} found",
    )
    journal_id = post(session, draft, business_day=day)
    bookings: Sequence[Booking] = (
        Booking(row.id, Place.SUSPENSE, -amount),
        Booking(row.id, Place.CLEARING, amount),
    )
    storing.keep_bookings(session, journal_id, row.payout_id, bookings)
    audit.record(session, "payout.found", subject=("payout", row.payout_id), actor_id=system, movement=row.id)


def name_strangers(session: Session, since: datetime, until: datetime) -> None:
    """Step: open a line for each charge of a window without a payment, and each payment without a charge."""
    charges = session.execute(_STRANGE_CHARGES, {"since": since, "until": until - GRACE})
    payments = session.execute(_STRANGE_PAYMENTS, {"since": since, "until": until - PATIENCE})
    open_exceptions(session, [*map(_charge, charges), *map(_payment, payments)])


def _charge(row: Any) -> NewException:
    evidence: dict[str, object] = {
        "movement": row.id,
        "charge": row.charge_id,
        "amount_cents": row.amount_cents,
        "created_at": row.created_at.isoformat(),
    }
    if row.payment_intent_id:
        return storing.orphan(row.payment_intent_id, evidence)
    return storing.unknown_movement(row.id, evidence)


def _payment(row: Any) -> NewException:
    return NewException(
        "posted-unpaid",
        row.tender_reference,
        {"payment": row.id, "amount_cents": row.cents, "paid_at": row.paid_at.isoformat()},
        "The books have a card payment that the processor's list does not show. Ask the processor for it.",
    )
