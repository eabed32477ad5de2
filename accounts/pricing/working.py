"""Why this cent: what a priced line was made of, frozen beside the charge and shown in either language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from accounts.money import Money, total
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

Dollars = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
UnitRate = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=6)]
Percentage = Annotated[Decimal, Field(ge=0, le=1000, max_digits=12, decimal_places=6)]
"""Percent: ``0.1`` is one tenth of one percent."""

ChargeKind = Literal["service", "fee", "tax", "fine", "penalty", "opening"]


class Step(Frozen):
    """One line of the working. ``amount_cents`` is exact; ``quantity`` may be shortened for reading."""

    label: Text
    quantity: Decimal | None = None
    unit: Text | None = None
    rate: Decimal | None = None
    """Dollars per unit, or a percentage where ``percent`` says so."""
    percent: bool = False
    share: Text | None = None
    """``12 of 30 days``, where only a part of the period is charged."""
    amount_cents: int


class VersionUsed(Frozen):
    """A version of a rule that had a part in the price."""

    valid_from: date
    valid_to: date | None = None
    authority: str
    source: str = ""

    @classmethod
    def of(cls, version: Effective) -> VersionUsed:
        """What the working keeps of a version."""
        return cls(
            valid_from=version.valid_from,
            valid_to=version.valid_to,
            authority=version.authority,
            source=version.source,
        )


class Working(Frozen):
    """Everything needed to explain a line and, with the rule of the city release, to price it again."""

    rule: str
    rule_kind: Literal["rate", "penalty", "leak"]
    versions: tuple[VersionUsed, ...]
    inputs: dict[str, JsonValue] = Field(default_factory=dict)
    steps: tuple[Step, ...]
    amount_cents: int

    def as_json(self) -> dict[str, object]:
        """For a ``JSONB`` column; ``Working.model_validate`` reads it back."""
        return self.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a bill before it is owed."""

    amount: Money
    revenue_line: str
    kind: ChargeKind
    description: dict[str, str]
    """By language, as ``charges.description`` keeps it."""
    working: Working


def cents(dollars: Fraction | Decimal) -> Money:
    """Whole cents, half up (away from zero for credits), from an exact number of dollars."""
    hundredfold = Fraction(dollars) * 100
    size = floor(abs(hundredfold) + Fraction(1, 2))
    return Money(size if hundredfold >= 0 else -size)


def legible(number: Fraction) -> Decimal:
    """A quantity for reading, shortened to four places."""
    shortened = round(Decimal(number.numerator) / Decimal(number.denominator), 4).normalize()
    return shortened.quantize(Decimal(1)) if shortened == shortened.to_integral_value() else shortened


def sum_of(steps: list[Step]) -> Money:
    return total(Money(step.amount_cents) for step in steps)


def line(
    label: Text,
    quantity: Fraction,
    rate: Decimal,
    unit: Text | None = None,
    *,
    part: Fraction = Fraction(1),
    said: Text | None = None,
) -> Step:
    """A step of ``quantity × rate × part``, rounded half up to the cent."""
    amount = cents(quantity * Fraction(rate) * part)
    return Step(label=label, quantity=legible(quantity), unit=unit, rate=rate, share=said, amount_cents=amount.cents)
