"""What is sealed of a payout, with the day of its journal: where each movement was booked."""

from __future__ import annotations

from accounts.seals.canonical import Part

BOOKINGS = Part(
    "payout_bookings",
    """SELECT j.business_day, b.journal_id, b.amount_cents,
              json_build_array(b.journal_id, b.movement_id, b.place, b.payout_id, b.amount_cents, b.fee_cents)
         FROM journals j JOIN payout_bookings b ON b.journal_id = j.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
PAID_OUT = (BOOKINGS,)
