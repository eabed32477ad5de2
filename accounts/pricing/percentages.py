"""Shapes that take a part of a base: gross receipts, a payment. Percentages are percent: ``0.1`` is 0.1 %."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from accounts.pricing.facts import Facts, needed
from accounts.pricing.proration import Share
from accounts.pricing.texts import Frozen, Text, text
from accounts.pricing.working import Dollars, Percentage, Step, cents, line, sum_of

BASE = text("Base amount", "Importe base")
LEFT_OF_YEAR = text("Only the part of the year that is left", "Solo la parte del año que queda")


class Percent(Frozen):
    """A base amount plus a percentage of what exceeds a threshold, not below a minimum nor above a maximum."""

    type: Literal["percent"]
    of: Text
    """What the percentage is taken of: ``gross receipts``."""
    percent: Percentage
    base_amount: Dollars = Decimal(0)
    excess_over: Dollars = Decimal(0)
    minimum: Dollars = Decimal(0)
    maximum: Dollars | None = None

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        excess = max(needed(facts.base, "base") - self.excess_over, Decimal(0))
        lines = [line(BASE, Fraction(1), self.base_amount)] if self.base_amount else []
        amount = cents(Fraction(excess) * Fraction(self.percent) / 100)
        rated = Step(label=self.of, quantity=excess, rate=self.percent, percent=True, amount_cents=amount.cents)
        return _prorated(_bounded([*lines, rated], self.minimum, self.maximum), share)


class PerPart(Frozen):
    """A base amount that covers a first part, then an amount for each further ``per`` dollars *or fraction*."""

    type: Literal["per_part"]
    of: Text
    base_amount: Dollars
    included: Dollars
    amount: Dollars
    per: Annotated[Decimal, Field(gt=0)]
    maximum: Dollars | None = None

    def steps(self, facts: Facts, share: Share) -> list[Step]:
        excess = max(needed(facts.base, "base") - self.included, Decimal(0))
        parts = Fraction(ceil(excess / self.per))
        unit = text(f"each ${self.per:,} or fraction", f"cada ${self.per:,} o fracción")
        lines = [
            line(BASE, Fraction(1), self.base_amount),
            line(self.of, parts, self.amount, unit),
        ]
        return _prorated(_bounded(lines, Decimal(0), self.maximum), share)


def _bounded(steps: list[Step], minimum: Decimal, maximum: Decimal | None) -> list[Step]:
    reached = sum_of(steps)
    if reached < cents(minimum):
        lack = cents(minimum) - reached
        return [*steps, Step(label=text("Up to the minimum", "Hasta el mínimo"), amount_cents=lack.cents)]
    if maximum is not None and reached > cents(maximum):
        beyond = cents(maximum) - reached
        return [*steps, Step(label=text("Down to the maximum", "Hasta el máximo"), amount_cents=beyond.cents)]
    return steps


def _prorated(steps: list[Step], share: Share) -> list[Step]:
    if share.said is None:
        return steps
    full = sum_of(steps)
    less = full - cents(Fraction(full.dollars) * share.of_whole)
    return [*steps, Step(label=LEFT_OF_YEAR, share=share.said, amount_cents=-less.cents)]
