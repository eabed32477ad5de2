"""Charges and credits against the books."""

from __future__ import annotations

from accounts.charges import proving
from portal.verification.questions import Question

OPEN = Question(
    "open = amount + adjustments - allocations",
    """SELECT format('%s charges, $%s open', count(*), coalesce(round(sum(open_cents) / 100.0, 2), 0.00))
         FROM charges""",
    f"""SELECT format('charge %s keeps $%s open; its history comes to $%s', id, round(kept / 100.0, 2),
                      round(found / 100.0, 2)) FROM ({proving.OPEN}) AS off
        UNION ALL
       SELECT format('allocation %s names charge %s, which is not there', l.id, l.charge_id)
         FROM allocations l WHERE NOT EXISTS (SELECT FROM charges c WHERE c.id = l.charge_id)""",  # noqa: S608 - our own words
)
RECEIVABLES = Question(
    "receivables in the books = open charges, by account",
    """SELECT format('$%s receivable', coalesce(round(sum(p.amount_cents) / 100.0, 2), 0.00))
         FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'asset'
        WHERE p.customer_account_id IS NOT NULL""",
    f"""SELECT format('%s owes $%s in fund %s by its charges, $%s by the books',
                      coalesce(c.reference, 'account ' || account), round(kept / 100.0, 2), fund,
                      round(found / 100.0, 2))
          FROM ({proving.OWED}) AS off LEFT JOIN customer_accounts c ON c.id = account""",  # noqa: S608
)
CREDITS = Question(
    "credits in the books = credits kept, by account",
    """SELECT format('$%s credit', coalesce(round(sum(credit_cents) / 100.0, 2), 0.00)) FROM customer_accounts""",
    f"""SELECT format('%s keeps a credit of $%s; the books have $%s', c.reference, round(kept / 100.0, 2),
                      round(found / 100.0, 2))
          FROM ({proving.CREDIT}) AS off JOIN customer_accounts c ON c.id = account""",  # noqa: S608
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
