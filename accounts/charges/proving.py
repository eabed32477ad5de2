"""Whether what is kept of charges and credits is what was done to them: their history, and the books."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.charges.rules import Untrue
from accounts.money import Money

OPEN = """
    SELECT c.id, c.customer_account_id AS account, c.open_cents AS kept,
           (c.amount_cents + coalesce(a.cents, 0) - coalesce(l.cents, 0))::bigint AS found
      FROM charges c
      LEFT JOIN (SELECT charge_id, sum(amount_cents) AS cents FROM adjustments GROUP BY charge_id) a
        ON a.charge_id = c.id
      LEFT JOIN (SELECT charge_id, sum(amount_cents) AS cents FROM allocations GROUP BY charge_id) l
        ON l.charge_id = c.id
     WHERE c.open_cents <> c.amount_cents + coalesce(a.cents, 0) - coalesce(l.cents, 0) OR c.open_cents < 0"""
"""Charges that are not open by their amount with adjustments, less what was paid."""
OWED = """
    SELECT account, fund, coalesce(o.cents, 0)::bigint AS kept, coalesce(b.cents, 0)::bigint AS found
      FROM (SELECT p.customer_account_id AS account, p.fund, sum(p.amount_cents) AS cents
              FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'asset'
             WHERE p.customer_account_id IS NOT NULL GROUP BY 1, 2) b
      FULL JOIN (SELECT customer_account_id AS account, fund, sum(open_cents) AS cents
                   FROM charges GROUP BY 1, 2) o USING (account, fund)
     WHERE coalesce(b.cents, 0) <> coalesce(o.cents, 0)"""
"""Accounts whose open charges in a fund are not their receivable in the books."""
CREDIT = """
    SELECT c.id AS account, c.credit_cents AS kept, coalesce(b.cents, 0)::bigint AS found
      FROM customer_accounts c
      LEFT JOIN (SELECT p.customer_account_id, -sum(p.amount_cents) AS cents
                   FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id AND a.kind = 'liability'
                  WHERE p.customer_account_id IS NOT NULL GROUP BY 1) b ON b.customer_account_id = c.id
     WHERE c.credit_cents <> coalesce(b.cents, 0)"""
"""Accounts that keep another credit than the books."""
_AGREE = text("""
    WITH booked AS (
        SELECT coalesce(sum(p.amount_cents) FILTER (WHERE a.kind = 'asset'), 0) AS owed,
               -coalesce(sum(p.amount_cents) FILTER (WHERE a.kind = 'liability'), 0) AS credit
          FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
         WHERE p.customer_account_id IS NOT NULL),
    kept AS (SELECT coalesce(sum(amount_cents), 0) AS asked, coalesce(sum(open_cents), 0) AS open FROM charges)
    SELECT k.open = b.owed AND b.credit = (SELECT coalesce(sum(credit_cents), 0) FROM customer_accounts)
           AND k.open = k.asked + (SELECT coalesce(sum(amount_cents), 0) FROM adjustments)
                                - (SELECT coalesce(sum(amount_cents), 0) FROM allocations)
      FROM kept k, booked b""")
_NAMED = text(f"""
    (SELECT 'charge' AS what, format('%s (%s)', o.id, c.reference) AS name, o.kept, o.found
       FROM ({OPEN}) o JOIN customer_accounts c ON c.id = o.account ORDER BY o.id LIMIT 20)
     UNION ALL
    (SELECT 'owed', c.reference, o.kept, o.found
       FROM ({OWED}) o LEFT JOIN customer_accounts c ON c.id = o.account ORDER BY c.reference LIMIT 20)
     UNION ALL
    (SELECT 'credit', c.reference, o.kept, o.found
       FROM ({CREDIT}) o JOIN customer_accounts c ON c.id = o.account ORDER BY c.reference LIMIT 20)""")  # noqa: S608


def untrue(session: Session) -> tuple[Untrue, ...]:
    """What is kept otherwise than its history or the books have it. One statement, two where something is.

    The first adds up; only where the sums are apart is it asked, account by account, who is off.
    """
    if session.scalar(_AGREE):
        return ()
    rows = session.execute(_NAMED)
    return tuple(Untrue(row.what, row.name or "", Money(row.kept), Money(row.found)) for row in rows)
