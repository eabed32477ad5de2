"""Vectors 2, 4 and 5 of the domain, changes of rate and of shape, and lines priced again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.money import Money
from accounts.pricing.facts import FactMissing, Facts, NoSuchChoice
from accounts.pricing.proration import Period
from accounts.pricing.rules import NoRateInForce, NotReproducible, Rate, price, recompute
from accounts.pricing.working import Working
from tests.accounts.pricing.rates import HCF, MANTECA_FIXED, MANTECA_USAGE, RECEIPTS, always, month, rate

THREE_QUARTERS = Facts(meter_size="3/4")


@pytest.mark.parametrize(
    ("period", "usage", "asked"),
    [
        (month(2025, 1), 16, "33.63"),
        (month(2025, 1), 22, "40.45"),
        (month(2025, 6), 16, "60.76"),
        (month(2028, 7), 16, "99.01"),
    ],
)
def test_water_of_manteca(period: Period, usage: int, asked: str) -> None:
    fixed = price(MANTECA_FIXED, THREE_QUARTERS, period)
    used = price(MANTECA_USAGE, Facts(usage=Decimal(usage)), period)
    assert str(fixed.amount + used.amount) == asked


@pytest.mark.parametrize(
    ("start", "asked"),
    [
        ("2025-07-01", "154.00"), ("2025-08-01", "149.83"), ("2025-09-30", "145.67"), ("2025-10-15", "141.50"),
        ("2025-11-02", "137.33"), ("2025-12-31", "133.17"), ("2026-01-01", "129.00"), ("2026-02-28", "124.83"),
        ("2026-03-01", "120.67"), ("2026-04-10", "116.50"), ("2026-05-31", "112.33"), ("2026-06-30", "108.17"),
    ],
)  # fmt: skip
def test_the_license_table_of_modesto(start: str, asked: str) -> None:
    """$50 a fiscal year prorated by the month of starting, $100 deposit, $4 to the State."""
    year = Period(first=date(2025, 7, 1), last=date(2026, 6, 30))
    rest = Period(first=date.fromisoformat(start), last=year.last)
    line = price(always({"type": "fixed", "amount": "50.00"}, "monthly"), Facts(), rest, year)
    assert str(line.amount + Money(104_00)) == asked


TRACY = {"type": "percent", "of": RECEIPTS, "percent": "0.1", "base_amount": 50, "excess_over": 500_000}
PETALUMA = {"type": "percent", "of": RECEIPTS, "percent": "0.016", "minimum": 45}
MILPITAS = {
    "type": "per_part",
    "of": RECEIPTS,
    "base_amount": 75,
    "included": 60_000,
    "amount": "1.25",
    "per": 1000,
    "maximum": 25_000,
}


@pytest.mark.parametrize(
    ("shape", "receipts", "asked"),
    [
        (TRACY, 750_000, "300.00"),
        (TRACY, 500_000, "50.00"),
        (TRACY, 0, "50.00"),
        (PETALUMA, 400_000, "64.00"),
        (PETALUMA, 200_000, "45.00"),
        (MILPITAS, 60_000, "75.00"),
        (MILPITAS, "60000.01", "76.25"),
        (MILPITAS, 61_000, "76.25"),
        (MILPITAS, 61_001, "77.50"),
        (MILPITAS, 90_000_000, "25000.00"),
    ],
)
def test_license_taxes_by_gross_receipts(shape: dict[str, object], receipts: int | str, asked: str) -> None:
    line = price(always(shape, "none"), Facts(base=Decimal(receipts)), Period.day(date(2026, 1, 1)))
    assert str(line.amount) == asked
    assert sum(step.amount_cents for step in line.working.steps) == line.amount.cents


def test_a_tax_by_receipts_is_prorated_in_a_step_of_its_own() -> None:
    year = Period(first=date(2025, 7, 1), last=date(2026, 6, 30))
    rest = Period(first=date(2026, 1, 1), last=year.last)
    line = price(always(TRACY, "quarterly"), Facts(base=Decimal(750_000)), rest, year)
    assert [step.amount_cents for step in line.working.steps] == [50_00, 250_00, -150_00]
    assert line.working.steps[-1].share is not None
    assert line.working.steps[-1].share.in_("es") == "2 de 4 trimestres"


@pytest.mark.parametrize(
    ("shape", "facts", "asked"),
    [
        ({"type": "fixed", "amount": "35"}, Facts(), "35.00"),
        ({"type": "per_dwelling_unit", "amount": "57.60"}, Facts(dwelling_units=4), "230.40"),
        ({"type": "by_cart", "amounts": {"32": "44.60", "96": "103.47"}}, Facts(carts={"32": 2, "96": 1}), "192.67"),
        ({"type": "by_choice", "choices": {"meter": {"name": HCF, "amount": 63}}}, Facts(choice="meter"), "63.00"),
        ({"type": "none"}, Facts(), "0.00"),
    ],
)
def test_flat_shapes(shape: dict[str, object], facts: Facts, asked: str) -> None:
    assert str(price(always(shape), facts, month(2026, 3)).amount) == asked


def test_tiers_of_an_apartment_house_are_as_wide_as_its_units() -> None:
    """Glendale 2018: 6 HCF for each unit of a multifamily house."""
    tiers = [{"up_to": 6, "rate": "2.61"}, {"rate": "3.84"}]
    glendale = always({"type": "tiers", "unit": HCF, "tiers": tiers, "width_per_dwelling_unit": True})
    line = price(glendale, Facts(usage=Decimal(20), dwelling_units=3), month(2026, 3))
    assert [step.amount_cents for step in line.working.steps] == [46_98, 7_68]


def test_a_period_over_a_change_of_shape_is_priced_by_its_days_under_each() -> None:
    """1 to 31 May 2025: 14 days of tiers, 17 of the uniform rate."""
    line = price(MANTECA_USAGE, Facts(usage=Decimal(22)), month(2025, 5))
    tier_1, tier_2, uniform = line.working.steps
    assert tier_1.amount_cents == 930  # 20 × 1.03 × 14/31 = 9.3032
    assert tier_2.amount_cents == 122  # 2 × 1.35 × 14/31 = 1.2194
    assert uniform.amount_cents == 2980  # 22 × 2.47 × 17/31 = 29.7993
    assert line.amount == Money(40_32)
    assert uniform.share is not None
    assert uniform.share.in_("en") == "17 of 31 days"
    assert [version.valid_from for version in line.working.versions] == [date(2009, 1, 1), date(2025, 5, 15)]


def test_moving_in_late_pays_the_days_and_narrower_tiers_but_all_that_was_used() -> None:
    whole, served = month(2024, 6), Period(first=date(2024, 6, 16), last=date(2024, 6, 30))
    assert price(MANTECA_FIXED, THREE_QUARTERS, served, whole).amount == Money(8_58)  # 17.15 / 2, half up
    used = price(MANTECA_USAGE, Facts(usage=Decimal(16)), served, whole)
    assert [step.quantity for step in used.working.steps] == [Decimal(10), Decimal(6)]


def test_the_working_is_plain_data_and_proves_its_line() -> None:
    line = price(MANTECA_USAGE, Facts(usage=Decimal("22.5")), month(2025, 5))
    frozen = line.working.as_json()
    assert Working.model_validate(frozen) == line.working
    assert recompute(frozen, MANTECA_USAGE) == line
    with pytest.raises(NotReproducible):
        recompute(frozen, MANTECA_USAGE.model_copy(update={"code": "another"}))


def test_a_changed_rule_shows_in_the_recomputed_line() -> None:
    frozen = price(MANTECA_USAGE, Facts(usage=Decimal(16)), month(2025, 6)).working
    cheaper = rate(("2009-01-01", None, {"type": "volume", "unit": HCF, "rate": "1.00"}))
    assert recompute(frozen, cheaper).amount == Money(16_00)


@pytest.mark.parametrize(
    ("asked", "facts", "on", "refusal"),
    [
        (MANTECA_USAGE, Facts(), date(2025, 1, 1), FactMissing),
        (MANTECA_FIXED, Facts(meter_size="9"), date(2025, 1, 1), NoSuchChoice),
        (MANTECA_FIXED, THREE_QUARTERS, date(2008, 12, 31), NoRateInForce),
    ],
)
def test_what_cannot_be_priced_is_refused_by_name(asked: Rate, facts: Facts, on: date, refusal: type) -> None:
    with pytest.raises(refusal):
        price(asked, facts, Period.day(on))
