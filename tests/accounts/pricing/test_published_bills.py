"""Bills as cities published them: the same figures, whichever shape their rates have, and through changes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.money import total
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import Rate, price
from tests.accounts.pricing.rates import HCF, MANTECA_FIXED, MANTECA_USAGE, always, month

KGAL = {"en": "1,000 gallons", "es": "1,000 galones"}


def tiers(unit: dict[str, str], *steps: tuple[int | None, str], **more: object) -> Rate:
    blocks = [{"rate": rate, **({"up_to": end} if end else {})} for end, rate in steps]
    return always({"type": "tiers", "unit": unit, "tiers": blocks, **more})


SUNNYVALE = tiers(HCF, (10, "4.39"), (None, "5.36"))
"""City of Sunnyvale CA, 2020/21, bills of two months: $4.39 for the first 10 CCF, then $5.36."""
GLENDALE = tiers(HCF, (8, "2.61"), (15, "3.84"), (None, "3.99"))
"""City of Glendale CA, 2018, single family."""
GLENDALE_UNITS = tiers(HCF, (6, "2.61"), (None, "3.84"), width_per_dwelling_unit=True)
"""The same, multifamily: a tier is as wide as 6 HCF times the dwelling units."""
MCKINNEY = tiers(KGAL, (7, "4.70"), (20, "6.50"), (40, "8.20"), (None, "9.85"))
"""City of McKinney TX, water in the city, beside a base of $18.70."""


@pytest.mark.parametrize(
    ("rate", "usage", "units", "asked"),
    [
        (SUNNYVALE, 10, 1, "43.90"), (SUNNYVALE, 16, 1, "76.06"),
        (GLENDALE, 8, 1, "20.88"), (GLENDALE, 15, 1, "47.76"), (GLENDALE, 20, 1, "67.71"),
        (GLENDALE_UNITS, 24, 4, "62.64"), (GLENDALE_UNITS, 30, 4, "85.68"),
        (MCKINNEY, 7, 1, "32.90"), (MCKINNEY, 25, 1, "158.40"), (MCKINNEY, 50, 1, "379.90"),
    ],
)  # fmt: skip
def test_usage_in_tiers(rate: Rate, usage: int, units: int, asked: str) -> None:
    assert str(price(rate, Facts(usage=Decimal(usage), dwelling_units=units), month(2020, 7)).amount) == asked


def test_a_whole_bill_of_sunnyvale() -> None:
    """Water, sewer of a single-family house $102.66, medium cart $82.94, in two months."""
    period = Period(first=date(2020, 9, 1), last=date(2020, 10, 31))
    carts = always({"type": "by_cart", "amounts": {"small": "74.72", "medium": "82.94", "large": "93.34"}})
    sewer = always({"type": "per_dwelling_unit", "amount": "102.66"})
    facts = Facts(usage=Decimal(16), carts={"medium": 1})
    lines = [price(rate, facts, period).amount for rate in (SUNNYVALE, sewer, carts)]
    assert str(total(lines)) == "261.66"


def test_a_bill_of_manteca_over_the_day_on_which_tiers_became_one_rate() -> None:
    """May 2025, 3/4 inch, 16 HCF: 14 days under $17.15 and tiers, 17 days under $21.24 and $2.47 for each HCF."""
    may = month(2025, 5)
    fixed = price(MANTECA_FIXED, Facts(meter_size="3/4"), may)
    used = price(MANTECA_USAGE, Facts(usage=Decimal(16)), may)
    assert [step.amount_cents for step in fixed.working.steps] == [7_75, 11_65]
    assert [step.amount_cents for step in used.working.steps] == [7_44, 21_67]
    assert [version.valid_from for version in used.working.versions] == [date(2009, 1, 1), date(2025, 5, 15)]
    assert [step.share.in_("en") for step in used.working.steps if step.share] == ["14 of 31 days", "17 of 31 days"]


@pytest.mark.parametrize(
    ("first", "last", "fixed", "used"),
    [
        ("2025-06-01", "2025-06-30", "21.24", "24.70"),
        ("2025-06-11", "2025-06-30", "14.16", "24.70"),
        ("2025-06-01", "2025-06-03", "2.12", "24.70"),
    ],
)
def test_moving_in_and_out_pays_the_days_and_all_that_was_used(first: str, last: str, fixed: str, used: str) -> None:
    part = Period(first=date.fromisoformat(first), last=date.fromisoformat(last))
    whole = month(2025, 6)
    assert str(price(MANTECA_FIXED, Facts(meter_size="3/4"), part, whole).amount) == fixed
    assert str(price(MANTECA_USAGE, Facts(usage=Decimal(10)), part, whole).amount) == used
