"""Payouts: what the processor sent to the bank, of which payments, at what fees, and what nobody has explained."""

from __future__ import annotations

from payments.payouts.finding import GRACE, PATIENCE
from payments.payouts.queries import LIVE, STRANGE
from portal.verification.questions import Question

_OWN = "m.source_id = m.payout_id AND m.type IN ('payout', 'payout_failure', 'payout_cancel')"
_PAID = """(SELECT p.amount_cents + p.fee_cents FROM payments p
             WHERE p.tender_reference = m.payment_intent_id AND m.payment_intent_id <> ''
               AND p.tender IN ('card', 'bank_debit') LIMIT 1)"""

EXACT = Question(
    "each posted payout = its movements = its journal",
    f"""SELECT format('%s payouts, %s posted, $%s to the bank, $%s fees', (SELECT count(*) FROM payouts),
                     count(DISTINCT b.journal_id) FILTER (WHERE j.kind = 'payout'),
                     coalesce(round(sum(b.amount_cents - b.fee_cents) / 100.0, 2), 0.00),
                     coalesce(round(sum(b.fee_cents) / 100.0, 2), 0.00))
         FROM payout_bookings b JOIN journals j ON j.id = b.journal_id WHERE {LIVE}""",  # noqa: S608
    f"""WITH
            posted AS (
                SELECT j.id AS journal, s.source_id AS payout, r.id AS reversal
                  FROM journals j
                  LEFT JOIN source_effects s ON s.journal_id = j.id AND s.source_kind = 'payout'
                                            AND s.effect = 'post'
                  LEFT JOIN journals r ON r.reverses_id = j.id
                 WHERE j.kind = 'payout'),
            listed AS (
                SELECT m.payout_id, sum(m.net_cents) AS cents FROM payout_movements m
                 WHERE NOT ({_OWN}) GROUP BY m.payout_id),
            booked AS (
                SELECT journal_id, sum(amount_cents - fee_cents) AS net, sum(fee_cents) AS fees
                  FROM payout_bookings GROUP BY journal_id),
            moved AS (
                SELECT p.journal_id,
                       sum(p.amount_cents) FILTER (WHERE p.ledger_account_id IN (SELECT id FROM bank)) AS net,
                       sum(p.amount_cents)
                           FILTER (WHERE p.ledger_account_id IN (SELECT id FROM processor_fees)) AS fees
                  FROM postings p JOIN journals j ON j.id = p.journal_id
                 WHERE j.kind IN ('payout', 'payout-found') GROUP BY p.journal_id)
       SELECT format('payout %s is of $%s, its movements come to $%s', o.id, round(o.amount_cents / 100.0, 2),
                     round(coalesce(l.cents, 0) / 100.0, 2))
         FROM posted p JOIN payouts o ON o.id = p.payout LEFT JOIN listed l ON l.payout_id = o.id
        WHERE o.amount_cents <> coalesce(l.cents, 0)
        UNION ALL
       SELECT format('payout %s is of $%s, journal %s books $%s', o.id, round(o.amount_cents / 100.0, 2), p.journal,
                     round(coalesce(b.net, 0) / 100.0, 2))
         FROM posted p JOIN payouts o ON o.id = p.payout LEFT JOIN booked b ON b.journal_id = p.journal
        WHERE o.amount_cents <> coalesce(b.net, 0)
        UNION ALL
       SELECT format('journal %s moves $%s to the bank and $%s to fees, but books $%s and $%s', journal_id,
                     round(coalesce(m.net, 0) / 100.0, 2), round(coalesce(m.fees, 0) / 100.0, 2),
                     round(coalesce(b.net, 0) / 100.0, 2), round(coalesce(b.fees, 0) / 100.0, 2))
         FROM moved m FULL JOIN booked b USING (journal_id)
        WHERE (coalesce(m.net, 0), coalesce(m.fees, 0)) <> (coalesce(b.net, 0), coalesce(b.fees, 0))
        UNION ALL
       SELECT format('movement %s is of $%s net, but $%s in journal %s', m.id, round(m.net_cents / 100.0, 2),
                     round((b.amount_cents - b.fee_cents) / 100.0, 2), b.journal_id)
         FROM payout_bookings b JOIN posted p ON p.journal = b.journal_id
         JOIN payout_movements m ON m.id = b.movement_id
        WHERE m.net_cents <> b.amount_cents - b.fee_cents
        UNION ALL
       SELECT format('journal %s is of payout %s, which is not there', p.journal, coalesce(p.payout, 'nobody knows'))
         FROM posted p WHERE NOT EXISTS (SELECT FROM payouts o WHERE o.id = p.payout)
        UNION ALL
       SELECT format('payout %s is %s, but journal %s %s', o.id, o.status, p.journal,
                     CASE WHEN p.reversal IS NULL THEN 'stands' ELSE 'was reversed' END)
         FROM posted p JOIN payouts o ON o.id = p.payout
        WHERE (o.status = 'paid') <> (p.reversal IS NULL)""",  # noqa: S608 - our own words
)
# Readings leave no gap between them: from the first one's beginning to the last one's, everything was asked for.
ONCE = Question(
    "each payment is paid out once, each charge has a payment",
    """SELECT format('%s charges, %s paid out; %s card payments, %s not read yet', count(*), count(m.payout_id),
                     (SELECT count(*) FROM payments WHERE tender = 'card'),
                     (SELECT count(*) FROM payments p WHERE p.tender = 'card' AND NOT EXISTS (
                          SELECT FROM payout_movements o WHERE o.payment_intent_id = p.tender_reference)))
         FROM payout_movements m WHERE m.type IN ('charge', 'payment')""",
    f"""WITH
            covered AS (SELECT min(from_at) AS since, max(until_at) AS until FROM payout_reads),
            live AS (
                SELECT b.movement_id, sum(b.amount_cents) FILTER (WHERE b.place = 'clearing') AS cents,
                       count(DISTINCT b.journal_id) FILTER (WHERE j.kind = 'payout') AS times
                  FROM payout_bookings b JOIN journals j ON j.id = b.journal_id WHERE {LIVE}
                 GROUP BY b.movement_id)
       SELECT format('movement %s was paid out %s times', movement_id, times) FROM live WHERE times > 1
        UNION ALL
       SELECT format('movement %s takes $%s out of clearing; of payment intent %s the books have $%s', m.id,
                     round(l.cents / 100.0, 2), m.payment_intent_id, round(coalesce({_PAID}, 0) / 100.0, 2))
         FROM live l JOIN payout_movements m ON m.id = l.movement_id
        WHERE l.cents <> 0 AND l.cents <> coalesce({_PAID}, 0)
        UNION ALL
       SELECT format('payment intent %s was paid out by %s movements', m.payment_intent_id, count(*))
         FROM live l JOIN payout_movements m ON m.id = l.movement_id
        WHERE l.cents <> 0 GROUP BY m.payment_intent_id HAVING count(*) > 1
        UNION ALL
       SELECT format('charge %s of $%s has no payment in the books, and is in no exception line', m.id,
                     round(m.amount_cents / 100.0, 2))
         FROM payout_movements m, covered c
        WHERE m.type IN ('charge', 'payment') AND {_PAID} IS NULL
          AND m.created_at >= c.since AND m.created_at < c.until - CAST(:grace AS interval)
          AND NOT EXISTS (SELECT FROM exception_lines x
                           WHERE x.kind IN ({STRANGE}) AND x.subject = m.payment_intent_id
                              OR x.kind = 'payout-unknown-movement' AND x.subject = m.id)
        UNION ALL
       SELECT format('payment %s of $%s is not known to the processor, and is in no exception line', p.id,
                     round((p.amount_cents + p.fee_cents) / 100.0, 2))
         FROM payments p, covered c
        WHERE p.tender = 'card' AND p.tender_reference <> ''
          AND p.paid_at >= c.since AND p.paid_at < c.until - CAST(:patience AS interval)
          AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = p.journal_id)
          AND NOT EXISTS (SELECT FROM payout_movements m WHERE m.payment_intent_id = p.tender_reference)
          AND NOT EXISTS (SELECT FROM exception_lines x
                           WHERE x.kind = 'posted-unpaid' AND x.subject = p.tender_reference)""",  # noqa: S608
    {"grace": f"{GRACE.total_seconds():.0f} seconds", "patience": f"{PATIENCE.total_seconds():.0f} seconds"},
)
SUSPENSE = Question(
    "what is in the processor's suspense is itemized",
    f"""SELECT format('$%s in suspense, %s movements',
                     (SELECT coalesce(round(-sum(amount_cents) / 100.0, 2), 0.00) FROM postings
                       WHERE ledger_account_id IN (SELECT id FROM processor_suspense)),
                     (SELECT count(*) FROM (SELECT FROM payout_bookings b WHERE b.place = 'suspense' AND {LIVE}
                                             GROUP BY b.movement_id HAVING sum(b.amount_cents) <> 0) AS n))""",  # noqa: S608
    f"""WITH
            booked AS (
                SELECT journal_id, -sum(amount_cents) AS cents FROM payout_bookings
                 WHERE place = 'suspense' GROUP BY journal_id),
            itemized AS (
                SELECT journal_id, cents FROM booked
                 UNION ALL
                SELECT j.id, -b.cents FROM journals j JOIN booked b ON b.journal_id = j.reverses_id),
            moved AS (
                SELECT journal_id, sum(amount_cents) AS cents FROM postings
                 WHERE ledger_account_id IN (SELECT id FROM processor_suspense) GROUP BY journal_id)
       SELECT format('journal %s moves $%s through suspense, itemized are $%s', journal_id,
                     round(coalesce(m.cents, 0) / 100.0, 2), round(coalesce(i.cents, 0) / 100.0, 2))
         FROM itemized i FULL JOIN moved m USING (journal_id)
        WHERE coalesce(i.cents, 0) <> coalesce(m.cents, 0)
        UNION ALL
       SELECT format('movement %s has $%s in suspense, and is in no exception line', m.id,
                     round(sum(b.amount_cents) / 100.0, 2))
         FROM payout_bookings b JOIN payout_movements m ON m.id = b.movement_id
        WHERE b.place = 'suspense' AND {LIVE}
          AND NOT EXISTS (SELECT FROM exception_lines x
                           WHERE x.kind IN ({STRANGE}) AND x.subject = m.payment_intent_id
                              OR x.kind = 'payout-unknown-movement' AND x.subject = m.id)
        GROUP BY m.id HAVING sum(b.amount_cents) <> 0""",  # noqa: S608
)

QUESTIONS = (EXACT, ONCE, SUSPENSE)
