"""What the close of a day asks the tables, one question for each place of money; all in one statement."""

from __future__ import annotations

from sqlalchemy import text

_LEGS = """
    legs AS (
        SELECT a.code, p.journal_id, j.kind, sum(p.amount_cents) AS cents
          FROM ledger_accounts a JOIN postings p ON p.ledger_account_id = a.id JOIN journals j ON j.id = p.journal_id
         WHERE a.code IN (:on_hand, :terminal) AND j.business_day <= :day
         GROUP BY a.code, p.journal_id, j.kind),
    whose AS (
        SELECT p.journal_id, t.drawer_id FROM payments p JOIN payment_tenders t ON t.payment_id = p.id
         WHERE t.drawer_id IS NOT NULL
         UNION
        SELECT r.journal_id, t.drawer_id FROM payment_reversals r JOIN payment_tenders t ON t.id = r.tender_id
         WHERE r.kind = 'void'
         UNION
        SELECT s.journal_id, c.drawer_id FROM source_effects s JOIN drawer_counts c ON c.id::text = s.source_id
         WHERE s.source_kind = 'drawer_count')"""
_DRAWERS = f"""
    WITH {_LEGS},
    booked AS (
        SELECT w.drawer_id, sum(l.cents) FILTER (WHERE l.code = :on_hand) AS hand,
               sum(l.cents) FILTER (WHERE l.code = :terminal) AS slips
          FROM whose w JOIN legs l ON l.journal_id = w.journal_id GROUP BY w.drawer_id),
    tenders AS (
        SELECT t.drawer_id, sum(t.amount_cents) FILTER (WHERE t.kind <> 'terminal') AS hand,
               sum(t.amount_cents) FILTER (WHERE t.kind = 'terminal') AS slips
          FROM payment_tenders t JOIN payments p ON p.id = t.payment_id
         WHERE p.business_day <= :day AND t.drawer_id IS NOT NULL GROUP BY t.drawer_id),
    voids AS (
        SELECT t.drawer_id, sum(r.amount_cents) FILTER (WHERE t.kind <> 'terminal') AS hand,
               sum(r.amount_cents) FILTER (WHERE t.kind = 'terminal') AS slips
          FROM payment_reversals r JOIN payment_tenders t ON t.id = r.tender_id JOIN journals j ON j.id = r.journal_id
         WHERE r.kind = 'void' AND j.business_day <= :day GROUP BY t.drawer_id),
    accepted AS (
        SELECT c.drawer_id,
               greatest(c.cash_cents - (c.expected ->> 'own')::bigint, 0) + c.checks_cents
               - (c.expected ->> 'cash')::bigint + (c.expected ->> 'own')::bigint
               - (c.expected ->> 'checks')::bigint AS hand,
               c.terminal_cents - (c.expected ->> 'terminal')::bigint AS slips
          FROM drawer_verdicts v JOIN drawer_counts c ON c.id = v.count_id JOIN vault_batches b ON b.count_id = c.id
         WHERE v.verdict = 'accepted' AND b.business_day <= :day),
    parcels AS (
        SELECT drawer_id, sum(cash_cents + checks_cents) AS hand, sum(terminal_cents) AS slips
          FROM vault_batches WHERE business_day <= :day GROUP BY drawer_id),
    miscounted AS (
        SELECT c.drawer_id, array_agg(c.number::text ORDER BY c.number) AS numbers
          FROM drawer_counts c JOIN drawers d ON d.id = c.drawer_id
         WHERE d.business_day <= :day
           AND c.cash_cents <> (SELECT coalesce(sum(n.key::bigint * n.value::bigint), 0)
                                  FROM jsonb_each_text(c.denominations) n)
         GROUP BY c.drawer_id),
    changed AS (
        SELECT drawer_id, sum(cash_cents) AS cents FROM drawer_movements WHERE kind = 'change' GROUP BY drawer_id),
    owned AS (
        SELECT c.drawer_id, (c.expected ->> 'own')::bigint AS counted
          FROM drawer_verdicts v JOIN drawer_counts c ON c.id = v.count_id WHERE v.verdict = 'accepted'),
    dropped AS (
        SELECT m.drawer_id, json_agg(json_build_array(m.id, -m.cash_cents, b.cash_cents) ORDER BY m.id) AS apart
          FROM drawer_movements m JOIN vault_batches b ON b.movement_id = m.id
         WHERE b.cash_cents <> -m.cash_cents GROUP BY m.drawer_id)
    SELECT d.id, d.till, a.handle AS cashier, a.display_name AS cashier_name, d.business_day, d.state,
           coalesce(k.hand, 0)::bigint AS ledger,
           coalesce(k.slips, 0)::bigint AS ledger_slips,
           (coalesce(t.hand, 0) - coalesce(v.hand, 0) + coalesce(c.hand, 0))::bigint AS stated,
           (coalesce(t.slips, 0) - coalesce(v.slips, 0) + coalesce(c.slips, 0))::bigint AS stated_slips,
           coalesce(p.hand, 0)::bigint AS parcel, coalesce(p.slips, 0)::bigint AS slips_parcel,
           c.drawer_id IS NOT NULL AS is_accepted, coalesce(m.numbers, '{{}}') AS miscounted,
           coalesce(o.counted, 0)::bigint AS own_counted,
           CASE WHEN o.drawer_id IS NULL THEN 0 ELSE d.float_cents + coalesce(g.cents, 0) END::bigint AS own,
           coalesce(x.apart, '[]') AS drops
      FROM drawers d JOIN actors a ON a.id = d.cashier_id LEFT JOIN booked k ON k.drawer_id = d.id
      LEFT JOIN tenders t ON t.drawer_id = d.id LEFT JOIN voids v ON v.drawer_id = d.id
      LEFT JOIN accepted c ON c.drawer_id = d.id LEFT JOIN parcels p ON p.drawer_id = d.id
      LEFT JOIN miscounted m ON m.drawer_id = d.id LEFT JOIN owned o ON o.drawer_id = d.id
      LEFT JOIN changed g ON g.drawer_id = d.id LEFT JOIN dropped x ON x.drawer_id = d.id
     WHERE d.business_day <= :day ORDER BY d.id"""  # noqa: S608 - our own words
