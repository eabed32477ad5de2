"""What is sealed of a reversal, with the day of its journal: which tender was taken back, how, and on whose word."""

from __future__ import annotations

from accounts.seals.canonical import Part

REVERSALS = Part(
    "payment reversals",
    """SELECT j.business_day, v.journal_id, v.amount_cents,
              json_build_array(v.id, v.payment_id, v.number, v.tender_id, v.kind, v.amount_cents, v.journal_id,
                               v.drawer_id, v.proposal_id, v.actor_id, v.at AT TIME ZONE 'UTC', v.reason)
         FROM journals j JOIN payment_reversals v ON v.journal_id = j.id AND v.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
