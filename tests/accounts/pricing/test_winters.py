"""Sewer by the winter's average, after the rules of cities that have it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from accounts.pricing.facts import FactMissing, Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import price, recompute
from accounts.pricing.winters import WinterAverage
from accounts.utilities.rules import MeterReads, Read, winter_of
from tests.accounts.pricing.rates import always, month

KGAL = {"en": "1,000 gallons", "es": "1,000 galones"}
SEAGOVILLE = {
    "type": "winter_average", "unit": KGAL, "months": [12, 1, 2, 3], "lowest": 3, "from_month": 3, "until_set": "4.5",
    "base_amount": "17.61", "included": 2, "rate": "8.47",
}  # fmt: skip
"""seagoville.us/136/Sewer-Rates: $17.61 for the first 2,000 gallons, $8.47 for each 1,000 above."""
MCKINNEY = {
    "type": "winter_average", "unit": KGAL, "months": [12, 1, 2], "from_month": 4, "cap": 8, "rate": "1.00",
}  # fmt: skip
"""Winter Quarter Average: December to February, at most 8 units, from April. At a dollar each, to show units."""


def shape(given: dict[str, object]) -> WinterAverage:
    return WinterAverage.model_validate(given)


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({"winter_average": "5"}, "43.02"),
        ({"winter_average": "1.2"}, "17.61"),
        ({}, "38.79"),
        ({"usage": "30"}, "38.79"),
    ],
)
def test_sewer_of_seagoville(facts: dict[str, str], asked: str) -> None:
    line = price(always(SEAGOVILLE), Facts.model_validate(facts), month(2026, 6))
    assert str(line.amount) == asked


@pytest.mark.parametrize(
    ("facts", "units"),
    [
        ({"winter_average": "7.5"}, "7.50"), ({"winter_average": "14.33"}, "8.00"),
        ({"usage": "3"}, "3.00"), ({"usage": "21"}, "8.00"), ({"winter_average": "2", "usage": "21"}, "2.00"),
    ],
)  # fmt: skip
def test_units_of_mckinney(facts: dict[str, str], units: str) -> None:
    """By the average, never more than eight; a new account by what it used, until its first winter is over."""
    line = price(always(MCKINNEY), Facts.model_validate(facts), month(2026, 6))
    assert str(line.amount) == units
    assert recompute(line.working.as_json(), always(MCKINNEY)) == line


def test_a_new_account_that_was_not_read_is_not_guessed() -> None:
    with pytest.raises(FactMissing):
        price(always(MCKINNEY), Facts(), month(2026, 6))


def test_a_part_of_a_period_pays_its_part_of_the_average() -> None:
    june = month(2026, 6)
    first, rest = Period(first=june.first, last=date(2026, 6, 12)), Period(first=date(2026, 6, 13), last=june.last)
    facts = Facts(winter_average=Decimal(20))
    parts = [price(always(MCKINNEY), facts, part, june).amount.cents for part in (first, rest)]
    assert parts == [3_20, 4_80]


@pytest.mark.parametrize(
    ("given", "bill", "season"),
    [
        (MCKINNEY, date(2026, 4, 15), [(2025, 12), (2026, 1), (2026, 2)]),
        (MCKINNEY, date(2026, 3, 15), [(2024, 12), (2025, 1), (2025, 2)]),
        (MCKINNEY, date(2026, 12, 15), [(2025, 12), (2026, 1), (2026, 2)]),
        (SEAGOVILLE, date(2026, 3, 10), [(2025, 12), (2026, 1), (2026, 2), (2026, 3)]),
        (SEAGOVILLE, date(2026, 2, 10), [(2024, 12), (2025, 1), (2025, 2), (2025, 3)]),
        (
            {**MCKINNEY, "months": [10, 11, 12], "from_month": 3},
            date(2026, 3, 1),
            [(2025, 10), (2025, 11), (2025, 12)],
        ),
    ],
)  # fmt: skip
def test_the_winter_that_rules(given: dict[str, object], bill: date, season: list[tuple[int, int]]) -> None:
    assert list(shape(given).season(bill)) == season


def test_the_mean_counts_the_lowest_and_is_rounded_half_up() -> None:
    used = [Decimal("9.9"), Decimal(4), Decimal("5.005"), Decimal("6.01")]
    assert shape(SEAGOVILLE).mean(used) == Decimal("5.01")
    assert shape({**MCKINNEY, "decimals": 0}).mean([Decimal(2), Decimal(3), Decimal("2.5")]) == Decimal(3)


@pytest.mark.parametrize("wrong", [{"months": [12, 12]}, {"lowest": 5}, {"months": [13]}])
def test_a_season_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        shape({**SEAGOVILLE, **wrong})


def _read_monthly(first: date, values: list[int]) -> MeterReads:
    """A meter that is read on the last day before each bill of the 15th."""
    days, on = [], first
    for _ in values:
        days.append(on - timedelta(days=1))
        on = date(on.year + on.month // 12, on.month % 12 + 1, on.day)
    reads = tuple(Read(day, value) for day, value in zip(days, values, strict=True))
    return MeterReads("A", "3/4", "CCF", 5, Decimal(1), date(2015, 1, 1), None, reads)


def test_the_average_comes_from_the_reads_of_the_winters_bills() -> None:
    meter = _read_monthly(date(2025, 11, 15), [100, 106, 113, 122, 170])
    whole = Period(first=date(2026, 5, 15), last=date(2026, 6, 14))
    winter = winter_of(shape(MCKINNEY), [meter], whole, date(2020, 1, 1))
    assert winter is not None
    assert winter.average == Decimal("7.33")
    assert [str(ccf) for _, ccf in winter.used] == ["6", "7", "9"]
    assert winter.used[0][0] == Period(first=date(2025, 11, 15), last=date(2025, 12, 14))


def test_there_is_none_for_who_came_in_the_winter_or_was_not_read_through_it() -> None:
    meter = _read_monthly(date(2025, 11, 15), [100, 106, 113, 122])
    gap = _read_monthly(date(2026, 1, 15), [113, 122])
    whole = Period(first=date(2026, 5, 15), last=date(2026, 6, 14))
    assert winter_of(shape(MCKINNEY), [meter], whole, date(2025, 12, 1)) is None
    assert winter_of(shape(MCKINNEY), [gap], whole, date(2020, 1, 1)) is None
    assert winter_of(shape(MCKINNEY), [], whole, date(2020, 1, 1)) is None
