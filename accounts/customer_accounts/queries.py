"""One account as its page needs it, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.customer_accounts.rules import shown
from accounts.customers.rules import masked_name
from accounts.database import Reader, query
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


HEAD = "a.id, a.kind, a.reference, a.credit_cents, a.system_of_record, a.status, a.opened_on, c.name, p.address"
HEAD_OF = """customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id"""
"""Columns and tables for statements of other features: they select ``HEAD`` first, and give it to :func:`head_of`."""
HEAD_NAMES = ("id", "kind", "reference", "credit_cents", "system_of_record", "status", "opened_on", "name", "address")


def head_of(row: Sequence[Any]) -> AccountHead:
    """The account at the beginning of a row."""
    id_, kind, reference, credit_cents, system_of_record, status, opened_on, name, address = row[: len(HEAD_NAMES)]
    return AccountHead(
        id=id_,
        kind=kind,
        reference=reference,
        holder=masked_name(name),
        address=masked_address(address) if address else "",
        credit=Money(credit_cents),
        system_of_record=system_of_record,
        status=status,
        opened_on=opened_on,
    )


@dataclass(frozen=True)
class AccountFile:
    """An account as staff open it: nothing is masked, and it is only given to those who may see it."""

    id: int
    kind: str
    reference: str
    customer_id: int
    holder: str
    address: str
    status: str
    system_of_record: str
    credit: Money
    opened_on: date | None
    closed_on: date | None
    is_protected: bool
    is_restricted: bool

    @property
    def number(self) -> str:
        """The reference as people read it."""
        return shown(self.reference)


_FILE = query("""
    SELECT a.id, a.kind, a.reference, a.customer_id, c.name, coalesce(p.address, ''), a.status, a.system_of_record,
           a.credit_cents, a.opened_on, a.closed_on, a.is_protected, a.is_restricted
      FROM customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE a.reference = :reference
       AND (NOT a.is_protected OR :sees_protected) AND (NOT a.is_restricted OR :sees_restricted)""",
    "id", "kind", "reference", "customer_id", "holder", "address", "status", "system_of_record", "credit_cents",
    "opened_on", "closed_on", "is_protected", "is_restricted",
)  # fmt: skip


def account_file(
    session: Reader, reference: str, *, sees_protected: bool, sees_restricted: bool
) -> AccountFile | None:
    """The account of a reference for somebody with these rights; none where there is none. One statement."""
    asked = {"reference": reference, "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    row = session.execute(_FILE, asked).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    return AccountFile(credit=Money(values.pop("credit_cents")), **values)
