"""Cash on hand, deposits and the bank: every cent in exactly one place, every line of the bank matched once."""

from __future__ import annotations

from payments.bank_statements.proving import OFF
from payments.drawers.verdicts import SOURCE
from portal.verification.questions import Question

BEFORE = "cash_before_drawers"
"""Source of journals that bank what was taken before there were drawers to say where it lay."""
_PAPER = "('cash', 'check', 'money_order')"
_BY_DRAWER = f"""
            taken AS (
                SELECT t.drawer_id, sum(t.amount_cents) AS cents FROM payment_tenders t
                 WHERE t.kind IN {_PAPER}
                   AND NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void')
                 GROUP BY t.drawer_id),
            apart AS (
                SELECT c.drawer_id, sum(p.amount_cents) AS cents
                  FROM source_effects s JOIN drawer_counts c ON s.source_kind = :count AND s.source_id = c.id::text
                  JOIN postings p ON p.journal_id = s.journal_id
                 WHERE p.ledger_account_id IN (SELECT id FROM cash_on_hand) GROUP BY c.drawer_id),
            laid AS (
                SELECT drawer_id, sum(cash_cents + checks_cents) AS cents FROM vault_batches GROUP BY drawer_id),
            drawer AS (
                SELECT d.id, d.state, coalesce(t.cents, 0) AS taken, coalesce(a.cents, 0) AS apart,
                       coalesce(l.cents, 0) AS laid,
                       coalesce(t.cents, 0) + coalesce(a.cents, 0) - coalesce(l.cents, 0) AS inside
                  FROM drawers d LEFT JOIN taken t ON t.drawer_id = d.id LEFT JOIN apart a ON a.drawer_id = d.id
                  LEFT JOIN laid l ON l.drawer_id = d.id),
            vault AS (
                SELECT coalesce(sum(v.cash_cents + v.checks_cents), 0) AS cents FROM vault_batches v
                 WHERE NOT EXISTS (SELECT FROM bank_deposit_batches b JOIN bank_deposits d ON d.id = b.deposit_id
                                    WHERE b.batch_id = v.id AND b.kind = 'bag' AND d.state = 'sealed')),
            before AS (
                SELECT coalesce(sum(p.amount_cents + p.fee_cents), 0) + coalesce((
                           SELECT sum(g.amount_cents) FROM source_effects s
                             JOIN postings g ON g.journal_id = s.journal_id
                            WHERE s.source_kind = :before
                              AND g.ledger_account_id IN (SELECT id FROM cash_on_hand)), 0) AS cents
                  FROM payments p
                 WHERE p.tender IN {_PAPER}
                   AND NOT EXISTS (SELECT FROM payment_tenders t WHERE t.payment_id = p.id)
                   AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = p.journal_id)),
            ledger AS (
                SELECT coalesce(sum(amount_cents), 0) AS cents FROM postings
                 WHERE ledger_account_id IN (SELECT id FROM cash_on_hand))"""  # noqa: S608 - our own words
_GIVEN = {"count": SOURCE, "before": BEFORE}