_LOOSE = f"""
    WITH {_LEGS}
    SELECT l.code, l.kind, sum(l.cents)::bigint AS cents FROM legs l
     WHERE NOT EXISTS (SELECT FROM whose w WHERE w.journal_id = l.journal_id)
       AND NOT EXISTS (SELECT FROM bank_deposits d WHERE d.journal_id = l.journal_id)
     GROUP BY l.code, l.kind HAVING sum(l.cents) <> 0 ORDER BY l.code, l.kind"""  # noqa: S608
_VAULT = """
    SELECT coalesce(sum(v.cash_cents + v.checks_cents) FILTER (WHERE NOT bag.gone), 0)::bigint AS hand,
           coalesce(sum(v.terminal_cents) FILTER (WHERE NOT slips.gone), 0)::bigint AS slips
      FROM vault_batches v
      JOIN LATERAL (SELECT EXISTS (SELECT FROM bank_deposit_batches b JOIN bank_deposits d ON d.id = b.deposit_id
                                     JOIN journals j ON j.id = d.journal_id
                                    WHERE b.batch_id = v.id AND b.kind = 'bag' AND b.is_live
                                      AND j.business_day <= :day) AS gone) AS bag ON true
      JOIN LATERAL (SELECT EXISTS (SELECT FROM bank_deposit_batches b JOIN bank_deposits d ON d.id = b.deposit_id
                                     JOIN journals j ON j.id = d.journal_id
                                    WHERE b.batch_id = v.id AND b.kind = 'terminal' AND b.is_live
                                      AND j.business_day <= :day) AS gone) AS slips ON true
     WHERE v.business_day <= :day"""
_DEPOSITS = """
    SELECT d.id, d.kind, coalesce(nullif(d.bag_number, ''), d.reference) AS name,
           d.cash_cents + d.checks_cents + d.terminal_cents AS said, d.cash_cents AS cash,
           (SELECT coalesce(sum(n.key::bigint * n.value::bigint), 0)::bigint
              FROM jsonb_each_text(d.denominations) n) AS counted,
           coalesce((SELECT -sum(p.amount_cents) FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
                      WHERE p.journal_id = d.journal_id AND a.code IN (:on_hand, :terminal)), 0)::bigint AS ledger,
           coalesce((SELECT sum(CASE b.kind WHEN 'bag' THEN v.cash_cents + v.checks_cents ELSE v.terminal_cents END)
                       FROM bank_deposit_batches b JOIN vault_batches v ON v.id = b.batch_id
                      WHERE b.deposit_id = d.id AND b.is_live), 0)::bigint AS stated
      FROM bank_deposits d JOIN journals j ON j.id = d.journal_id
     WHERE j.business_day <= :day ORDER BY d.id"""
_BALANCES = """
    SELECT a.code, sum(p.amount_cents)::bigint AS cents
      FROM ledger_accounts a JOIN postings p ON p.ledger_account_id = a.id JOIN journals j ON j.id = p.journal_id
     WHERE a.code = ANY (:codes) AND j.business_day <= :day GROUP BY a.code"""
