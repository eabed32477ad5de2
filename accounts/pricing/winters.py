"""Usage billed by the mean of a winter's bills, when nobody waters a garden: what reaches the sewer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.pricing.facts import Facts, needed
from accounts.pricing.proration import Share
from accounts.pricing.texts import Frozen, Text, text
from accounts.pricing.working import Dollars, Step, UnitRate, legible, line

Month = Annotated[int, Field(ge=1, le=12)]
AVERAGE = text("Winter average", "Promedio de invierno")
UNTIL_SET = text("Usage, until there is a winter average", "Consumo, hasta que haya promedio de invierno")
ASSUMED = text(
    "Usage assumed until there is a winter average", "Consumo supuesto hasta que haya promedio de invierno"
)
BASE = text("Base charge", "Cargo base")


class WinterAverage(Frozen):
    """A rate for usage as it was in winter, whatever is used now.

    As McKinney TX has it: the mean of December to February, at most 8 units, from April on; a new account pays by
    what it uses until it has one. As Seagoville TX has it: of December to March the three lowest, from the bills of
    March, and 4,500 gallons are assumed of a new account.
    """

    type: Literal["winter_average"]
    unit: Text
    months: Annotated[tuple[Month, ...], Field(min_length=1, max_length=6)]
    """Months whose bills count, in the order of the season: 12, 1, 2."""
    from_month: Month
    """The first bills by the new average are those of this month."""
    lowest: Annotated[int, Field(ge=1)] | None = None
    """Only so many of the months count, those with the least usage."""
    cap: Annotated[Decimal, Field(gt=0)] | None = None
    """More units than this are never charged, by average or by usage."""
    until_set: Annotated[Decimal, Field(ge=0)] | None = None
    """Units assumed of an account without an average; none: what it really used."""
    decimals: Annotated[int, Field(ge=0, le=4)] = 2
    """Places to which the average is rounded, half up."""
    base_amount: Dollars = Decimal(0)
    included: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """Units that the base amount covers."""
    rate: UnitRate

    @model_validator(mode="after")
    def _is_a_season(self) -> Self:
        if len(set(self.months)) != len(self.months):
            raise ValueError("a month stands twice")
        if self.lowest is not None and self.lowest > len(self.months):
            raise ValueError(f"there are no {self.lowest} months among {len(self.months)}")
        return self

    def season(self, billed_on: date) -> tuple[tuple[int, int], ...]:
        """(Year, month) of the bills whose average rules on the bill of a day."""
        last = self.months[-1]
        year = billed_on.year if billed_on.month >= self.from_month else billed_on.year - 1
        if last >= self.from_month and self.from_month != last:
            year -= 1
        return tuple((year - (month > last), month) for month in self.months)

    def mean(self, used: Sequence[Decimal]) -> Decimal:
        """The average of what was used on the bills of a season."""
        counted = sorted(used)[: self.lowest]
        exact = sum(counted, Decimal(0)) / len(counted)
        return exact.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        used, label, part, said = self._billed(facts, share)
        width = share.of_whole / part
        cap = None if self.cap is None else Fraction(self.cap) * width
        if cap is not None and used > cap:
            label = text(
                f"{label.in_('en')} ({legible(used)}), charged up to {legible(cap)}",
                f"{label.in_('es')} ({legible(used)}), se cobra hasta {legible(cap)}",
            )
            used = cap
        steps = []
        if self.base_amount:
            steps.append(line(BASE, Fraction(1), self.base_amount, part=share.of_whole, said=share.said))
        above = max(used - Fraction(self.included) * width, Fraction(0))
        steps.append(line(label, above, self.rate, self.unit, part=part, said=said))
        return steps

    def _billed(self, facts: Facts, share: Share) -> tuple[Fraction, Text, Fraction, Text | None]:
        """Units, what they are called, the part of them that is priced, and that in words."""
        if facts.winter_average is not None:
            return Fraction(facts.winter_average), AVERAGE, share.of_whole, share.said
        if self.until_set is not None:
            return Fraction(self.until_set), ASSUMED, share.of_whole, share.said
        return Fraction(needed(facts.usage, "usage")), UNTIL_SET, share.of_usage, share.usage_said
