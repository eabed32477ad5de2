"""Which line of the bank is which of ours, with the reason; what is not plain is left to a person. Pure.

First amounts that are equal: a common number wins, then the only one in the days in which it is to be expected.
Then lines that are several of ours together, or one of them less a fee.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from payments.bank_statements.rules import KINDS_OF_CODE, is_number, plain_number

NUMBER, ONLY_ONE, TOGETHER, LESS_FEE = "same-number", "only-one-in-days", "together", "less-fee"
MOST_TOGETHER = 12
"""Of so many of ours in the days of a line all sums are tried; among more it is not plain which they are."""
UnitKey = tuple[str, str]


@dataclass(frozen=True)
class BankSide:
    """A line that is not matched. ``numbers``: all that may be a reference in it."""

    id: int
    on: date
    cents: int
    type_code: str = ""
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OurSide:
    """Something of ours that no line has met; its journals with what each moves."""

    kind: str
    subject: str
    cents: int
    on: date
    journals: tuple[tuple[int, int], ...] = ()
    numbers: frozenset[str] = frozenset()

    @property
    def key(self) -> UnitKey:
        return self.kind, self.subject


@dataclass(frozen=True)
class Window:
    """When lines are to be expected: ``early`` days before ours until so many days after, by kind."""

    early: int
    days: Mapping[str, int]
    fee_percent: Decimal = Decimal(0)

    def covers(self, line_on: date, ours: OurSide) -> bool:
        return self.first(ours) <= line_on <= self.last(ours)

    def first(self, ours: OurSide) -> date:
        return ours.on - timedelta(days=self.early)

    def last(self, ours: OurSide) -> date:
        return ours.on + timedelta(days=self.days[ours.kind])

    @property
    def longest(self) -> int:
        return max(self.days.values(), default=0)


@dataclass(frozen=True)
class Found:
    """A line, all of ours that it is, and why. They sum to the line, but for a fee."""

    line: BankSide
    ours: tuple[OurSide, ...]
    reason: str

    @property
    def fee(self) -> int:
        """What the bank kept, in cents."""
        return sum(one.cents for one in self.ours) - self.line.cents


@dataclass
class Outcome:
    """What equal amounts came to; ``contested`` had somebody to be, but not plainly."""

    found: list[Found] = field(default_factory=list)
    contested_lines: set[int] = field(default_factory=set)
    contested_ours: set[UnitKey] = field(default_factory=set)


def numbers_of(references: Iterable[str]) -> frozenset[str]:
    """References of ours as they are compared."""
    return frozenset(plain for text in references if is_number(plain := plain_number(text)))


def may_be(line: BankSide, kind: str) -> bool:
    """Can a line of this type code be ours of this kind?"""
    kinds = KINDS_OF_CODE.get(line.type_code)
    return kinds is None or kind in kinds


def pair_equal(lines: Sequence[BankSide], ours: Sequence[OurSide], window: Window) -> Outcome:
    """Lines and ours of one and the same amount. Cost grows with n log n, however many there are of one amount."""
    outcome = Outcome()
    taken_lines, taken_ours = _by_number(lines, ours, outcome)
    _by_days(
        [line for line in lines if line.id not in taken_lines],
        [one for one in ours if one.key not in taken_ours],
        window,
        outcome,
    )
    return outcome


def _by_number(lines: Sequence[BankSide], ours: Sequence[OurSide], outcome: Outcome) -> tuple[set[int], set[UnitKey]]:
    by_number: dict[str, list[OurSide]] = defaultdict(list)
    for one in ours:
        for number in one.numbers:
            by_number[number].append(one)
    edges: list[tuple[BankSide, dict[UnitKey, OurSide]]] = [
        (
            line,
            {one.key: one for number in line.numbers for one in by_number.get(number, ()) if may_be(line, one.kind)},
        )
        for line in lines
    ]
    told = Counter(key for _, met in edges for key in met)
    found = [
        Found(line, (one,), NUMBER)
        for line, met in edges
        if len(met) == 1 and told[(one := next(iter(met.values()))).key] == 1
    ]
    outcome.found += found
    return {one.line.id for one in found}, {one.ours[0].key for one in found}


def _by_days(lines: Sequence[BankSide], ours: Sequence[OurSide], window: Window, outcome: Outcome) -> None:
    if not lines or not ours:
        return
    sorted_lines: dict[str, list[BankSide]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.on):
        sorted_lines[line.type_code].append(line)
    line_days = {code: [line.on for line in part] for code, part in sorted_lines.items()}
    met: Counter[int] = Counter()
    of_ours: dict[UnitKey, tuple[OurSide, BankSide | None, int]] = {}
    for one in ours:
        number = 0
        first: BankSide | None = None
        for code, days in line_days.items():
            part = sorted_lines[code]
            if not may_be(part[0], one.kind):
                continue
            begin, end = bisect_left(days, window.first(one)), bisect_right(days, window.last(one))
            number += end - begin
            first = first or (part[begin] if end > begin else None)
        of_ours[one.key] = (one, first, number)
    _count_of_lines(sorted_lines, ours, window, met)
    for one, met_line, number in of_ours.values():
        if number == 1 and met_line is not None and met[met_line.id] == 1:
            outcome.found.append(Found(met_line, (one,), ONLY_ONE))
        elif number:
            outcome.contested_ours.add(one.key)
    decided = {one.line.id for one in outcome.found}
    outcome.contested_lines |= {line.id for line in lines if met[line.id] and line.id not in decided}


def _count_of_lines(
    lines: Mapping[str, Sequence[BankSide]], ours: Sequence[OurSide], window: Window, met: Counter[int]
) -> None:
    """How many of ours each line could be."""
    days_of: dict[str, list[date]] = defaultdict(list)
    for one in ours:
        days_of[one.kind].append(one.on)
    for days in days_of.values():
        days.sort()
    for part in lines.values():
        kinds = [kind for kind in days_of if may_be(part[0], kind)]
        for line in part:
            for kind in kinds:
                earliest = line.on - timedelta(days=window.days[kind])
                latest = line.on + timedelta(days=window.early)
                met[line.id] += bisect_right(days_of[kind], latest) - bisect_left(days_of[kind], earliest)


def together(line: BankSide, ours: Sequence[OurSide], window: Window) -> Found | None:
    """The only two or more of one kind that sum to the line; none where there are several ways, or too many."""
    ways: list[tuple[OurSide, ...]] = []
    for kind in sorted({one.kind for one in ours}):
        if not may_be(line, kind):
            continue
        pool = [
            one for one in ours
            if one.kind == kind and one.cents * line.cents > 0 and abs(one.cents) < abs(line.cents)
            and window.covers(line.on, one)
        ]  # fmt: skip
        if len(pool) > MOST_TOGETHER:
            return None
        ways += sums_to(line.cents, pool)
        if len(ways) > 1:
            return None
    return Found(line, ways[0], TOGETHER) if ways else None


def sums_to(cents: int, pool: Sequence[OurSide], least: int = 2) -> list[tuple[OurSide, ...]]:
    """At most two ways to choose ``least`` or more of the pool that sum to an amount."""
    ways: list[tuple[OurSide, ...]] = []

    def choose(place: int, left: int, chosen: tuple[OurSide, ...]) -> None:
        if len(ways) > 1:
            return
        if place == len(pool):
            if not left and len(chosen) >= least:
                ways.append(chosen)
            return
        choose(place + 1, left - pool[place].cents, (*chosen, pool[place]))
        choose(place + 1, left, chosen)

    choose(0, cents, ())
    return ways


def less_fee(line: BankSide, ours: Sequence[OurSide], window: Window) -> Found | None:
    """The only settlement of the terminals that the line is, less what the bank may keep of it."""
    if not window.fee_percent or line.cents <= 0 or not may_be(line, "terminal"):
        return None
    met = [
        one for one in ours
        if one.kind == "terminal" and window.covers(line.on, one)
        and 0 < one.cents - line.cents <= one.cents * window.fee_percent.scaleb(-2)
    ]  # fmt: skip
    return Found(line, (met[0],), LESS_FEE) if len(met) == 1 else None


def undisputed(found: Sequence[Found]) -> list[Found]:
    """Of what was found for each line by itself, that in which nothing of ours is claimed by two lines."""
    claimed = Counter(one.key for proposal in found for one in proposal.ours)
    return [proposal for proposal in found if all(claimed[one.key] == 1 for one in proposal.ours)]
