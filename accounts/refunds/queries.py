"""Where the credit of an account comes from, as the books have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money

_MOVES = text("""
    SELECT j.effective_on, j.kind, -sum(p.amount_cents) AS cents
      FROM postings p
      JOIN journals j ON j.id = p.journal_id
      JOIN ledger_accounts l ON l.id = p.ledger_account_id
     WHERE p.customer_account_id = :account AND l.code = :code
     GROUP BY j.id HAVING sum(p.amount_cents) <> 0 ORDER BY j.effective_on DESC, j.id DESC LIMIT :most""")


@dataclass(frozen=True)
class CreditMove:
    """What was added to a credit (positive) or taken from it, by which kind of journal."""

    on: date
    kind: str
    amount: Money


def credit_moves(session: Session, account_id: int, code: str, limit: int = 12) -> Sequence[CreditMove]:
    """Newest first; ``code``: the ledger account in which the city keeps credits of this kind. One statement."""
    rows = session.execute(_MOVES, {"account": account_id, "code": code, "most": limit})
    return [CreditMove(row.effective_on, row.kind, Money(int(row.cents))) for row in rows]
