"""What is sealed of a return, with the day of its reversal: what the bank said, and what followed."""

from __future__ import annotations

from accounts.seals.canonical import Part

RETURNED = Part(
    "returned payments",
    """SELECT j.business_day, v.journal_id, b.amount_cents,
              json_build_array(b.id, b.payment_id, b.tender_id, b.reversal_id, b.reason, b.amount_cents,
                               b.returned_on, b.bank_reference, b.earlier, b.fee_cents, b.fee_charge_id, b.no_fee,
                               b.actor_id, b.at AT TIME ZONE 'UTC')
         FROM journals j JOIN payment_reversals v ON v.journal_id = j.id AND v.journal_id BETWEEN :low AND :high
         JOIN returned_payments b ON b.reversal_id = v.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
