"""What must hold for any rate: more usage never costs less, steps sum to the line, a split changes only roundings."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import Rate, price, recompute
from tests.accounts.pricing.rates import HCF, always, rate

USAGE = st.decimals(min_value=0, max_value=2000, places=2)
RATE = st.decimals(min_value=0, max_value=20, places=4)
DAY = st.dates(min_value=date(2010, 1, 1), max_value=date(2040, 12, 31))
LENGTH = st.integers(min_value=2, max_value=70)


@st.composite
def tiers(draw: st.DrawFn) -> dict[str, object]:
    ends = sorted(draw(st.sets(st.integers(min_value=1, max_value=500), max_size=4)))
    blocks = [{"up_to": end, "rate": draw(RATE)} for end in ends] + [{"rate": draw(RATE)}]
    return {"type": "tiers", "unit": HCF, "tiers": blocks, "width_per_dwelling_unit": draw(st.booleans())}


SHAPES = st.one_of(
    tiers(),
    st.builds(lambda r: {"type": "volume", "unit": HCF, "rate": r}, RATE),
    st.builds(lambda a: {"type": "fixed", "amount": a}, st.decimals(min_value=0, max_value=500, places=2)),
)


def period(first: date, days: int) -> Period:
    return Period(first=first, last=first + timedelta(days=days - 1))


def cents(asked: Rate, usage: Decimal, served: Period, whole: Period | None = None) -> int:
    line = price(asked, Facts(usage=usage, dwelling_units=2), served, whole)
    assert sum(step.amount_cents for step in line.working.steps) == line.amount.cents
    assert recompute(line.working.as_json(), asked) == line
    return line.amount.cents


@given(tiers(), USAGE, USAGE, DAY, LENGTH)
def test_more_usage_never_costs_less(
    shape: dict[str, object], one: Decimal, other: Decimal, on: date, days: int
) -> None:
    less, more = sorted((one, other))
    assert cents(always(shape), less, period(on, days)) <= cents(always(shape), more, period(on, days))


@given(SHAPES, USAGE, DAY, LENGTH, st.data())
def test_a_change_of_version_that_changes_nothing_costs_the_same(
    shape: dict[str, object], usage: Decimal, on: date, days: int, data: st.DataObject
) -> None:
    """But for half a cent in each step."""
    whole = period(on, days)
    cut = on + timedelta(days=data.draw(st.integers(min_value=0, max_value=days - 2)))
    split = rate(("2000-01-01", str(cut), shape), (str(cut + timedelta(days=1)), None, shape))
    steps = len(price(split, Facts(usage=usage, dwelling_units=2), whole).working.steps)
    assert abs(cents(split, usage, whole) - cents(always(shape), usage, whole)) <= steps


@given(st.decimals(min_value=0, max_value=500, places=2), DAY, LENGTH, st.data())
def test_two_who_share_a_period_pay_it_once(amount: Decimal, on: date, days: int, data: st.DataObject) -> None:
    whole = period(on, days)
    left = data.draw(st.integers(min_value=1, max_value=days - 1))
    fixed = always({"type": "fixed", "amount": amount})
    leaving, coming = period(on, left), period(on + timedelta(days=left), days - left)
    both = cents(fixed, Decimal(0), leaving, whole) + cents(fixed, Decimal(0), coming, whole)
    assert abs(both - cents(fixed, Decimal(0), whole)) <= 1


@given(st.decimals(min_value=0, max_value=10**8, places=2), st.decimals(min_value=0, max_value=10**8, places=2))
def test_more_receipts_never_owe_less_and_bounds_hold(one: Decimal, other: Decimal) -> None:
    shape = {"type": "percent", "of": HCF, "percent": "0.3", "base_amount": 50, "minimum": 60, "maximum": 9000}
    day = Period.day(date(2026, 1, 1))
    less, more = (price(always(shape, "none"), Facts(base=base), day).amount.cents for base in sorted((one, other)))
    assert 60_00 <= less <= more <= 9000_00


@given(tiers(), st.integers(min_value=0, max_value=400), DAY, LENGTH, st.data())
def test_a_period_in_two_parts_costs_what_it_costs_whole_when_usage_is_even(
    shape: dict[str, object], per_day: int, on: date, days: int, data: st.DataObject
) -> None:
    """Tiers are as narrow as the part is short; but for half a cent in each step of either."""
    whole, left = period(on, days), data.draw(st.integers(min_value=1, max_value=days - 1))
    asked = always(shape)
    parts = ((period(on, left), left), (period(on + timedelta(days=left), days - left), days - left))
    lines = [price(asked, Facts(usage=Decimal(per_day * n), dwelling_units=2), part, whole) for part, n in parts]
    one = price(asked, Facts(usage=Decimal(per_day * days), dwelling_units=2), whole)
    steps = sum(len(line.working.steps) for line in (*lines, one))
    assert abs(sum(line.amount.cents for line in lines) - one.amount.cents) <= steps / 2


@st.composite
def by_winter(draw: st.DrawFn) -> dict[str, object]:
    return {
        "type": "winter_average", "unit": HCF, "months": [12, 1, 2], "from_month": 4, "rate": draw(RATE),
        "included": 1, "base_amount": "5.00", "cap": draw(st.decimals(min_value=1, max_value=30, places=1)),
    }  # fmt: skip


@given(by_winter(), st.decimals(min_value=0, max_value=60, places=2), DAY, LENGTH, st.data())
def test_by_the_winter_two_parts_cost_what_the_whole_costs_and_never_more_than_the_cap(
    shape: dict[str, object], average: Decimal, on: date, days: int, data: st.DataObject
) -> None:
    asked, whole, facts = always(shape), period(on, days), Facts(winter_average=average)
    left = data.draw(st.integers(min_value=1, max_value=days - 1))
    parts = (period(on, left), period(on + timedelta(days=left), days - left))
    both = sum(price(asked, facts, part, whole).amount.cents for part in parts)
    one = price(asked, facts, whole).amount.cents
    assert abs(both - one) <= 3
    most = (Decimal(str(shape["cap"])) - 1) * Decimal(str(shape["rate"])) * 100
    assert one <= 5_00 + round(most) + 1
