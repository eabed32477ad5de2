"""Penalties that a wrong bill earned: each is worked out again on what the bill should have asked.

The rule: a penalty keeps its day and its place on the old bill, and never grows. It is taken of what would have been
owed on its day had the bill been right, by the rule of the release that raised it; stages before it count as they are
now. A part that a person forgave stays forgiven. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.adjustments.rules import penalty_now
from accounts.cities.rules import City, NotInTheCity
from accounts.money import ZERO, Money, total
from accounts.pricing.working import PricedLine


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line of the old bill, with what it asked when the penalty was raised."""

    revenue_line: str
    rule: str
    asked: Money


@dataclass(frozen=True, slots=True)
class Earned:
    """A penalty on a bill that is made anew. ``source_key`` as ``accounts.assessments`` makes it."""

    charge_id: int
    source_key: str
    release_id: int
    amount: Money
    """As it was raised."""
    asked: Money
    """Today, after what was forgiven."""
    on: date
    working: Mapping[str, Any]
    lines: tuple[WrongLine, ...]
    """Those that the penalty could be taken of: of the bill, or the one charge."""

    @property
    def is_of_bill(self) -> bool:
        return self.source_key.split(":")[2] == "bill"

    @property
    def base(self) -> tuple[str, ...]:
        """Of what its stages are taken, the same on a bill and on the one made in its place."""
        _, rule, kind, *_ = self.source_key.split(":")
        line = self.lines[0]
        return (rule,) if kind == "bill" else (rule, line.revenue_line, line.rule)

    @property
    def key(self) -> str:
        """The stage, and which time it is."""
        return self.source_key.split(":", 4)[4]


@dataclass(frozen=True, slots=True)
class Less:
    """A penalty that asks less now: ``was`` and ``now`` are what it asks."""

    charge_id: int
    was: Money
    now: Money


def recomputed(city_of: Callable[[int], City], earned: Sequence[Earned], right: Sequence[PricedLine]) -> list[Less]:
    """Penalties that ask less by the lines of the right bill, in their order; others stay as they are."""
    known: dict[tuple[str, ...], dict[str, Money]] = {}
    changed = []
    for one in sorted(earned, key=lambda each: (each.on, each.charge_id)):
        stages = known.setdefault(one.base, {})
        by_rule = _by_right_bill(city_of(one.release_id), one, right, stages)
        stages[one.key] = by_rule
        if by_rule < one.asked:
            changed.append(Less(one.charge_id, one.asked, by_rule))
    return changed


def _by_right_bill(city: City, one: Earned, right: Sequence[PricedLine], stages: Mapping[str, Money]) -> Money:
    """What the penalty would have come to; as it was raised where its rule says no more."""
    try:
        covered = set(city.penalty(str(one.working.get("rule"))).applies_to)
    except NotInTheCity:
        return one.amount
    asked = total(line.asked for line in one.lines if line.revenue_line in covered)
    too_much = asked - total(line.amount for line in right if _meets(one, line, covered))
    if too_much <= ZERO:
        return one.amount
    now = penalty_now(city, one.working, -too_much, stages)
    return one.amount if now is None else min(now, one.amount)


def _meets(one: Earned, line: PricedLine, covered: set[str]) -> bool:
    if one.is_of_bill:
        return line.revenue_line in covered
    wrong = one.lines[0]
    return (line.revenue_line, line.working.rule) == (wrong.revenue_line, wrong.rule)
