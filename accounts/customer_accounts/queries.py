"""One account as its page needs it, whatever its kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account among others: of one person, or at one place. Nothing is masked."""

    id: int
    kind: str
    reference: str
    customer_id: int
    holder: str
    phone: str
    email: str
    premises_id: int | None
    address: str
    city: str
    zip_code: str
    status: str
    opened_on: date | None
    closed_on: date | None
    is_protected: bool
    is_restricted: bool

    @property
    def number(self) -> str:
        """The reference as people read it."""
        return shown(self.reference)


_HELD_COLUMNS = (
    "id", "kind", "reference", "customer_id", "holder", "phone", "email", "premises_id", "address", "city",
    "zip_code", "status", "opened_on", "closed_on", "is_protected", "is_restricted",
)  # fmt: skip
_HELD = """
    SELECT a.id, a.kind, a.reference, a.customer_id, c.name, c.phone, c.email, a.premises_id, coalesce(p.address, ''),
           coalesce(p.city, ''), coalesce(p.zip_code, ''), a.status, a.opened_on, a.closed_on, a.is_protected,
           a.is_restricted
      FROM customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE {which} = ANY (:ids)
       AND (NOT a.is_protected OR :sees_protected) AND (NOT a.is_restricted OR :sees_restricted)
     ORDER BY a.status DESC, a.id DESC LIMIT 200"""
_HELD_BY = query(_HELD.format(which="a.customer_id"), *_HELD_COLUMNS)
_HELD_AT = query(_HELD.format(which="a.premises_id"), *_HELD_COLUMNS)
_HELD_NAMED = query(_HELD.format(which="a.id"), *_HELD_COLUMNS)

_HIDDEN = query(
    """
    SELECT DISTINCT customer_id FROM customer_accounts
     WHERE customer_id = ANY (:ids)
       AND ((is_protected AND NOT :sees_protected) OR (is_restricted AND NOT :sees_restricted))""",
    "customer_id",
)


def accounts_of(
    session: Reader, customer_ids: Collection[int], *, sees_protected: bool, sees_restricted: bool
) -> list[HeldAccount]:
    """Accounts of these people that somebody with these rights may see; open ones first, then the newest."""
    return _held(session, _HELD_BY, customer_ids, sees_protected, sees_restricted)


def accounts_at(
    session: Reader, premises_ids: Collection[int], *, sees_protected: bool, sees_restricted: bool
) -> list[HeldAccount]:
    """Accounts at these places; as :func:`accounts_of`."""
    return _held(session, _HELD_AT, premises_ids, sees_protected, sees_restricted)


def accounts_named(
    session: Reader, account_ids: Collection[int], *, sees_protected: bool, sees_restricted: bool
) -> list[HeldAccount]:
    """These accounts; as :func:`accounts_of`."""
    return _held(session, _HELD_NAMED, account_ids, sees_protected, sees_restricted)


def _held(
    session: Reader, which: Any, ids: Collection[int], sees_protected: bool, sees_restricted: bool
) -> list[HeldAccount]:
    asked = {"ids": list(ids), "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return [HeldAccount(*row) for row in session.execute(which, asked)]


def customers_hidden(
    session: Reader, customer_ids: Collection[int], *, sees_protected: bool, sees_restricted: bool
) -> set[int]:
    """Those of these people who have an account that somebody with these rights may not see."""
    asked = {"ids": list(customer_ids), "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return {customer_id for (customer_id,) in session.execute(_HIDDEN, asked)}


@dataclass(frozen=True, slots=True)
class ScannedAccount:
    """An account whose number has the digits of a scan line."""

    id: int
    kind: str
    reference: str
    is_reference: bool
    """Found by our own reference, not by another number."""


_BY_SCAN_KEY = query(
    """
    SELECT a.id, a.kind, a.reference, a.reference = :digits
      FROM customer_accounts a
     WHERE a.id IN (SELECT id FROM customer_accounts WHERE reference = :digits
                    UNION ALL SELECT customer_account_id FROM account_aliases WHERE number_key = :digits)
       AND (NOT a.is_protected OR :sees_protected) AND (NOT a.is_restricted OR :sees_restricted)
     ORDER BY a.reference = :digits DESC, a.id LIMIT 10""",
    "id", "kind", "reference", "is_reference",
)  # fmt: skip


def by_scan_key(
    session: Reader, account_digits: str, *, sees_protected: bool, sees_restricted: bool
) -> list[ScannedAccount]:
    """Accounts with these digits: by our reference (first), or by another number that is all digits. One statement.

    Numbers with letters in them are not on scan lines; bills of such accounts carry our reference.
    """
    digits = account_digits.lstrip("0")
    asked = {"digits": digits, "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return [ScannedAccount(*row) for row in session.execute(_BY_SCAN_KEY, asked)] if digits else []
