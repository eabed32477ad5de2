"""Acts of two people: who decided them, what they put into the books, and that moves and corrections pair up."""

from __future__ import annotations

from portal.verification.questions import Question

TWO_PEOPLE = Question(
    "acts were decided by another person, or within the maker's limit",
    """SELECT format('%s proposals, %s decided, %s done alone', (SELECT count(*) FROM proposals), count(*),
                     count(*) FILTER (WHERE verdict = 'alone'))
         FROM proposal_decisions""",
    """SELECT format('proposal %s (%s): %s by %s, proposed by %s%s', d.proposal_id, coalesce(p.act, 'not there'),
                     d.verdict, coalesce(checker.handle, 'nobody'), coalesce(maker.handle, 'nobody'),
                     CASE WHEN d.proposed_by IS DISTINCT FROM p.proposed_by
                          THEN '; the decision names another maker'
                          WHEN p.waits = (d.verdict = 'alone') THEN '; it ' || CASE WHEN p.waits THEN 'waited'
                               ELSE 'did not wait' END || ' for a second person' ELSE '' END)
         FROM proposal_decisions d
         LEFT JOIN proposals p ON p.id = d.proposal_id
         LEFT JOIN actors maker ON maker.id = p.proposed_by
         LEFT JOIN actors checker ON checker.id = d.decided_by
        WHERE p.id IS NULL OR d.proposed_by <> p.proposed_by OR checker.id IS NULL
           OR (d.decided_by = p.proposed_by) <> (d.verdict IN ('withdrawn', 'alone'))
           OR p.waits = (d.verdict = 'alone')
        UNION ALL
       SELECT format('proposal %s (%s) was done alone, but nobody decided it', p.id, p.act)
         FROM proposals p
        WHERE NOT p.waits AND NOT EXISTS (SELECT FROM proposal_decisions d WHERE d.proposal_id = p.id)""",
)
EXECUTED = Question(
    "each act that was agreed to is in the books, and no other",
    """SELECT format('%s journals of acts', count(*)) FROM source_effects WHERE source_kind = 'proposal'""",
    """WITH
            moving AS (SELECT unnest(ARRAY['adjustment', 'fee', 'identification', 'move', 'waiver']) AS act),
            agreed AS (
                SELECT p.id, p.act FROM proposals p JOIN proposal_decisions d ON d.proposal_id = p.id
                 WHERE d.verdict IN ('approved', 'alone')),
            posted AS (
                SELECT s.source_id, s.journal_id, s.effect FROM source_effects s WHERE s.source_kind = 'proposal')
       SELECT format('proposal %s (%s) was agreed to, but has no journal', a.id, a.act)
         FROM agreed a JOIN moving USING (act)
        WHERE NOT EXISTS (SELECT FROM posted s WHERE s.source_id = a.id::text)
        UNION ALL
       SELECT format('journal %s (%s) is of proposal %s, which nobody agreed to', s.journal_id, s.effect, s.source_id)
         FROM posted s WHERE NOT EXISTS (SELECT FROM agreed a WHERE a.id::text = s.source_id)
        UNION ALL
       SELECT format('proposal %s (%s) comes to $%s, its adjustments to $%s', p.id, p.act,
                     round(p.effect_cents / 100.0, 2), round(sum(a.amount_cents) / 100.0, 2))
         FROM proposals p JOIN adjustments a ON a.proposal_id = p.id
        GROUP BY p.id HAVING sum(a.amount_cents) <> p.effect_cents
        UNION ALL
       SELECT format('proposal %s (%s) comes to $%s, its charges to $%s', p.id, p.act,
                     round(p.effect_cents / 100.0, 2), round(coalesce(sum(c.amount_cents), 0) / 100.0, 2))
         FROM proposals p JOIN agreed USING (id) JOIN posted s ON s.source_id = p.id::text AND s.effect = 'raise'
         LEFT JOIN charges c ON c.journal_id = s.journal_id
        WHERE p.act = 'fee'
        GROUP BY p.id HAVING coalesce(sum(c.amount_cents), 0) <> p.effect_cents""",
)
CORRECTED = Question(
    "corrections of ours are somebody's act, and are taken back once, exactly",
    """SELECT format('%s adjustments, %s of ours, %s taken back', count(*), count(proposal_id), count(reverses_id))
         FROM adjustments""",
    """SELECT format('adjustment %s of charge %s is in a journal of kind %s and of %s', a.id, a.charge_id,
                     coalesce(j.kind, 'none'), coalesce('proposal ' || a.proposal_id, 'no proposal'))
         FROM adjustments a
         LEFT JOIN journals j ON j.id = a.journal_id
         LEFT JOIN source_effects s ON s.journal_id = a.journal_id AND s.source_kind = 'proposal'
        WHERE j.id IS NULL OR s.source_id IS DISTINCT FROM a.proposal_id::text
        UNION ALL
       SELECT format('adjustment %s takes back adjustment %s, %s', r.id, r.reverses_id,
                     CASE WHEN a.id IS NULL THEN 'which is not there'
                          WHEN a.reverses_id IS NOT NULL THEN 'which takes one back itself'
                          WHEN a.charge_id <> r.charge_id THEN 'which is of another charge'
                          ELSE format('which was $%s: it is $%s', round(a.amount_cents / 100.0, 2),
                                      round(r.amount_cents / 100.0, 2)) END)
         FROM adjustments r LEFT JOIN adjustments a ON a.id = r.reverses_id
        WHERE r.reverses_id IS NOT NULL
          AND (a.id IS NULL OR a.reverses_id IS NOT NULL OR a.charge_id <> r.charge_id
               OR a.amount_cents <> -r.amount_cents)
        UNION ALL
       SELECT format('charge %s asks less than nothing: $%s', c.id,
                     round((c.amount_cents + sum(a.amount_cents)) / 100.0, 2))
         FROM charges c JOIN adjustments a ON a.charge_id = c.id
        GROUP BY c.id HAVING c.amount_cents + sum(a.amount_cents) < 0""",
)
_SIDES = """
            sides AS (
                SELECT m.id, m.payment_id, m.journal_out AS journal_id, m.from_account_id AS account,
                       -m.amount_cents AS cents, 'out' AS side FROM moves m
                 UNION ALL
                SELECT m.id, m.payment_id, m.journal_in, m.to_account_id, m.amount_cents, 'in' FROM moves m),
            through AS (
                SELECT s.payment_id, t.journal_id FROM (SELECT DISTINCT payment_id FROM sides) s
                 CROSS JOIN LATERAL payment_journals(s.payment_id) t
                 WHERE NOT EXISTS (SELECT FROM payment_reversals v WHERE v.journal_id = t.journal_id))"""
