"""Journal exports: what went to the accounting system is what the books say, each journal once."""

from __future__ import annotations

from portal.verification.questions import Question

LINES = Question(
    "each exported batch = its journals, to the cent",
    """SELECT format('%s batches, %s journals, $%s on each side',
                     (SELECT count(*) FROM journal_batches), (SELECT count(*) FROM exported_journals),
                     (SELECT coalesce(round(sum(debits_cents) / 100.0, 2), 0.00) FROM journal_batches))""",
    """WITH
            booked AS (
                SELECT e.batch_id, j.business_day, a.code, sum(p.amount_cents) AS cents
                  FROM exported_journals e JOIN journals j ON j.id = e.journal_id
                  JOIN postings p ON p.journal_id = j.id JOIN ledger_accounts a ON a.id = p.ledger_account_id
                 GROUP BY e.batch_id, j.business_day, a.code HAVING sum(p.amount_cents) <> 0),
            sent AS (
                SELECT batch_id, business_day, account AS code, sum(amount_cents) AS cents
                  FROM journal_batch_lines GROUP BY batch_id, business_day, account HAVING sum(amount_cents) <> 0)
       SELECT format('batch %s has $%s of %s on %s, the books have $%s', b.number,
                     round(coalesce(s.cents, 0) / 100.0, 2), code, business_day,
                     round(coalesce(k.cents, 0) / 100.0, 2))
         FROM booked k FULL JOIN sent s USING (batch_id, business_day, code)
         JOIN journal_batches b ON b.id = batch_id
        WHERE coalesce(k.cents, 0) <> coalesce(s.cents, 0)
        UNION ALL
       SELECT format('batch %s says %s journals and $%s, its lines say %s and $%s', b.number, b.journal_count,
                     round(b.debits_cents / 100.0, 2), x.journals, round(x.debits / 100.0, 2))
         FROM journal_batches b
         JOIN LATERAL (
              SELECT (SELECT count(*) FROM exported_journals e WHERE e.batch_id = b.id) AS journals,
                     (SELECT coalesce(sum(amount_cents) FILTER (WHERE amount_cents > 0), 0)
                        FROM journal_batch_lines l WHERE l.batch_id = b.id) AS debits) AS x ON true
        WHERE b.journal_count <> x.journals OR b.debits_cents <> x.debits
        UNION ALL
       SELECT format('journal %s was exported, and its day %s is open', e.journal_id, j.business_day)
         FROM exported_journals e JOIN journals j ON j.id = e.journal_id
         JOIN business_days d ON d.day = j.business_day
        WHERE d.state <> 'closed'""",
)
FILES = Question(
    "each exported file is the one that was sent",
    "SELECT format('%s files', count(*)) FROM journal_batches",
    """SELECT format('the file of batch %s is not the one that was sent', number)
         FROM journal_batches WHERE encode(sha256(content), 'hex') <> sha256
        UNION ALL
       SELECT format('batch %s: the audit knows its file by another hash', b.number)
         FROM journal_batches b JOIN audit_entries e
              ON e.act = 'journals-exported' AND e.subject_kind = 'journal_batch' AND e.subject_id = b.number::text
        WHERE e.details ->> 'sha256' IS DISTINCT FROM b.sha256""",
)
QUESTIONS = (LINES, FILES)
