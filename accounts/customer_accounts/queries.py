"""One account as its page needs it, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from accounts.customers.rules import masked_name
from accounts.database import query
from accounts.money import Money
from accounts.premises.rules import masked_address


@dataclass(frozen=True)
class AccountHead:
    """Who and where, masked as a guest may see it."""

    id: int
    kind: str
    reference: str
    holder: str
    address: str
    credit: Money
    system_of_record: str
    status: str
    opened_on: date | None


_HEAD = query("""
    SELECT a.id, a.kind, a.reference, a.credit_cents, a.system_of_record, a.status, a.opened_on, c.name, p.address
      FROM customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE a.id = :account""",
    "id", "kind", "reference", "credit_cents", "system_of_record", "status", "opened_on", "name", "address",
)  # fmt: skip


def account_head(session: Session, account_id: int) -> AccountHead:
    """One statement."""
    row = session.execute(_HEAD, {"account": account_id}).one()
    return AccountHead(
        id=row.id,
        kind=row.kind,
        reference=row.reference,
        holder=masked_name(row.name),
        address=masked_address(row.address) if row.address else "",
        credit=Money(row.credit_cents),
        system_of_record=row.system_of_record,
        status=row.status,
        opened_on=row.opened_on,
    )
