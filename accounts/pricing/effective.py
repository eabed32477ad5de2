"""What holds from one day to another, by whose authority."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from accounts.pricing.texts import Frozen

Authority = Annotated[str, Field(min_length=3)]
"""The resolution, ordinance or statute that sets a figure: ``Resolution 2025-041``."""


class Effective(Frozen):
    """In force from ``valid_from`` through ``valid_to``, both days included; without an end until further notice."""

    valid_from: date
    valid_to: date | None = None
    authority: Authority
    source: str = ""
    """Where a published figure was taken from, and what in it is derived."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"ends on {self.valid_to}, before it begins on {self.valid_from}")
        return self

    def covers(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


E = TypeVar("E", bound=Effective)


def in_force(items: Iterable[E], on: date) -> E | None:
    """The item in force on a day, if any."""
    return next((item for item in items if item.covers(on)), None)


def breaks(items: Sequence[Effective]) -> list[tuple[int, str]]:
    """Where a list of versions overlaps or leaves a gap: (index of the later one, what is wrong)."""
    found = []
    for index, (before, after) in enumerate(pairwise(items), start=1):
        if before.valid_to is None or after.valid_from <= before.valid_to:
            end = before.valid_to or "further notice"
            found.append((index, f"begins on {after.valid_from}, but the version before it runs until {end}"))
        elif after.valid_from > before.valid_to + timedelta(days=1):
            found.append((index, f"leaves a gap from {before.valid_to} to {after.valid_from}"))
    return found
