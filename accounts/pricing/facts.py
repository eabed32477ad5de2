"""What a rate may need to know of the thing it prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import Field

from accounts.errors import DomainError
from accounts.pricing.texts import Frozen

T = TypeVar("T")


class FactMissing(DomainError):
    """The rate needs something that is not known of the account: ``facts["fact"]``."""


class NoSuchChoice(DomainError):
    """The rate has no price for this meter size, cart or violation: ``facts["choice"]``."""


class Facts(Frozen):
    """What is known of the thing priced; a rate takes what its shape needs."""

    usage: Annotated[Decimal, Field(ge=0)] | None = None
    """In the unit of the rate (HCF: hundred cubic feet)."""
    winter_average: Annotated[Decimal, Field(ge=0)] | None = None
    """The mean of the winter that rules on the bill; none: the account has none yet."""
    dwelling_units: Annotated[int, Field(ge=0)] = 1
    meter_size: str | None = None
    carts: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Size of cart → how many."""
    base: Annotated[Decimal, Field(ge=0)] | None = None
    """Dollars that a percentage is taken of: gross receipts, a payment."""
    choice: str | None = None


def needed(value: T | None, fact: str) -> T:
    if value is None:
        raise FactMissing(f"the rate needs {fact}", fact=fact)
    return value


def chosen(schedule: Mapping[str, T], choice: str) -> T:
    if choice not in schedule:
        raise NoSuchChoice(f"no price for {choice!r}; known are {', '.join(schedule)}", choice=choice)
    return schedule[choice]
