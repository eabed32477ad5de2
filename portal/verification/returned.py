"""Payments that came back: each is a reversal of its tender, and its fee is the charge that it names."""

from __future__ import annotations

from portal.verification.questions import Question

RETURNED = Question(
    "each returned payment is a reversal of its tender, and its fee a charge",
    "SELECT format('%s returned payments', count(*)) FROM returned_payments",
    """SELECT format('return %s of tender %s is $%s; its reversal %s', b.id, b.tender_id,
                     round(b.amount_cents / 100.0, 2),
                     coalesce(format('is $%s, %s', round(v.amount_cents / 100.0, 2), v.kind), 'is not there'))
         FROM returned_payments b
         LEFT JOIN payment_reversals v ON v.id = b.reversal_id AND v.tender_id = b.tender_id
        WHERE v.id IS NULL OR v.kind <> 'returned' OR v.amount_cents <> b.amount_cents
        UNION ALL
       SELECT format('return %s has a fee of $%s; its charge asks $%s', b.id, round(b.fee_cents / 100.0, 2),
                     round(coalesce(c.amount_cents, 0) / 100.0, 2))
         FROM returned_payments b LEFT JOIN charges c ON c.id = b.fee_charge_id
        WHERE b.fee_cents <> coalesce(c.amount_cents, 0)
        UNION ALL
       SELECT format('return %s of $%s was on accounts with $%s', b.id, round(b.amount_cents / 100.0, 2),
                     round(sum(e.amount_cents) / 100.0, 2))
         FROM returned_payments b JOIN returned_accounts e ON e.returned_payment_id = b.id
        GROUP BY b.id HAVING sum(e.amount_cents) > b.amount_cents""",
)

QUESTIONS = (RETURNED,)
