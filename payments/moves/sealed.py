"""What is sealed of a move, with the day of its journals: which payment, from where to where, on whose word."""

from __future__ import annotations

from accounts.seals.canonical import Part

MOVES = Part(
    "moves",
    """SELECT j.business_day, m.journal_out, m.amount_cents,
              json_build_array(m.id, m.payment_id, m.number, m.from_account_id, m.to_account_id, m.amount_cents,
                               m.journal_out, m.journal_in, m.proposal_id, m.moved_at AT TIME ZONE 'UTC')
         FROM journals j JOIN moves m ON m.journal_out = j.id AND m.journal_out BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
