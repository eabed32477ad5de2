"""All that a sale holds while it is made: its lines and tenders, and how they are kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from accounts.money import ZERO, Money, total

CASH, CHECK, MONEY_ORDER, TERMINAL = "cash", "check", "money_order", "terminal"
KINDS = (CASH, CHECK, MONEY_ORDER, TERMINAL)
SUSPENSE = "suspense"
"""The code of an item that is money whose owner is not known yet."""
MOST_LINES, MOST_TENDERS = 250, 20


@dataclass(frozen=True)
class AccountLine:
    """What is paid on an account; ``targets`` are charges that the customer named."""

    customer_account_id: int
    amount: Money
    targets: tuple[int, ...] = ()


@dataclass(frozen=True)
class ItemLine:
    """Something of the catalog; ``amount`` is for all of it."""

    code: str
    quantity: int
    amount: Money
    project: str = ""
    note: str = ""
    """What the clue says, where the item is money in suspense; what a department calls its money."""


@dataclass(frozen=True)
class TenderLine:
    """One tender. ``given`` is what was handed over; of cash more than ``amount`` where change is due."""

    kind: str
    amount: Money
    given: Money
    reference: str = ""
    bank: str = ""
    brand: str = ""
    last4: str = ""
    made_out_to_city: bool = True

    @property
    def change(self) -> Money:
        return self.given - self.amount


@dataclass(frozen=True)
class Draft:
    """All that a sale holds before it is taken."""

    accounts: tuple[AccountLine, ...] = ()
    items: tuple[ItemLine, ...] = ()
    tenders: tuple[TenderLine, ...] = ()
    payer: str = ""
    """Who brought it, where that is not the account's holder: a department, a messenger."""
    manual_number: str = ""
    """The number of the paper receipt that was written while there was no system."""

    @property
    def due(self) -> Money:
        return total(line.amount for line in self.accounts) + total(line.amount for line in self.items)

    @property
    def tendered(self) -> Money:
        return total(line.amount for line in self.tenders)

    @property
    def missing(self) -> Money:
        """What is still to be tendered; negative where too much is."""
        return self.due - self.tendered

    @property
    def change(self) -> Money:
        return total(line.change for line in self.tenders)

    @property
    def cash(self) -> Money:
        """What of it stays in the drawer as cash."""
        return total(line.amount for line in self.tenders if line.kind == CASH)

    def as_json(self) -> dict[str, object]:
        plain: dict[str, object] = _plain(asdict(self))
        return plain

    def with_cash(self, given: Money) -> Draft:
        """The sale paid by what is missing in cash, out of ``given``; as much of it as there is."""
        kept = min(given, self.missing)
        return replace(self, tenders=(*self.tenders, TenderLine(CASH, kept, given))) if kept > ZERO else self


def read_draft(content: Mapping[str, Any]) -> Draft:
    """A draft out of the JSON that :meth:`Draft.as_json` made."""
    return Draft(
        accounts=tuple(
            AccountLine(one["customer_account_id"], Money(one["amount"]), tuple(one["targets"]))
            for one in content.get("accounts", ())
        ),
        items=tuple(ItemLine(**{**one, "amount": Money(one["amount"])}) for one in content.get("items", ())),
        tenders=tuple(
            TenderLine(**{**one, "amount": Money(one["amount"]), "given": Money(one["given"])})
            for one in content.get("tenders", ())
        ),
        payer=content.get("payer", ""),
        manual_number=content.get("manual_number", ""),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"cents"}:
            return value["cents"]
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