_FLOATS = """
    SELECT coalesce(sum(p.amount_cents) FILTER (WHERE j.business_day < :day), 0)::bigint AS before,
           coalesce(sum(p.amount_cents) FILTER (WHERE j.business_day = :day AND EXISTS (
               SELECT FROM source_effects s WHERE s.journal_id = j.id AND s.source_kind = 'drawer_count')), 0)::bigint
               AS missing
      FROM ledger_accounts a JOIN postings p ON p.ledger_account_id = a.id JOIN journals j ON j.id = p.journal_id
     WHERE a.code = :change_fund AND j.business_day <= :day"""
_PROCESSOR = """
    WITH moved AS (
            SELECT journal_id, amount_cents + fee_cents AS cents FROM payments
             WHERE tender IN ('card', 'bank_debit') AND business_day <= :day
             UNION ALL
            SELECT b.journal_id, -sum(b.amount_cents) FROM payout_bookings b JOIN journals j ON j.id = b.journal_id
             WHERE b.place = 'clearing' AND j.business_day <= :day GROUP BY b.journal_id),
        cards AS (
            SELECT journal_id, cents FROM moved
             UNION ALL
            SELECT j.id, -m.cents FROM journals j JOIN moved m ON m.journal_id = j.reverses_id
             WHERE j.business_day <= :day),
        cleared AS (
            SELECT p.journal_id, sum(p.amount_cents) AS cents FROM postings p
              JOIN ledger_accounts a ON a.id = p.ledger_account_id JOIN journals j ON j.id = p.journal_id
             WHERE a.code = :processor AND j.business_day <= :day GROUP BY p.journal_id)
    SELECT coalesce(sum(c.cents), 0)::bigint AS ledger, coalesce(sum(k.cents), 0)::bigint AS stated,
           coalesce((array_agg(journal_id ORDER BY journal_id)
                     FILTER (WHERE coalesce(c.cents, 0) <> coalesce(k.cents, 0)))[1:20], '{}') AS journals
      FROM cards k FULL JOIN cleared c USING (journal_id)"""
_FUNDS = """
    SELECT p.fund, sum(p.amount_cents)::bigint AS cents FROM postings p JOIN journals j ON j.id = p.journal_id
     WHERE j.business_day <= :day GROUP BY p.fund HAVING sum(p.amount_cents) <> 0 ORDER BY p.fund"""
_JOURNALS = """
    SELECT j.id, p.fund, sum(p.amount_cents)::bigint AS cents FROM journals j JOIN postings p ON p.journal_id = j.id
     WHERE j.business_day = :day GROUP BY j.id, p.fund HAVING sum(p.amount_cents) <> 0 ORDER BY j.id, p.fund
     LIMIT 20"""
_GAPS = """
    WITH ends AS (
        SELECT r.series, r.year, min(r.number) AS first, max(r.number) AS last
          FROM receipts r JOIN payments p ON p.id = r.payment_id WHERE p.business_day = :day
         GROUP BY r.series, r.year)
    SELECT e.series, e.year, e.last - e.first + 1 - (
               SELECT count(*) FROM receipts r
                WHERE r.series = e.series AND r.year = e.year AND r.number BETWEEN e.first AND e.last) AS missing
      FROM ends e ORDER BY e.series, e.year"""

_PAYMENTS = """
    WITH said AS (
        SELECT p.id, p.amount_cents AS cents, coalesce((
                   SELECT sum(l.amount_cents) FROM allocations l WHERE l.journal_id = p.journal_id), 0) AS laid,
               coalesce((SELECT sum(i.amount_cents) FROM payment_items i WHERE i.payment_id = p.id), 0) AS sold,
               o.owed, o.credit
          FROM payments p CROSS JOIN LATERAL (
               SELECT coalesce(-sum(g.amount_cents) FILTER (WHERE a.kind = 'asset'), 0) AS owed,
                      coalesce(-sum(g.amount_cents) FILTER (WHERE a.kind = 'liability'), 0) AS credit
                 FROM postings g JOIN ledger_accounts a ON a.id = g.ledger_account_id
                WHERE g.journal_id = p.journal_id AND g.customer_account_id IS NOT NULL) AS o
         WHERE p.business_day = :day)
    SELECT id, cents::bigint, (laid + credit + sold)::bigint AS made_of FROM said
     WHERE cents <> laid + credit + sold OR laid <> owed ORDER BY id LIMIT 20"""


_QUESTIONS = {
    "drawers": _DRAWERS, "loose": _LOOSE, "vault": _VAULT, "deposits": _DEPOSITS, "balances": _BALANCES,
    "floats": _FLOATS, "processor": _PROCESSOR, "funds": _FUNDS, "journals": _JOURNALS, "gaps": _GAPS,
    "payments": _PAYMENTS,
}  # fmt: skip
_PART = "(SELECT coalesce(json_agg(x), '[]') FROM ({}) AS x) AS {}"
ALL = text("SELECT " + ", ".join(_PART.format(statement, name) for name, statement in _QUESTIONS.items()))
"""All of them in one statement, so that they see one snapshot."""
