"""The shapes a rate can take. Each turns facts into steps whose amounts, rounded half up, sum to the price.

Amounts and unit rates are dollars. A new shape is a class here and a member of ``Shape``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.pricing.facts import Facts, chosen, needed
from accounts.pricing.percentages import Percent, PerPart
from accounts.pricing.proration import Share
from accounts.pricing.texts import Frozen, Text, text
from accounts.pricing.winters import WinterAverage
from accounts.pricing.working import Dollars, Step, UnitRate, line

FIXED = text("Fixed charge", "Cargo fijo")
DWELLING = text("dwelling unit", "vivienda")
CART = text("cart", "contenedor")
METERED = frozenset({"volume", "tiers"})
"""Types of shapes that price usage."""
BY_WINTER = "winter_average"
NEED_READS = METERED | {BY_WINTER}
"""Types of shapes that cannot do without the reads of a meter."""


class Fixed(Frozen):
    """One amount per period or per event."""

    type: Literal["fixed"]
    amount: Dollars

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        del facts
        return [_fixed(FIXED, self.amount, share)]


class ByMeterSize(Frozen):
    """A fixed amount by the size of the meter, in inches as printed (``3/4``)."""

    type: Literal["by_meter_size"]
    amounts: dict[str, Dollars]

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        size = needed(facts.meter_size, "meter_size")
        label = text(f"Fixed charge, {size}-inch meter", f"Cargo fijo, medidor de {size} de pulgada")
        return [_fixed(label, chosen(self.amounts, size), share)]


class Choice(Frozen):
    name: Text
    amount: Dollars


class ByChoice(Frozen):
    """One amount out of a schedule: the fine of a violation, the deposit of a class."""

    type: Literal["by_choice"]
    choices: dict[str, Choice]

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        choice = chosen(self.choices, needed(facts.choice, "choice"))
        return [_fixed(choice.name, choice.amount, share)]


class PerDwellingUnit(Frozen):
    """A flat amount for each dwelling unit."""

    type: Literal["per_dwelling_unit"]
    amount: Dollars

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        label = text("Flat charge for each dwelling unit", "Cargo fijo por cada vivienda")
        return [
            line(label, Fraction(facts.dwelling_units), self.amount, DWELLING, part=share.of_whole, said=share.said)
        ]


class ByCart(Frozen):
    """A flat amount by size of cart, times how many of that size."""

    type: Literal["by_cart"]
    amounts: dict[str, Dollars]

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        lines = []
        for size, count in sorted(facts.carts.items()):
            amount = chosen(self.amounts, size)
            label = text(f"{size}-gallon cart", f"Contenedor de {size} galones")
            lines.append(line(label, Fraction(count), amount, CART, part=share.of_whole, said=share.said))
        return lines


@dataclass(frozen=True, slots=True)
class Block:
    """So much usage at one rate; tiers count from 1, and a uniform rate is one block."""

    tier: int
    quantity: Fraction
    rate: Decimal


class Volume(Frozen):
    """The same rate for every unit used."""

    type: Literal["volume"]
    unit: Text
    rate: UnitRate

    def blocks(self, used: Fraction, dwelling_units: int, share: Share) -> list[Block]:
        del dwelling_units, share
        return [Block(1, used, self.rate)]

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        used = Fraction(needed(facts.usage, "usage"))
        label = text("Usage", "Consumo")
        return [line(label, used, self.rate, self.unit, part=share.of_usage, said=share.usage_said)]


class Tier(Frozen):
    up_to: Annotated[Decimal, Field(gt=0)] | None = None
    """Last unit of the tier; none for the last tier."""
    rate: UnitRate


class Tiers(Frozen):
    """A rate for each block of usage; a short period has narrower blocks, an apartment house wider ones."""

    type: Literal["tiers"]
    unit: Text
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    width_per_dwelling_unit: bool = False

    @model_validator(mode="after")
    def _climb(self) -> Self:
        ends = [tier.up_to for tier in self.tiers]
        bounds = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(bounds) != len(ends) - 1 or bounds != sorted(set(bounds)):
            raise ValueError("tiers must rise, and only the last one is without up_to")
        return self

    def blocks(self, used: Fraction, dwelling_units: int, share: Share) -> list[Block]:
        """Usage by tier; a tier that nothing reached is left out, but for the first."""
        units = max(dwelling_units, 1) if self.width_per_dwelling_unit else 1
        width = units * (share.of_whole / share.of_usage)
        blocks, floor = [], Fraction(0)
        for number, tier in enumerate(self.tiers, start=1):
            end = used if tier.up_to is None else min(used, Fraction(tier.up_to) * width)
            if end > floor or number == 1:
                blocks.append(Block(number, end - floor, tier.rate))
            floor = max(floor, end)
        return blocks

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        used = Fraction(needed(facts.usage, "usage"))
        return [
            line(
                tier_label(block.tier),
                block.quantity,
                block.rate,
                self.unit,
                part=share.of_usage,
                said=share.usage_said,
            )
            for block in self.blocks(used, facts.dwelling_units, share)
        ]


class NoCharge(Frozen):
    """Nothing is charged, and a rule says so."""

    type: Literal["none"]

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        del facts, share
        return [Step(label=text("No charge", "Sin cargo"), amount_cents=0)]


Shape = Annotated[
    Fixed
    | ByMeterSize
    | ByChoice
    | PerDwellingUnit
    | ByCart
    | Volume
    | Tiers
    | WinterAverage
    | Percent
    | PerPart
    | NoCharge,
    Field(discriminator="type"),
]


def tier_label(number: int) -> Text:
    return text(f"Tier {number}", f"Nivel {number}")


def _fixed(label: Text, amount: Decimal, share: Share) -> Step:
    return line(label, Fraction(1), amount, part=share.of_whole, said=share.said)
