"""Payments: what became of the money, and where it stands."""

from __future__ import annotations

from portal.verification.questions import Question

MADE_UP = Question(
    "allocations + credit + items + fee make up each payment",
    """SELECT format('%s payments, $%s and $%s fees', count(*), coalesce(round(sum(amount_cents) / 100.0, 2), 0.00),
                     coalesce(round(sum(fee_cents) / 100.0, 2), 0.00))
         FROM payments""",
    """WITH
            posted AS (
                SELECT p.journal_id,
                       -sum(p.amount_cents) FILTER (WHERE a.kind = 'asset' AND tagged) AS receivable,
                       -sum(p.amount_cents) FILTER (WHERE a.kind = 'liability' AND tagged) AS credit,
                       -sum(p.amount_cents) FILTER (WHERE a.kind <> 'asset' AND NOT tagged
                                                      AND a.id NOT IN (SELECT id FROM due_to)) AS fee
                  FROM (SELECT *, customer_account_id IS NOT NULL AS tagged FROM postings) p
                  JOIN payments USING (journal_id)
                  JOIN ledger_accounts a ON a.id = p.ledger_account_id
                 GROUP BY p.journal_id),
            allocated AS (
                SELECT l.journal_id, sum(l.amount_cents) AS cents
                  FROM allocations l JOIN payments USING (journal_id) GROUP BY l.journal_id),
            sold AS (SELECT payment_id AS id, sum(amount_cents) AS items FROM payment_items GROUP BY payment_id)
       SELECT format('payment %s of $%s and $%s fee: $%s allocated, $%s off receivables, $%s credit, $%s items, '
                     '$%s items and fee posted',
                     p.id, round(p.amount_cents / 100.0, 2), round(p.fee_cents / 100.0, 2),
                     round(coalesce(l.cents, 0) / 100.0, 2), round(coalesce(receivable, 0) / 100.0, 2),
                     round(coalesce(credit, 0) / 100.0, 2), round(coalesce(items, 0) / 100.0, 2),
                     round(coalesce(fee, 0) / 100.0, 2))
         FROM payments p LEFT JOIN posted s USING (journal_id) LEFT JOIN allocated l USING (journal_id)
         LEFT JOIN sold USING (id)
        WHERE p.amount_cents <> coalesce(l.cents, 0) + coalesce(credit, 0) + coalesce(items, 0)
           OR coalesce(l.cents, 0) <> coalesce(receivable, 0)
           OR p.fee_cents + coalesce(items, 0) <> coalesce(fee, 0)""",
)
TENDERS = Question(
    "tenders make up each payment that a person took, in an open drawer",
    """SELECT format('%s tenders, $%s', count(*), coalesce(round(sum(amount_cents) / 100.0, 2), 0.00))
         FROM payment_tenders""",
    """SELECT format('payment %s of $%s has tenders of $%s', p.id, round((p.amount_cents + p.fee_cents) / 100.0, 2),
                     round(sum(t.amount_cents) / 100.0, 2))
         FROM payments p JOIN payment_tenders t ON t.payment_id = p.id
        GROUP BY p.id HAVING sum(t.amount_cents) <> p.amount_cents + p.fee_cents
        UNION ALL
       SELECT format('tender %s of payment %s was taken back $%s', t.id, t.payment_id,
                     round(v.amount_cents / 100.0, 2))
         FROM payment_tenders t JOIN payment_reversals v ON v.tender_id = t.id
        WHERE v.amount_cents <> t.amount_cents OR v.payment_id <> t.payment_id
           OR (v.kind = 'void' AND v.drawer_id IS DISTINCT FROM t.drawer_id)
        UNION ALL
       SELECT format('payment %s entered drawer %s after it was counted', p.id, d.id)
         FROM payments p JOIN payment_tenders t ON t.payment_id = p.id JOIN drawers d ON d.id = t.drawer_id
        WHERE p.paid_at > d.counted_at""",
)
TAKEN_BACK = Question(
    "what was taken back left the city as its journal says",
    """SELECT format('%s tenders taken back, $%s', count(*), coalesce(round(sum(amount_cents) / 100.0, 2), 0.00))
         FROM payment_reversals""",
    """WITH said AS (SELECT journal_id, sum(amount_cents) AS cents FROM payment_reversals GROUP BY journal_id),
            booked AS (
                SELECT p.journal_id, -sum(p.amount_cents) AS cents
                  FROM said JOIN postings p USING (journal_id)
                 WHERE p.amount_cents < 0 AND p.fund = (SELECT min(fund) FROM ledger_accounts
                                                         WHERE id IN (SELECT id FROM due_to))
                   AND p.ledger_account_id NOT IN (SELECT id FROM due_to)
                 GROUP BY p.journal_id),
            laid AS (
                SELECT l.journal_id, -sum(l.amount_cents) AS cents
                  FROM said JOIN allocations l USING (journal_id) GROUP BY l.journal_id),
            reopened AS (
                SELECT p.journal_id, sum(p.amount_cents) AS cents
                  FROM said JOIN postings p USING (journal_id)
                  JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'asset'
                 WHERE p.customer_account_id IS NOT NULL GROUP BY p.journal_id)
       SELECT format('journal %s took back $%s; the pool gave $%s, charges were reopened by $%s, receivables by $%s',
                     journal_id, round(s.cents / 100.0, 2), round(coalesce(b.cents, 0) / 100.0, 2),
                     round(coalesce(l.cents, 0) / 100.0, 2), round(coalesce(r.cents, 0) / 100.0, 2))
         FROM said s LEFT JOIN booked b USING (journal_id) LEFT JOIN laid l USING (journal_id)
         LEFT JOIN reopened r USING (journal_id)
        WHERE s.cents <> coalesce(b.cents, 0) OR coalesce(l.cents, 0) <> coalesce(r.cents, 0)""",
)
JOURNAL = Question(
    "each payment has its journal, and each such journal its payment",
    "SELECT format('%s journals of payments', count(*)) FROM journals WHERE kind = 'payment'",
    """SELECT format('payment %s: %s', p.id,
                     CASE WHEN j.id IS NULL THEN 'its journal is not there'
                          WHEN j.kind <> 'payment' THEN format('journal %s is of kind %s', j.id, j.kind)
                          ELSE format('of %s, but its journal is of %s', p.business_day, j.business_day) END)
         FROM payments p LEFT JOIN journals j ON j.id = p.journal_id
        WHERE j.id IS NULL OR j.kind <> 'payment' OR j.business_day <> p.business_day
        UNION ALL
       SELECT format('journal %s of a payment that is not there', j.id)
         FROM journals j
        WHERE j.kind = 'payment' AND NOT EXISTS (SELECT FROM payments p WHERE p.journal_id = j.id)""",
)
CLEARING = Question(
    "processor clearing = card payments - payouts",
    """SELECT format('$%s in clearing, $%s by card, $%s paid out',
                     (SELECT coalesce(round(sum(amount_cents) / 100.0, 2), 0.00) FROM postings
                       WHERE ledger_account_id IN (SELECT id FROM clearing)),
                     coalesce(round(sum(amount_cents + fee_cents) / 100.0, 2), 0.00),
                     (SELECT coalesce(round(sum(b.amount_cents) / 100.0, 2), 0.00) FROM payout_bookings b
                       WHERE b.place = 'clearing'
                         AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = b.journal_id)))
         FROM payments WHERE tender IN ('card', 'bank_debit')""",
    """WITH
            moved AS (
                SELECT journal_id, amount_cents + fee_cents AS cents FROM payments
                 WHERE tender IN ('card', 'bank_debit')
                 UNION ALL
                SELECT journal_id, -sum(amount_cents) FROM payout_bookings
                 WHERE place = 'clearing' GROUP BY journal_id),
            cards AS (
                SELECT journal_id, cents FROM moved
                 UNION ALL
                SELECT j.id, -m.cents FROM journals j JOIN moved m ON m.journal_id = j.reverses_id),
            cleared AS (
                SELECT journal_id, sum(amount_cents) AS cents FROM postings
                 WHERE ledger_account_id IN (SELECT id FROM clearing) GROUP BY journal_id)
       SELECT format('journal %s moves $%s through clearing, but $%s by card or payout', journal_id,
                     round(coalesce(c.cents, 0) / 100.0, 2), round(coalesce(k.cents, 0) / 100.0, 2))
         FROM cards k FULL JOIN cleared c USING (journal_id)
        WHERE coalesce(k.cents, 0) <> coalesce(c.cents, 0)""",
)
POOL = Question(
    "due to funds = claims on pooled cash",
    """SELECT format('$%s due to funds', coalesce(round(-sum(amount_cents) / 100.0, 2), 0.00))
         FROM postings WHERE ledger_account_id IN (SELECT id FROM due_to)""",
    """WITH
            moved AS (
                SELECT journal_id, sum(amount_cents) AS off, sum(sum(amount_cents)) OVER () AS off_in_all
                  FROM postings
                 WHERE ledger_account_id IN (SELECT id FROM due_to UNION ALL SELECT id FROM claims)
                 GROUP BY journal_id)
       SELECT format('journal %s moves due-to and claims apart by $%s', journal_id, round(off / 100.0, 2))
         FROM moved WHERE off <> 0 AND off_in_all <> 0
        UNION ALL
       SELECT 'payments were posted, but no approved release of the city names the accounts of pooled cash'
        WHERE EXISTS (SELECT FROM payments)
          AND (NOT EXISTS (SELECT FROM due_to) OR NOT EXISTS (SELECT FROM claims)
               OR NOT EXISTS (SELECT FROM clearing))""",
)

QUESTIONS = (MADE_UP, TENDERS, TAKEN_BACK, JOURNAL, CLEARING, POOL)
