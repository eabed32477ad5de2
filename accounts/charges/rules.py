"""Allocation: which money meets which charge. The order is law, so it is data; the engine is pure.

Charges named by the payment come first, in the order named; then the policy's ranks; inside a rank the oldest
due date, then the lowest id. What is left over becomes credit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from accounts.money import ZERO, Money

EXPLICIT = "explicit"


@dataclass(frozen=True)
class NewCharge:
    """A charge to raise. ``receivable`` and ``revenue`` are ledger account codes of its fund.

    For an external revenue line ``revenue`` is the city's billing-system control account, not revenue.
    """

    customer_account_id: int
    revenue_line: str
    kind: str
    fund: str
    receivable: str
    revenue: str
    amount: Money
    description: dict[str, str]
    billed_on: date
    due_on: date
    delinquent_on: date
    bill_id: int | None = None
    working: dict[str, object] = field(default_factory=dict)
    city_release_id: int | None = None
    source_system: str = "ventanilla"
    source_key: str | None = None


@dataclass(frozen=True)
class OpenCharge:
    """A charge as allocation sees it."""

    id: int
    customer_account_id: int
    revenue_line: str
    kind: str
    fund: str
    open: Money
    due_on: date
    version: int = 1
    description: tuple[tuple[str, str], ...] = ()
    delinquent_on: date | None = None
    receivable: str = ""
    """The ledger account that it was raised on."""

    def description_in(self, language: str) -> str:
        """What it is for, in ``language`` or else the first language there is."""
        return dict(self.description).get(language) or self.description[0][1]


@dataclass(frozen=True)
class AllocationOrder:
    """A version of the city's allocation policy: ranks of (revenue line or ``*``, charge kind or ``*``)."""

    version: str
    ranks: tuple[tuple[str, str], ...]
    authority: str = ""

    def rank(self, charge: OpenCharge) -> int:
        """The first rank that fits; charges that no rank names come last."""
        for place, (line, kind) in enumerate(self.ranks):
            if line in ("*", charge.revenue_line) and kind in ("*", charge.kind):
                return place
        return len(self.ranks)


@dataclass(frozen=True)
class Share:
    """So much of the payment meets this charge, under this policy version (or ``explicit``)."""

    charge: OpenCharge
    amount: Money
    policy: str


@dataclass(frozen=True)
class Allocated:
    """The shares of a payment and what no charge took: the customer's credit."""

    shares: tuple[Share, ...]
    credit: Money


def allocate(
    amount: Money, charges: Sequence[OpenCharge], order: AllocationOrder, targets: Sequence[int] = ()
) -> Allocated:
    """Lay ``amount`` on ``charges``; no cent is lost and no charge is overpaid."""
    if amount.cents < 0:
        raise ValueError("an amount to allocate is not negative")
    named = {charge_id: place for place, charge_id in enumerate(targets)}
    queue = sorted(
        charges, key=lambda c: (named.get(c.id, len(named)), 0 if c.id in named else order.rank(c), c.due_on, c.id)
    )
    shares: list[Share] = []
    left = amount
    for charge in queue:
        part = min(left, charge.open)
        if part > ZERO:
            shares.append(Share(charge, part, EXPLICIT if charge.id in named else order.version))
            left -= part
    return Allocated(tuple(shares), left)


@dataclass(frozen=True)
class Standing:
    """What an account owes on a day, as people choose from it."""

    total: Money
    past_due: Money
    current: Money


class Owed(Protocol):
    """Anything with something left to pay by a day."""

    @property
    def open(self) -> Money: ...

    @property
    def due_on(self) -> date: ...


def standing(charges: Sequence[Owed], today: date) -> Standing:
    """Past due is what was due before ``today``; the rest of the total is current."""
    past_due = Money(sum(c.open.cents for c in charges if c.due_on < today))
    everything = Money(sum(c.open.cents for c in charges))
    return Standing(everything, past_due, everything - past_due)


@dataclass(frozen=True)
class Ages:
    """What is open by how long it has been past due, in days; ``current`` is not past due."""

    current: Money
    to_30: Money
    to_60: Money
    to_90: Money
    over_90: Money

    @property
    def past_due(self) -> Money:
        return self.to_30 + self.to_60 + self.to_90 + self.over_90

    @property
    def total(self) -> Money:
        return self.current + self.past_due


def by_age(charges: Sequence[Owed], today: date) -> Ages:
    """What is open by age: due ``today`` or later, 1-30 days past due, 31-60, 61-90, and more."""
    cents = [0, 0, 0, 0, 0]
    for charge in charges:
        late = (today - charge.due_on).days
        cents[0 if late <= 0 else min((late - 1) // 30 + 1, 4)] += charge.open.cents
    return Ages(*map(Money, cents))


def next_due(charges: Sequence[Owed], today: date) -> tuple[date, Money] | None:
    """The next day on which something is due, ``today`` included, and how much on that day."""
    day = min((charge.due_on for charge in charges if charge.due_on >= today), default=None)
    if day is None:
        return None
    return day, Money(sum(charge.open.cents for charge in charges if charge.due_on == day))


@dataclass(frozen=True)
class Untrue:
    """A ``charge``, or what an account is ``owed`` for or has in ``credit``: as it is kept, and as it was found."""

    what: str
    name: str
    kept: Money
    found: Money
