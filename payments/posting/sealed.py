"""What is sealed of a payment, with the day of its journal: the payment and its receipt, as issued."""

from __future__ import annotations

from accounts.seals.canonical import Part

PAYMENTS = Part(
    "payments",
    """SELECT j.business_day, p.journal_id, p.amount_cents + p.fee_cents,
              json_build_array(p.id, p.journal_id, p.attempt_id, p.channel, p.tender, p.tender_brand, p.tender_last4,
                               p.tender_reference, p.amount_cents, p.fee_cents, p.business_day,
                               p.paid_at AT TIME ZONE 'UTC', p.actor_id)
         FROM journals j JOIN payments p ON p.journal_id = j.id AND p.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
RECEIPTS = Part(
    "receipts",
    """SELECT j.business_day, p.journal_id, r.total_cents,
              json_build_array(r.id, r.payment_id, r.series, r.year, r.number, r.token, r.language, r.total_cents,
                               r.content, r.issued_at AT TIME ZONE 'UTC')
         FROM journals j JOIN payments p ON p.journal_id = j.id AND p.journal_id BETWEEN :low AND :high
         JOIN receipts r ON r.payment_id = p.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
TENDERS = Part(
    "tenders",
    """SELECT j.business_day, p.journal_id, t.amount_cents,
              json_build_array(t.id, t.payment_id, t.ordinal, t.kind, t.amount_cents, t.given_cents, t.brand, t.last4,
                               t.reference, t.bank, t.drawer_id)
         FROM journals j JOIN payments p ON p.journal_id = j.id AND p.journal_id BETWEEN :low AND :high
         JOIN payment_tenders t ON t.payment_id = p.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
ITEMS = Part(
    "items",
    """SELECT j.business_day, p.journal_id, i.amount_cents,
              json_build_array(i.id, i.payment_id, i.ordinal, i.code, i.name, i.quantity, i.amount_cents,
                               i.ledger_account, i.fund, i.project)
         FROM journals j JOIN payments p ON p.journal_id = j.id AND p.journal_id BETWEEN :low AND :high
         JOIN payment_items i ON i.payment_id = p.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
PAID = (PAYMENTS, RECEIPTS, TENDERS, ITEMS)
