"""One account as its page needs it, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.customers.rules import masked_name
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
