"""Receipts: one for each payment, numbered without gaps, saying what was paid."""

from __future__ import annotations

from portal.verification.questions import Question

ONE_EACH = Question(
    "each payment has one receipt",
    "SELECT format('%s receipts', count(*)) FROM receipts",
    """SELECT format('payment %s has %s receipts', p.id, count(r.id))
         FROM payments p LEFT JOIN receipts r ON r.payment_id = p.id GROUP BY p.id HAVING count(r.id) <> 1
        UNION ALL
       SELECT format('receipt %s-%s-%s is for payment %s, which is not there', r.series, r.year,
                     lpad(r.number::text, 6, '0'), r.payment_id)
         FROM receipts r WHERE NOT EXISTS (SELECT FROM payments p WHERE p.id = r.payment_id)""",
)
GAPS = Question(
    "receipt numbers have no gap, and their counters agree",
    """SELECT coalesce(string_agg(format('%s-%s to %s', series, year, last_number), ', '
                                ORDER BY series, year), 'none')
         FROM receipt_series""",
    """SELECT format('%s-%s: %s is followed by %s', series, year, before, number)
         FROM (SELECT series, year, number,
                      lag(number, 1, 0::bigint) OVER (PARTITION BY series, year ORDER BY number) AS before
                 FROM receipts) AS numbered
        WHERE number <> before + 1
        UNION ALL
       SELECT format('%s-%s: the counter stands at %s, the last receipt at %s', series, year,
                     coalesce(s.last_number::text, 'nothing'), coalesce(r.last, 0))
         FROM receipt_series s
         FULL JOIN (SELECT series, year, max(number) AS last FROM receipts GROUP BY series, year) r
        USING (series, year)
        WHERE s.last_number IS DISTINCT FROM coalesce(r.last, 0)""",
)
TOTALS = Question(
    "receipts say what was paid",
    """SELECT format('$%s on receipts', coalesce(round(sum(total_cents) / 100.0, 2), 0.00)) FROM receipts""",
    """SELECT format('receipt %s-%s-%s says $%s (its text $%s); the payment was $%s with the fee', r.series, r.year,
                     lpad(r.number::text, 6, '0'), round(r.total_cents / 100.0, 2),
                     round((r.content ->> 'total_cents')::bigint / 100.0, 2),
                     round((p.amount_cents + p.fee_cents) / 100.0, 2))
         FROM receipts r JOIN payments p ON p.id = r.payment_id
        WHERE r.total_cents <> p.amount_cents + p.fee_cents
           OR (r.content ->> 'total_cents')::bigint IS DISTINCT FROM r.total_cents
           OR (r.content ->> 'amount_cents')::bigint IS DISTINCT FROM p.amount_cents
        UNION ALL
       SELECT format('receipt %s-%s-%s: its accounts and items come to $%s of $%s', series, year,
                     lpad(number::text, 6, '0'),
                     round(said / 100.0, 2), round(amount_cents / 100.0, 2))
         FROM (SELECT r.series, r.year, r.number, p.amount_cents, (
                        SELECT coalesce(sum((a ->> 'credit_cents')::bigint + coalesce((
                                   SELECT sum((l ->> 'cents')::bigint)
                                     FROM jsonb_array_elements(a -> 'lines') AS l), 0)), 0)
                          FROM jsonb_array_elements(r.content -> 'accounts') AS a)
                      + (SELECT coalesce(sum((i ->> 'cents')::bigint), 0)
                           FROM jsonb_array_elements(coalesce(r.content -> 'items', '[]')) AS i) AS said
                 FROM receipts r JOIN payments p ON p.id = r.payment_id) AS told
        WHERE said <> amount_cents
        UNION ALL
       SELECT format('receipt %s-%s-%s: its tenders come to $%s of $%s', r.series, r.year,
                     lpad(r.number::text, 6, '0'), round(sum((t ->> 'cents')::bigint) / 100.0, 2),
                     round(r.total_cents / 100.0, 2))
         FROM receipts r CROSS JOIN LATERAL jsonb_array_elements(r.content -> 'tenders') AS t
        GROUP BY r.id HAVING sum((t ->> 'cents')::bigint) <> r.total_cents""",
)

QUESTIONS = (ONE_EACH, GAPS, TOTALS)