ON_HAND = Question(
    "cash on hand = drawers + vault",
    f"""WITH {_BY_DRAWER}
       SELECT format('$%s on hand: $%s in drawers, $%s in the vault, $%s from before there were drawers',
                     round(ledger.cents / 100.0, 2), round(coalesce((SELECT sum(inside) FROM drawer), 0) / 100.0, 2),
                     round(vault.cents / 100.0, 2), round(before.cents / 100.0, 2))
         FROM ledger, vault, before""",  # noqa: S608
    f"""WITH {_BY_DRAWER}
       SELECT format('ledger has $%s on hand, but there are $%s: $%s in drawers, $%s in the vault, $%s from before',
                     round(ledger.cents / 100.0, 2), round((d.cents + vault.cents + before.cents) / 100.0, 2),
                     round(d.cents / 100.0, 2), round(vault.cents / 100.0, 2), round(before.cents / 100.0, 2))
         FROM ledger, vault, before, (SELECT coalesce(sum(inside), 0) AS cents FROM drawer) d
        WHERE ledger.cents <> d.cents + vault.cents + before.cents
        UNION ALL
       SELECT format('drawer %s is closed: it took $%s, was $%s off, and $%s went to the vault', id,
                     round(taken / 100.0, 2), round(apart / 100.0, 2), round(laid / 100.0, 2))
         FROM drawer WHERE state = 'closed' AND inside <> 0""",  # noqa: S608
    _GIVEN,
)
DEPOSITS = Question(
    "each deposit = its batches = its journal",
    """SELECT format('%s deposits, %s sealed, $%s to the bank', count(*), count(*) FILTER (WHERE state = 'sealed'),
                     coalesce(round(sum(cash_cents + checks_cents + terminal_cents)
                                    FILTER (WHERE state = 'sealed') / 100.0, 2), 0.00))
         FROM bank_deposits""",
    """WITH
            live AS (
                SELECT d.*, d.cash_cents + d.checks_cents + d.terminal_cents AS cents FROM bank_deposits d
                 WHERE d.state <> 'given-up'),
            made AS (
                SELECT b.deposit_id, sum(CASE b.kind WHEN 'bag' THEN v.cash_cents ELSE 0 END) AS cash,
                       sum(CASE b.kind WHEN 'bag' THEN v.checks_cents ELSE 0 END) AS checks,
                       sum(CASE b.kind WHEN 'terminal' THEN v.terminal_cents ELSE 0 END) AS terminal
                  FROM bank_deposit_batches b JOIN vault_batches v ON v.id = b.batch_id WHERE b.is_live
                 GROUP BY b.deposit_id),
            moved AS (
                SELECT p.journal_id, sum(p.amount_cents) FILTER (WHERE p.amount_cents > 0) AS bank,
                       coalesce(-sum(p.amount_cents) FILTER (
                           WHERE p.ledger_account_id IN (SELECT id FROM cash_on_hand)), 0) AS hand,
                       coalesce(-sum(p.amount_cents) FILTER (
                           WHERE p.ledger_account_id IN (SELECT id FROM terminal_clearing)), 0) AS terminal
                  FROM postings p JOIN journals j ON j.id = p.journal_id WHERE j.kind = 'bank-deposit'
                 GROUP BY p.journal_id)
       SELECT format('deposit %s is of $%s, its batches come to $%s', l.id, round(l.cents / 100.0, 2),
                     round(coalesce(m.cash + m.checks + m.terminal, 0) / 100.0, 2))
         FROM live l LEFT JOIN made m ON m.deposit_id = l.id
        WHERE (l.cash_cents, l.checks_cents, l.terminal_cents) IS DISTINCT FROM (m.cash, m.checks, m.terminal)
        UNION ALL
       SELECT format('deposit %s is of $%s, journal %s moves $%s', l.id, round(l.cents / 100.0, 2), l.journal_id,
                     round(coalesce(m.bank, 0) / 100.0, 2))
         FROM live l LEFT JOIN moved m ON m.journal_id = l.journal_id
        WHERE l.state = 'sealed' AND (l.cents, l.cash_cents + l.checks_cents, l.terminal_cents)
                                     IS DISTINCT FROM (m.bank, m.hand, m.terminal)
        UNION ALL
       SELECT format('batch %s is in %s deposits', batch_id, count(*)) FROM bank_deposit_batches
        WHERE is_live GROUP BY batch_id, kind HAVING count(*) > 1
        UNION ALL
       SELECT format('deposit %s was given up and holds batch %s', d.id, b.batch_id)
         FROM bank_deposits d JOIN bank_deposit_batches b ON b.deposit_id = d.id
        WHERE b.is_live = (d.state = 'given-up')
        UNION ALL
       SELECT format('deposit %s was verified by who prepared it, or by who took its money', d.id)
         FROM bank_deposits d
        WHERE d.verified_by = d.prepared_by OR d.verified_by IN (
              SELECT w.cashier_id FROM bank_deposit_batches b JOIN vault_batches v ON v.id = b.batch_id
                JOIN drawers w ON w.id = v.drawer_id WHERE b.deposit_id = d.id)""",
)
STATEMENTS = Question(
    "the bank's lines make its balances, and each is matched once",
    """SELECT format('%s statements, %s lines, %s matched', (SELECT count(*) FROM bank_statements), count(*),
                     count(m.match_id)) FROM bank_lines l LEFT JOIN bank_matched_lines m ON m.line_id = l.id""",
    f"""WITH
            legs AS (
                SELECT p.journal_id, a.code, sum(p.amount_cents) AS cents
                  FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
                 WHERE a.code IN (SELECT DISTINCT ledger_account FROM bank_lines) GROUP BY p.journal_id, a.code),
            parts AS (
                SELECT match_id, sum(amount_cents) AS cents, count(*) AS number FROM bank_match_parts
                 GROUP BY match_id),
            live AS (
                SELECT b.id, b.line_id FROM bank_matches b
                 WHERE NOT EXISTS (SELECT FROM bank_match_undoings u WHERE u.match_id = b.id))
       SELECT format('statement %s %s at $%s, the lines so far come to $%s', b.statement_id,
                     CASE b.phase WHEN 0 THEN 'opens' ELSE 'closes' END, round(b.said / 100.0, 2),
                     round(b.so_far / 100.0, 2))
         FROM ({OFF}) b
        UNION ALL
       SELECT format('file %s is not the one that was read', id) FROM bank_files
        WHERE encode(sha256(content), 'hex') <> sha256
        UNION ALL
       SELECT format('line %s is of $%s, its match %s of $%s', l.id, round(l.amount_cents / 100.0, 2), v.id,
                     round(coalesce(p.cents, 0) / 100.0, 2))
         FROM live v JOIN bank_lines l ON l.id = v.line_id LEFT JOIN parts p ON p.match_id = v.id
        WHERE l.amount_cents <> coalesce(p.cents, 0)
        UNION ALL
       SELECT format('line %s is matched %s times', line_id, count(*)) FROM live GROUP BY line_id HAVING count(*) > 1
        UNION ALL
       SELECT format('match %s stands, but line %s does not know it', v.id, v.line_id)
         FROM live v LEFT JOIN bank_matched_lines m ON m.match_id = v.id AND m.line_id = v.line_id
        WHERE m.line_id IS NULL
        UNION ALL
       SELECT format('line %s is matched by %s, which does not stand', m.line_id, m.match_id)
         FROM bank_matched_lines m WHERE NOT EXISTS (SELECT FROM live v WHERE v.id = m.match_id)
        UNION ALL
       SELECT format('match %s stands on %s journals of %s', v.id, count(m.journal_id), p.number)
         FROM live v JOIN parts p ON p.match_id = v.id LEFT JOIN bank_matched_journals m ON m.match_id = v.id
        GROUP BY v.id, p.number HAVING count(m.journal_id) <> p.number
        UNION ALL
       SELECT format('match %s takes $%s of journal %s, which moves $%s', p.match_id,
                     round(p.amount_cents / 100.0, 2), p.journal_id, round(coalesce(g.cents, 0) / 100.0, 2))
         FROM live v JOIN bank_match_parts p ON p.match_id = v.id JOIN bank_lines l ON l.id = v.line_id
         LEFT JOIN legs g ON g.journal_id = p.journal_id AND g.code = l.ledger_account
        WHERE p.amount_cents <> coalesce(g.cents, 0)
        UNION ALL
       SELECT format('match %s was made by hand by who counted deposit %s', v.id, d.id)
         FROM live v JOIN bank_matches b ON b.id = v.id JOIN bank_match_parts p ON p.match_id = v.id
         JOIN bank_deposits d ON d.journal_id = p.journal_id
        WHERE b.way <> 'automatic' AND b.made_by IN (d.prepared_by, d.verified_by)""",  # noqa: S608 - our own words
)

QUESTIONS = (ON_HAND, DEPOSITS, STATEMENTS)
