"""Periods, and what part of a whole one is charged: by day, by calendar month or by quarter of a license year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, Self

from pydantic import model_validator

from accounts.pricing.texts import Frozen, Text, text

Proration = Literal["none", "daily", "monthly", "quarterly"]


class Period(Frozen):
    """Days from ``first`` through ``last``, both included."""

    first: date
    last: date

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"a period cannot end on {self.last}, before its first day {self.first}")
        return self

    @classmethod
    def day(cls, on: date) -> Period:
        """One day: for a fee or a fine, which has no period."""
        return cls(first=on, last=on)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def months(self) -> int:
        """Calendar months that the period touches; a part of a month counts as a month."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def meets(self, first: date, last: date | None) -> Period | None:
        """The part of this period that lies between two days."""
        begin, end = max(self.first, first), self.last if last is None else min(self.last, last)
        return Period(first=begin, last=end) if begin <= end else None


@dataclass(frozen=True, slots=True)
class Share:
    """What one version of a rate prices: its part of the usage, and its part of a whole period's amounts."""

    of_usage: Fraction = Fraction(1)
    """Days of the segment ÷ days of the period in which the usage was measured."""
    of_whole: Fraction = Fraction(1)
    """Days (months, quarters) charged ÷ those of the whole period: scales fixed amounts and widths of tiers."""
    said: Text | None = None
    """``of_whole`` in words, where it is not the whole."""
    usage_said: Text | None = None


WHOLE = Share()


def share(segment: Period, period: Period, whole: Period, proration: Proration) -> Share:
    """The share of ``segment``, a part of the served ``period``, which is a part of the ``whole`` billing period."""
    if proration == "daily":
        return Share(
            of_usage=Fraction(segment.days, period.days),
            of_whole=Fraction(segment.days, whole.days),
            said=_said(segment.days, whole.days, "days", "días"),
            usage_said=_said(segment.days, period.days, "days", "días"),
        )
    if proration == "monthly":
        part, of = period.months, whole.months
        return Share(of_whole=Fraction(part, of), said=_said(part, of, "months", "meses"))
    if proration == "quarterly":
        part, of = _quarters(period), _quarters(whole)
        return Share(of_whole=Fraction(part, of), said=_said(part, of, "quarters", "trimestres"))
    return WHOLE


def _said(part: int, of: int, unit_en: str, unit_es: str) -> Text | None:
    return None if part == of else text(f"{part} of {of} {unit_en}", f"{part} de {of} {unit_es}")


def _quarters(period: Period) -> int:
    return -(-period.months // 3)
