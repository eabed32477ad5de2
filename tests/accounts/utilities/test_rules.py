"""Usage from reads: roll-over, exchange, new customers, reads that lack."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.pricing.proration import Period
from accounts.utilities.rules import (
    MeterReads,
    MissingRead,
    PriceList,
    Read,
    ServiceTaken,
    billing_period,
    size_on,
    usage,
)
from tests.accounts.assessments.city import city

PERIOD = Period(first=date(2026, 10, 16), last=date(2026, 11, 15))
BEFORE, AFTER = date(2026, 10, 13), date(2026, 11, 12)


def meter(*reads: Read, serial: str = "A", unit: str = "CCF", multiplier: str = "1", **more: object) -> MeterReads:
    facts: dict[str, object] = {
        "size": "3/4", "dials": 5, "installed_on": date(2015, 1, 1), "removed_on": None, **more,
    }  # fmt: skip
    return MeterReads(serial=serial, unit=unit, multiplier=Decimal(multiplier), reads=reads, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("previous", "current", "unit", "multiplier", "ccf"),
    [
        (100, 112, "CCF", "1", "12"),
        (99_990, 4, "CCF", "1", "14"),
        (50, 50, "CCF", "1", "0"),
        (1_000, 2_250, "CF", "1", "12.5"),
        (10, 22, "CCF", "10", "120"),
        (0, 7_481, "GAL", "1", "10.001"),
    ],
)
def test_usage_is_the_difference_modulo_the_dials_times_the_multiplier(
    previous: int, current: int, unit: str, multiplier: str, ccf: str
) -> None:
    read = meter(Read(BEFORE, previous), Read(AFTER, current), unit=unit, multiplier=multiplier)
    assert usage([read], PERIOD).ccf == Decimal(ccf)


def test_an_exchange_gives_two_segments() -> None:
    swap = date(2026, 11, 2)
    old = meter(Read(BEFORE, 990), Read(swap, 997, "final"), removed_on=swap)
    new = meter(Read(swap, 3), Read(AFTER, 8), serial="B", installed_on=swap, size="1")
    used = usage([old, new], PERIOD)
    assert [(s.serial, s.ccf) for s in used.segments] == [("A", Decimal(7)), ("B", Decimal(5))]
    assert used.ccf == Decimal(12)
    assert (size_on([old, new], date(2026, 11, 1)), size_on([old, new], PERIOD.last)) == ("3/4", "1")


def test_a_meter_that_came_late_adds_nothing_yet() -> None:
    late = meter(Read(date(2026, 11, 14), 0), serial="B", installed_on=date(2026, 11, 14))
    assert usage([meter(Read(BEFORE, 1), Read(AFTER, 9)), late], PERIOD).ccf == Decimal(8)


def test_a_new_customer_does_not_pay_for_what_ran_before() -> None:
    moved_in = date(2026, 11, 1)
    part = Period(first=moved_in, last=PERIOD.last)
    reads = meter(Read(BEFORE, 100), Read(moved_in, 140), Read(AFTER, 145))
    assert usage([reads], part, is_start=True).ccf == Decimal(5)
    with pytest.raises(MissingRead):
        usage([meter(Read(BEFORE, 100), Read(AFTER, 145))], part, is_start=True)


def test_of_two_reads_on_a_day_the_more_trusted_counts() -> None:
    reads = meter(Read(BEFORE, 100), Read(AFTER, 190, "estimated"), Read(AFTER, 111, "reread"), Read(AFTER, 112))
    assert usage([reads], PERIOD).ccf == Decimal(11)


@pytest.mark.parametrize("reads", [(), (Read(BEFORE, 100),), (Read(AFTER, 100),)])
def test_a_read_that_lacks_is_named(reads: tuple[Read, ...]) -> None:
    with pytest.raises(MissingRead) as missing:
        usage([meter(*reads)], PERIOD)
    assert missing.value.facts["serial"] == "A"


def test_a_premises_without_a_meter_has_no_usage() -> None:
    with pytest.raises(MissingRead):
        usage([], PERIOD)


def test_periods_end_on_the_day_before_the_bill() -> None:
    assert billing_period("monthly", date(2026, 11, 16)) == PERIOD
    assert billing_period("monthly", date(2026, 1, 15)) == Period(first=date(2025, 12, 15), last=date(2026, 1, 14))
    assert billing_period("bimonthly", date(2026, 2, 15)).first == date(2025, 12, 15)


def test_a_rate_code_may_name_several_rates_and_choices() -> None:
    service = ServiceTaken("water-fixed+water-usage:x", 1, date(2020, 1, 1))
    assert service.rates == (("water-fixed", ""), ("water-usage", "x"))


def test_services_are_priced_by_the_city_and_prorated_when_they_start_inside() -> None:
    prices = PriceList(city())
    read = meter(Read(BEFORE, 100), Read(AFTER, 112))
    whole = prices.lines([ServiceTaken("water-fixed+water-usage", 1, date(2020, 1, 1))], [read], PERIOD)
    assert [line.amount.cents for line in whole] == [27_60, 38_64]
    late = ServiceTaken("refuse-carts:64", 2, date(2026, 11, 1))
    (refuse,) = prices.lines([late], [], PERIOD)
    assert refuse.amount.cents == round(2 * 55_65 * 15 / 31)
    ended = ServiceTaken("storm-drain", 1, date(2020, 1, 1), PERIOD.first)
    assert prices.lines([ended], [], PERIOD) == []


def test_equal_services_are_priced_once() -> None:
    prices = PriceList(city())
    service = ServiceTaken("storm-drain", 12, date(2020, 1, 1))
    first, second = prices.lines([service, service], [], PERIOD)
    assert first is second
    assert first.amount.cents == 12 * 4_35
