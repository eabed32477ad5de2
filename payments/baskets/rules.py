"""How much of each account a basket pays. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.charges.rules import OpenCharge, Standing
from accounts.customer_accounts.rules import shown
from accounts.money import ZERO, Money, total

_KEY_LENGTH = 16
CHOICES = ("total", "past_due", "current", "other")


@dataclass(frozen=True)
class Bounds:
    """What the city takes at once on one account, whether more than is owed may be kept as credit, and how many
    accounts one payment takes."""

    least: Money
    most: Money
    overpayment_allowed: bool = True
    most_accounts: int = 250


@dataclass(frozen=True)
class Choice:
    """How much of an account: ``total``, ``past_due``, ``current``, or ``other`` with its amount."""

    kind: str
    other: Money | None = None

    def amount(self, owed: Standing) -> Money:
        """What the choice comes to."""
        if self.kind == "other":
            return self.other or Money()
        return {"past_due": owed.past_due, "current": owed.current}.get(self.kind, owed.total)


@dataclass(frozen=True)
class Coming:
    """A payment of somebody else's that is on its way to an account; ``left_the_page``: its card was entered."""

    id: int
    amount: Money
    started_at: datetime
    left_the_page: bool = False


@dataclass(frozen=True)
class Surplus:
    """So much is to be paid on an account that owes so much."""

    customer_account_id: int
    amount: Money
    owed: Money

    @property
    def over(self) -> Money:
        return max(self.amount - self.owed, ZERO)


@dataclass(frozen=True)
class BasketAccount:
    """An account in the basket as its page shows it; holder and address are masked already."""

    customer_account_id: int
    kind: str
    reference: str
    label: str
    holder: str
    choice: str
    other: Money | None
    standing: Standing
    charges: tuple[OpenCharge, ...]
    on_its_way: tuple[Coming, ...] = ()

    @property
    def number(self) -> str:
        """The reference as people read it aloud."""
        return shown(self.reference)

    @property
    def amount(self) -> Money:
        """What this basket would pay on the account."""
        return Choice(self.choice, self.other).amount(self.standing)

    @property
    def surplus(self) -> Surplus:
        """What of it nothing is owed for."""
        return Surplus(self.customer_account_id, self.amount, self.standing.total)


def digest(token: str) -> bytes:
    """How a basket is found: its token is never stored."""
    return hashlib.sha256(token.encode()).digest()


def basket_total(accounts: Sequence[BasketAccount]) -> Money:
    """The sum of what is paid on each account, without any fee."""
    return total(account.amount for account in accounts)


def surplus_key(lines: Iterable[Surplus]) -> str:
    """Says whether more is paid than is owed where a page said so, and by as much; empty where no more is paid."""
    over = sorted((one.customer_account_id, one.amount.cents, one.owed.cents) for one in lines if one.over)
    return hashlib.sha256(repr(over).encode()).hexdigest()[:_KEY_LENGTH] if over else ""


def told_of(accounts: Sequence[BasketAccount]) -> list[dict[str, object]]:
    """What a person who goes on has been told of: frozen with the attempt."""
    return [
        {"pending": coming.id, "account": account.customer_account_id, "cents": coming.amount.cents}
        for account in accounts
        for coming in account.on_its_way
    ]
