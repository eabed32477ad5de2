"""Journals and postings."""

from __future__ import annotations

from portal.verification.questions import Question

BALANCE = Question(
    "each journal balances in each fund",
    """SELECT format('%s journals, $%s debited', (SELECT count(*) FROM journals),
                     coalesce(round(sum(amount_cents) FILTER (WHERE amount_cents > 0) / 100.0, 2), 0.00))
         FROM postings""",
    """SELECT format('journal %s is off by $%s in fund %s', journal_id, round(sum(amount_cents) / 100.0, 2), fund)
         FROM postings GROUP BY journal_id, fund HAVING sum(amount_cents) <> 0
        UNION ALL
       SELECT format('journal %s has no postings', j.id)
         FROM journals j WHERE NOT EXISTS (SELECT FROM postings p WHERE p.journal_id = j.id)
        UNION ALL
       SELECT format('posting %s has no journal', p.id)
         FROM postings p WHERE NOT EXISTS (SELECT FROM journals j WHERE j.id = p.journal_id)""",
)
FUND = Question(
    "each posting stands in its ledger account's fund",
    "SELECT format('%s postings on %s ledger accounts', count(*), count(DISTINCT ledger_account_id)) FROM postings",
    """SELECT format('posting %s of journal %s names fund %s, but %s', p.id, p.journal_id, p.fund,
                     coalesce(a.code || ' is of fund ' || a.fund, 'its ledger account is gone'))
         FROM postings p LEFT JOIN ledger_accounts a ON a.id = p.ledger_account_id
        WHERE a.fund IS DISTINCT FROM p.fund""",
)
SOURCE = Question(
    "each journal has a source, each source a journal",
    "SELECT format('%s source effects', count(*)) FROM source_effects",
    """SELECT format('journal %s (%s) has no source', j.id, j.kind)
         FROM journals j WHERE NOT EXISTS (SELECT FROM source_effects s WHERE s.journal_id = j.id)
        UNION ALL
       SELECT format('%s %s (%s) has no journal %s', s.source_kind, s.source_id, s.effect, s.journal_id)
         FROM source_effects s WHERE NOT EXISTS (SELECT FROM journals j WHERE j.id = s.journal_id)
        UNION ALL
       SELECT format('%s %s (%s) was posted %s times', source_kind, source_id, effect, count(*))
         FROM source_effects GROUP BY source_kind, source_id, effect HAVING count(*) > 1""",
)
CLOSED_DAY = Question(
    "nothing entered a day after it was closed",
    """SELECT format('%s of %s business days closed', count(*) FILTER (WHERE state = 'closed'), count(*))
         FROM business_days""",
    """SELECT format('journal %s entered %s at %s, %s', j.id, j.business_day, to_char(j.posted_at, :at),
                     CASE WHEN d.day IS NULL THEN 'a day that is not in the books'
                          ELSE 'closed at ' || coalesce(to_char(d.closed_at, :at), 'a time not noted') END)
         FROM journals j LEFT JOIN business_days d ON d.day = j.business_day
        WHERE d.day IS NULL OR (d.state = 'closed' AND (d.closed_at IS NULL OR j.posted_at > d.closed_at))""",
    {"at": "YYYY-MM-DD HH24:MI:SS"},
)
REVERSALS = Question(
    "reversals mirror their journal, once",
    "SELECT format('%s reversals', count(*)) FROM journals WHERE reverses_id IS NOT NULL",
    """WITH pairs AS (SELECT id, reverses_id FROM journals WHERE reverses_id IS NOT NULL),
            both_sides AS (
                SELECT r.id, r.reverses_id, p.ledger_account_id, p.customer_account_id, p.amount_cents
                  FROM pairs r JOIN postings p ON p.journal_id = r.id
                 UNION ALL
                SELECT r.id, r.reverses_id, p.ledger_account_id, p.customer_account_id, p.amount_cents
                  FROM pairs r JOIN postings p ON p.journal_id = r.reverses_id)
       SELECT DISTINCT format('journal %s does not mirror journal %s, which it reverses', id, reverses_id)
         FROM (SELECT id, reverses_id FROM both_sides
                GROUP BY id, reverses_id, ledger_account_id, customer_account_id
               HAVING sum(amount_cents) <> 0) AS off
        UNION ALL
       SELECT format('journal %s reverses journal %s, itself a reversal', r.id, r.reverses_id)
         FROM pairs r JOIN pairs first ON first.id = r.reverses_id
        UNION ALL
       SELECT format('journal %s is reversed %s times', reverses_id, count(*))
         FROM pairs GROUP BY reverses_id HAVING count(*) > 1
        UNION ALL
       SELECT format('journal %s reverses journal %s, which is not there', r.id, r.reverses_id)
         FROM pairs r WHERE NOT EXISTS (SELECT FROM journals j WHERE j.id = r.reverses_id)""",
)

QUESTIONS = (BALANCE, FUND, SOURCE, CLOSED_DAY, REVERSALS)
