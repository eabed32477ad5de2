"""Attempts: what was promised is what was posted; and the city's rules were released by two people."""

from __future__ import annotations

from portal.verification.questions import Question

ONE_TO_ONE = Question(
    "succeeded attempts and their payments, one to one",
    """SELECT format('%s attempts, %s succeeded', count(*), count(*) FILTER (WHERE state = 'succeeded'))
         FROM attempts""",
    """SELECT format('attempt %s is %s and has %s payments', a.id, a.state, count(p.id))
         FROM attempts a LEFT JOIN payments p ON p.attempt_id = a.id
        GROUP BY a.id HAVING count(p.id) <> CASE WHEN a.state = 'succeeded' THEN 1 ELSE 0 END
        UNION ALL
       SELECT format('payment %s is of attempt %s, which is not there', p.id, p.attempt_id)
         FROM payments p
        WHERE p.attempt_id IS NOT NULL AND NOT EXISTS (SELECT FROM attempts a WHERE a.id = p.attempt_id)""",
)
FROZEN = Question(
    "posted as promised: amounts, fee, allocation policy",
    "SELECT format('%s payments of attempts', count(attempt_id)) FROM payments",
    """SELECT format('attempt %s promised $%s and $%s fee; $%s and $%s fee was posted', a.id,
                     round(a.amount_cents / 100.0, 2), round(a.fee_cents / 100.0, 2),
                     round(p.amount_cents / 100.0, 2), round(p.fee_cents / 100.0, 2))
         FROM payments p JOIN attempts a ON a.id = p.attempt_id
        WHERE p.amount_cents <> a.amount_cents OR p.fee_cents <> a.fee_cents
        UNION ALL
       SELECT format('attempt %s of $%s has lines of $%s', a.id, round(a.amount_cents / 100.0, 2),
                     round(coalesce(sum(l.amount_cents), 0) / 100.0, 2))
         FROM attempts a LEFT JOIN attempt_lines l ON l.attempt_id = a.id
        GROUP BY a.id HAVING coalesce(sum(l.amount_cents), 0) <> a.amount_cents
        UNION ALL
       SELECT format('payment %s: its fee was promised for %s of fund %s, where $%s stands', p.id,
                     a.fee_terms ->> 'code', a.fee_terms ->> 'fund',
                     round(coalesce(-sum(f.amount_cents), 0) / 100.0, 2))
         FROM payments p JOIN attempts a ON a.id = p.attempt_id
         LEFT JOIN ledger_accounts g ON g.code = a.fee_terms ->> 'code' AND g.fund = a.fee_terms ->> 'fund'
         LEFT JOIN postings f ON f.journal_id = p.journal_id AND f.ledger_account_id = g.id
        WHERE p.fee_cents > 0
        GROUP BY p.id, p.fee_cents, a.id HAVING coalesce(-sum(f.amount_cents), 0) <> p.fee_cents
        UNION ALL
       SELECT format('allocation %s of payment %s is by %s, promised was %s', l.id, p.id, l.policy,
                     a.policy ->> 'version')
         FROM payments p JOIN attempts a ON a.id = p.attempt_id JOIN allocations l ON l.journal_id = p.journal_id
        WHERE l.policy IS DISTINCT FROM CASE WHEN EXISTS (
                  SELECT FROM attempt_lines n WHERE n.attempt_id = a.id AND n.targets @> to_jsonb(l.charge_id))
              THEN 'explicit' ELSE a.policy ->> 'version' END""",
)
PENDING = Question(
    "pending payments belong to live attempts",
    """SELECT format('%s pending, $%s', count(*), coalesce(round(sum(amount_cents) / 100.0, 2), 0.00))
         FROM pending_payments""",
    """SELECT format('$%s pending on account %s is of attempt %s, which is %s', round(p.amount_cents / 100.0, 2),
                     p.customer_account_id, p.owner_id, coalesce(a.state, 'not there'))
         FROM pending_payments p LEFT JOIN attempts a ON a.id = p.owner_id
        WHERE p.owner_kind = 'attempt'
          AND (a.id IS NULL OR a.state NOT IN ('sending', 'open', 'processing', 'unknown'))
        UNION ALL
       SELECT format('attempt %s is %s, but $%s for account %s is not pending', a.id, a.state,
                     round(l.amount_cents / 100.0, 2), l.customer_account_id)
         FROM attempts a JOIN attempt_lines l ON l.attempt_id = a.id
         LEFT JOIN pending_payments p ON p.owner_kind = 'attempt' AND p.owner_id = a.id
                                     AND p.customer_account_id = l.customer_account_id
                                     AND p.amount_cents = l.amount_cents
        WHERE a.state IN ('sending', 'open', 'processing', 'unknown') AND p.id IS NULL""",
)
TWO_PEOPLE = Question(
    "releases of the city were approved by another person",
    """SELECT format('%s releases, %s approved', (SELECT count(*) FROM city_releases), count(*))
         FROM city_approvals""",
    """SELECT format('release %s: proposed by %s, approved by %s%s', a.release_id,
                     coalesce(maker.handle, 'nobody'), coalesce(checker.handle, 'nobody'),
                     CASE WHEN a.proposed_by IS DISTINCT FROM r.proposed_by
                          THEN '; the approval names another maker' ELSE '' END)
         FROM city_approvals a
         LEFT JOIN city_releases r ON r.id = a.release_id
         LEFT JOIN actors maker ON maker.id = r.proposed_by
         LEFT JOIN actors checker ON checker.id = a.approved_by
        WHERE r.id IS NULL OR a.approved_by = r.proposed_by OR a.proposed_by <> r.proposed_by
           OR checker.id IS NULL""",
)

QUESTIONS = (ONE_TO_ONE, FROZEN, PENDING, TWO_PEOPLE)
