"""What must hold of usage and of bills, whatever the meters said."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from accounts.money import Money, total
from accounts.pricing.proration import Period
from accounts.utilities.rules import MeterReads, PriceList, Read, ServiceTaken, usage
from tests.accounts.assessments.city import city

PERIOD = Period(first=date(2026, 10, 16), last=date(2026, 11, 15))
BEFORE, AFTER = date(2026, 10, 13), date(2026, 11, 12)
DIALS = 5
USED = st.integers(min_value=0, max_value=2_000)
SHOWN = st.integers(min_value=0, max_value=10**DIALS - 1)
PRICES = PriceList(city())


def meter(
    serial: str, *reads: Read, installed_on: date = date(2015, 1, 1), removed_on: date | None = None
) -> MeterReads:
    return MeterReads(serial, "3/4", "CCF", DIALS, Decimal(1), installed_on, removed_on, reads)


def turned(value: int, used: int) -> int:
    return (value + used) % 10**DIALS


@given(SHOWN, SHOWN, USED, USED, st.integers(min_value=1, max_value=26))
def test_an_exchange_measures_and_costs_what_one_meter_would(
    old: int, new: int, before: int, after: int, day: int
) -> None:
    """Two segments, each modulo its own dials."""
    swap = PERIOD.first + timedelta(days=day)
    first = meter("A", Read(BEFORE, old), Read(swap, turned(old, before), "final"), removed_on=swap)
    second = meter("B", Read(swap, new), Read(AFTER, turned(new, after)), installed_on=swap)
    alone = meter("A", Read(BEFORE, old), Read(AFTER, turned(old, before + after)))
    both = usage([first, second], PERIOD)
    assert [segment.ccf for segment in both.segments] == [before, after]
    services = [ServiceTaken("water-fixed+water-usage", 1, date(2020, 1, 1))]
    exchanged, one = PRICES.lines(services, [first, second], PERIOD), PRICES.lines(services, [alone], PERIOD)
    assert [line.amount for line in exchanged] == [line.amount for line in one]


@given(
    SHOWN, USED, st.integers(min_value=1, max_value=40), st.dates(min_value=date(2026, 10, 1), max_value=AFTER),
    st.none() | st.dates(min_value=date(2026, 11, 13), max_value=date(2026, 12, 1)),
)  # fmt: skip
def test_lines_sum_to_the_bill_and_steps_to_their_line(
    shown: int, used: int, units: int, since: date, until: date | None
) -> None:
    reads = [Read(BEFORE, shown), Read(since, shown), Read(since - timedelta(days=1), shown),
             Read(AFTER, turned(shown, used)), Read(PERIOD.last, turned(shown, used))]  # fmt: skip
    services = [
        ServiceTaken("water-fixed+water-usage", 1, since, until), ServiceTaken("sewer-residential", units, since),
        ServiceTaken("refuse-carts:64", units, since, until), ServiceTaken("storm-drain", units, date(2020, 1, 1)),
    ]  # fmt: skip
    lines = PRICES.lines(services, [meter("A", *reads)], PERIOD)
    steps = sum(step.amount_cents for line in lines for step in line.working.steps)
    assert total(line.amount for line in lines) == Money(steps)
    assert all(line.working.amount_cents == line.amount.cents > 0 for line in lines)
