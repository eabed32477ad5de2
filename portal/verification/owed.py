"""Charges and credits against the books."""

from __future__ import annotations

from portal.verification.questions import Question

OPEN = Question(
    "open = amount + adjustments - allocations",
    """SELECT format('%s charges, $%s open', count(*), coalesce(round(sum(open_cents) / 100.0, 2), 0.00))
         FROM charges""",
    """SELECT format('charge %s keeps $%s open; its history comes to $%s', c.id, round(c.open_cents / 100.0, 2),
                     round((c.amount_cents + coalesce(a.cents, 0) - coalesce(l.cents, 0)) / 100.0, 2))
         FROM charges c
         LEFT JOIN (SELECT charge_id, sum(amount_cents) AS cents FROM adjustments GROUP BY charge_id) a
           ON a.charge_id = c.id
         LEFT JOIN (SELECT charge_id, sum(amount_cents) AS cents FROM allocations GROUP BY charge_id) l
           ON l.charge_id = c.id
        WHERE c.open_cents <> c.amount_cents + coalesce(a.cents, 0) - coalesce(l.cents, 0) OR c.open_cents < 0
        UNION ALL
       SELECT format('allocation %s names charge %s, which is not there', l.id, l.charge_id)
         FROM allocations l WHERE NOT EXISTS (SELECT FROM charges c WHERE c.id = l.charge_id)""",
)
RECEIVABLES = Question(
    "receivables in the books = open charges, by account",
    """SELECT format('$%s receivable', coalesce(round(sum(p.amount_cents) / 100.0, 2), 0.00))
         FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'asset'
        WHERE p.customer_account_id IS NOT NULL""",
    """SELECT format('%s owes $%s in fund %s by its charges, $%s by the books',
                     coalesce(c.reference, 'account ' || account), round(coalesce(o.cents, 0) / 100.0, 2), fund,
                     round(coalesce(b.cents, 0) / 100.0, 2))
         FROM (SELECT p.customer_account_id AS account, p.fund, sum(p.amount_cents) AS cents
                 FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'asset'
                WHERE p.customer_account_id IS NOT NULL GROUP BY 1, 2) b
         FULL JOIN (SELECT customer_account_id AS account, fund, sum(open_cents) AS cents
                      FROM charges GROUP BY 1, 2) o USING (account, fund)
         LEFT JOIN customer_accounts c ON c.id = account
        WHERE coalesce(b.cents, 0) <> coalesce(o.cents, 0)""",
)
CREDITS = Question(
    "credits in the books = credits kept, by account",
    """SELECT format('$%s credit', coalesce(round(sum(credit_cents) / 100.0, 2), 0.00)) FROM customer_accounts""",
    """SELECT format('%s keeps a credit of $%s; the books have $%s', c.reference,
                     round(c.credit_cents / 100.0, 2), round(coalesce(b.cents, 0) / 100.0, 2))
         FROM customer_accounts c
         LEFT JOIN (SELECT p.customer_account_id, -sum(p.amount_cents) AS cents
                      FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'liability'
                     WHERE p.customer_account_id IS NOT NULL GROUP BY 1) b ON b.customer_account_id = c.id
        WHERE c.credit_cents <> coalesce(b.cents, 0)""",
)
NAMED = Question(
    "receivables and credits name their customer account",
    "SELECT format('%s postings name one', count(*)) FROM postings WHERE customer_account_id IS NOT NULL",
    """WITH carrying AS MATERIALIZED (
           SELECT DISTINCT ledger_account_id FROM postings WHERE customer_account_id IS NOT NULL)
       SELECT format('posting %s of journal %s on %s names no customer account', p.id, p.journal_id, a.code)
         FROM postings p JOIN carrying USING (ledger_account_id)
         JOIN ledger_accounts a ON a.id = p.ledger_account_id
        WHERE p.customer_account_id IS NULL
        UNION ALL
       SELECT format('posting %s of journal %s on %s (%s) names a customer account', p.id, p.journal_id, a.code,
                     a.kind)
         FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
        WHERE p.customer_account_id IS NOT NULL AND a.kind NOT IN ('asset', 'liability')""",
)

QUESTIONS = (OPEN, RECEIVABLES, CREDITS, NAMED)