MOVED = Question(
    "moves pair up: what leaves one account reaches the other",
    """SELECT format('%s moves, $%s', count(*), coalesce(round(sum(amount_cents) / 100.0, 2), 0.00)) FROM moves""",
    f"""WITH {_SIDES},
            said AS (
                SELECT s.journal_id, -sum(p.amount_cents) AS cents, bool_and(p.customer_account_id = s.account) AS own
                  FROM sides s JOIN postings p ON p.journal_id = s.journal_id AND p.customer_account_id IS NOT NULL
                 GROUP BY s.journal_id),
            laid AS (
                SELECT s.journal_id, sum(l.amount_cents) AS cents,
                       bool_and(c.customer_account_id = s.account) AS own
                  FROM sides s JOIN allocations l ON l.journal_id = s.journal_id JOIN charges c ON c.id = l.charge_id
                 GROUP BY s.journal_id),
            credited AS (
                SELECT p.journal_id, -sum(p.amount_cents) AS cents
                  FROM postings p JOIN ledger_accounts g ON g.id = p.ledger_account_id AND g.kind = 'liability'
                 WHERE p.customer_account_id IS NOT NULL AND p.journal_id IN (SELECT journal_id FROM sides)
                 GROUP BY p.journal_id)
       SELECT format('move %s of payment %s: $%s %s by journal %s; postings say $%s, charges and credit $%s',
                     s.id, s.payment_id, round(s.cents / 100.0, 2), s.side, s.journal_id,
                     round(coalesce(a.cents, 0) / 100.0, 2),
                     round((coalesce(l.cents, 0) + coalesce(c.cents, 0)) / 100.0, 2))
         FROM sides s LEFT JOIN said a USING (journal_id) LEFT JOIN laid l USING (journal_id)
         LEFT JOIN credited c USING (journal_id)
        WHERE s.cents <> coalesce(a.cents, 0) OR s.cents <> coalesce(l.cents, 0) + coalesce(c.cents, 0)
           OR NOT coalesce(a.own, true) OR NOT coalesce(l.own, true)
        UNION ALL
       SELECT format('move %s: journals %s and %s are not one pair', m.id, m.journal_out, m.journal_in)
         FROM moves m
         LEFT JOIN journals o ON o.id = m.journal_out AND o.kind = 'move-out'
         LEFT JOIN journals i ON i.id = m.journal_in AND i.kind = 'move-in'
        WHERE (o.business_day, o.effective_on, o.memo, o.actor_id)
              IS DISTINCT FROM (i.business_day, i.effective_on, i.memo, i.actor_id)
           OR o.id IS NULL OR i.id IS NULL
        UNION ALL
       SELECT format('journal %s (%s) is of no move', j.id, j.kind)
         FROM journals j
        WHERE j.kind IN ('move-out', 'move-in') AND NOT EXISTS (SELECT FROM sides s WHERE s.journal_id = j.id)""",  # noqa: S608
)
NOT_BEYOND = Question(
    "no payment is moved beyond what it is",
    """SELECT format('%s payments moved', count(DISTINCT payment_id)) FROM moves""",
    f"""WITH {_SIDES},
            moved AS (SELECT DISTINCT payment_id FROM moves),
            held AS (
                SELECT t.payment_id, c.customer_account_id AS account, 'charge ' || c.id AS place,
                       sum(l.amount_cents) AS cents
                  FROM moved JOIN through t USING (payment_id) JOIN allocations l ON l.journal_id = t.journal_id
                  JOIN charges c ON c.id = l.charge_id
                 GROUP BY t.payment_id, c.id
                 UNION ALL
                SELECT t.payment_id, p.customer_account_id, 'credit', -sum(p.amount_cents)
                  FROM moved JOIN through t USING (payment_id) JOIN postings p ON p.journal_id = t.journal_id
                  JOIN ledger_accounts g ON g.id = p.ledger_account_id AND g.kind = 'liability'
                 WHERE p.customer_account_id IS NOT NULL
                 GROUP BY t.payment_id, p.customer_account_id)
       SELECT format('payment %s has $%s on the charges and the credit of account %s', payment_id,
                     round(sum(cents) / 100.0, 2), account)
         FROM held GROUP BY payment_id, account HAVING sum(cents) < 0
        UNION ALL
       SELECT format('payment %s has $%s on %s', payment_id, round(cents / 100.0, 2), place)
         FROM held WHERE cents < 0 AND place <> 'credit'
        UNION ALL
       SELECT format('payment %s of $%s has come to $%s by its moves', p.id, round(p.amount_cents / 100.0, 2),
                     round(sum(h.cents) / 100.0, 2))
         FROM held h JOIN payments p ON p.id = h.payment_id
        GROUP BY p.id HAVING sum(h.cents) <> p.amount_cents
               - (SELECT coalesce(sum(i.amount_cents), 0) FROM payment_items i WHERE i.payment_id = p.id)
               + (SELECT coalesce(sum(CASE WHEN d.undoes_id IS NULL THEN d.amount_cents ELSE -d.amount_cents END), 0)
                    FROM identifications d WHERE d.payment_id = p.id AND d.outcome = 'account')""",  # noqa: S608
)

QUESTIONS = (TWO_PEOPLE, EXECUTED, CORRECTED, MOVED, NOT_BEYOND)
