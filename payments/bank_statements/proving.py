"""Whether what is kept of the bank is what it told: balances that its lines make, lines that are their matches."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.bank_statements.rules import Untrue

OFF = """
    SELECT off.* FROM (
        SELECT m.*, sum(m.cents) OVER (PARTITION BY m.bank_account ORDER BY m.on_day, m.phase)::bigint AS so_far
          FROM (SELECT bank_account, ledger_account, on_day, CASE kind WHEN 'line' THEN 1 ELSE 0 END AS phase,
                       amount_cents AS cents, NULL::bigint AS statement_id, NULL::bigint AS said
                  FROM bank_lines
                 UNION ALL
                SELECT bank_account, ledger_account, from_on, 0, 0, id, opening_cents FROM bank_statements
                 UNION ALL
                SELECT bank_account, ledger_account, through_on, 1, 0, id, closing_cents FROM bank_statements s
                 WHERE NOT EXISTS (SELECT FROM bank_statements o
                                    WHERE o.bank_account = s.bank_account AND o.through_on = s.through_on
                                      AND o.id > s.id)) AS m) AS off
     WHERE off.statement_id IS NOT NULL AND off.said <> off.so_far"""
"""Statements whose opening (``phase`` 0) or closing (1) balance is not what the lines until then sum to.

A statement of a day that a later file told again, with more lines, has another closing balance by right.
"""
_WRONG = text(f"""
    (SELECT CASE phase WHEN 0 THEN 'opens' ELSE 'closes' END AS what, statement_id AS id, on_day, said,
            so_far AS found
       FROM ({OFF}) AS b WHERE ledger_account = :ledger AND on_day <= :through ORDER BY on_day, phase, id LIMIT 1)
     UNION ALL
    (SELECT 'line', l.id, l.on_day, l.amount_cents, coalesce(sum(p.amount_cents), 0)::bigint
       FROM bank_matched_lines m JOIN bank_lines l ON l.id = m.line_id
       LEFT JOIN bank_match_parts p ON p.match_id = m.match_id
      WHERE l.ledger_account = :ledger AND l.on_day <= :through
      GROUP BY l.id HAVING l.amount_cents <> coalesce(sum(p.amount_cents), 0) ORDER BY l.on_day, l.id LIMIT 20)""")  # noqa: S608 - our own words


def untrue(session: Session, ledger: str, through: date) -> tuple[Untrue, ...]:
    """The first statement of a bank's ledger account that does not tie, and lines that are not their matches.

    Whatever comes after the first is off as well, and says nothing more. One statement.
    """
    rows = session.execute(_WRONG, {"ledger": ledger, "through": through})
    return tuple(Untrue(row.what, row.id, row.on_day, Money(row.said), Money(row.found)) for row in rows)
