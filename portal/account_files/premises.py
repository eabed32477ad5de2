"""Who else had an account where this one is: the same premises before and after, for those who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money

MOST = 20
_HERE = text("""
    SELECT x.kind, x.reference, x.status, c.name, x.opened_on, x.closed_on,
           (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE customer_account_id = x.id)
      FROM customer_accounts a
      JOIN customer_accounts x ON x.premises_id = a.premises_id AND x.id <> a.id
      JOIN customers c ON c.id = x.customer_id
     WHERE a.id = :account AND (:sees_protected OR NOT x.is_protected) AND (:sees_restricted OR NOT x.is_restricted)
     ORDER BY x.opened_on DESC NULLS LAST, x.id DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class AccountHere:
    """Another account at the premises, from when to when, and what it still owes."""

    kind: str
    reference: str
    status: str
    holder: str
    opened_on: date | None
    closed_on: date | None
    owed: Money


def at_the_premises(
    session: Session, account_id: int, *, sees_protected: bool, sees_restricted: bool
) -> list[AccountHere]:
    """Other accounts at the premises of an account, the newest first. One statement."""
    values = {
        "account": account_id, "most": MOST, "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    return [AccountHere(*(*row[:-1], Money(int(row[-1])))) for row in session.execute(_HERE, values)]
