"""What changes inside of a period, after examples that others worked out and published: the same figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.money import total
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import price
from accounts.pricing.winters import WinterAverage
from accounts.utilities.rules import MeterReads, Read, usage
from tests.accounts.pricing.rates import always, month, rate

KGAL = {"en": "1,000 gallons", "es": "1,000 galones"}
UNIT = {"en": "unit", "es": "unidad"}


def volume(dollars: str, unit: dict[str, str] = UNIT) -> dict[str, object]:
    return {"type": "volume", "unit": unit, "rate": dollars}


def test_a_winter_average_in_dollars() -> None:
    """wcid17.org/services/wastewater/winter-averaging: 8,000 gallons, 8 x $2.47 + $28.00 = $47.76 a month."""
    shape = {
        "type": "winter_average", "unit": KGAL, "months": [12, 1, 2], "from_month": 3, "until_set": "8",
        "base_amount": "28.00", "rate": "2.47",
    }  # fmt: skip
    for facts in (Facts(winter_average=Decimal(8), usage=Decimal(31)), Facts(usage=Decimal(31))):
        assert str(price(always(shape), facts, month(2026, 6)).amount) == "47.76"


def test_a_winter_average_of_two_bills() -> None:
    """cityofgigharbor.net/Faq.aspx?QID=122: 20 and 10 CCF are 30; by two, 15 CCF at most on each bill of the year."""
    shape = WinterAverage.model_validate(
        {"type": "winter_average", "unit": UNIT, "months": [1, 3], "from_month": 4, "rate": "1.00"}
    )
    assert shape.mean([Decimal(20), Decimal(10)]) == Decimal(15)


def test_a_rate_that_changes_in_the_middle_splits_the_use_by_days() -> None:
    """docs.oracle.com, Rates, Service Quantity Proration: April 1 to May 15, another rate from April 16, 100 units:
    33 before and 67 after (theirs in whole units, ours in cents of a dollar each)."""
    changed = rate(("2020-01-01", "2026-04-15", volume("1.00")), ("2026-04-16", None, volume("1.00")))
    line = price(changed, Facts(usage=Decimal(100)), Period(first=date(2026, 4, 1), last=date(2026, 5, 15)))
    assert [round(step.amount_cents / 100) for step in line.working.steps] == [33, 67]
    assert line.amount.cents == 100_00


def test_twenty_days_at_the_old_rate_and_ten_at_the_new() -> None:
    """community.agl.com.au, "What is pro-rata billing?": of 30 days 20 at the old rate and 10 at the new, each with
    the daily average of what was used. At $1 and $2 for 30 units: $20 and $20."""
    changed = rate(("2020-01-01", "2026-06-20", volume("1.00")), ("2026-06-21", None, volume("2.00")))
    line = price(changed, Facts(usage=Decimal(30)), month(2026, 6))
    assert [step.amount_cents for step in line.working.steps] == [20_00, 20_00]


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [(date(2026, 4, 12), date(2026, 4, 30), "19.00"), (date(2026, 4, 1), date(2026, 4, 19), "19.00")],
)
def test_moving_in_or_out_inside_of_a_month(first: date, last: date, asked: str) -> None:
    """current.helpscoutdocs.com/article/145: April 1 to 30, service from April 12, $30 x 19/30 = $19.00; and so for
    who leaves after as many days."""
    base = always({"type": "fixed", "amount": "30.00"})
    assert str(price(base, Facts(), Period(first=first, last=last), month(2026, 4)).amount) == asked


def test_a_meter_exchanged_inside_of_a_period() -> None:
    """cranberrytownship.org/2540: exchanged on February 2, 2017, read on the 21st. 4,000 gallons on the new meter,
    6,000 on both; 6 x $6.46 = $38.76, and $6 a month once: $44.76."""
    swap, end = date(2017, 2, 2), date(2017, 2, 21)
    period = Period(first=date(2017, 1, 22), last=end)
    old = MeterReads(
        "old", "5/8", "GAL", 7, Decimal(1), date(2001, 1, 1), swap,
        (Read(date(2017, 1, 21), 512_000), Read(swap, 514_000, "final")),
    )  # fmt: skip
    new = MeterReads("new", "5/8", "GAL", 7, Decimal(1), swap, None, (Read(swap, 0), Read(end, 4_000)))
    used = usage([old, new], period)
    assert [segment.serial for segment in used.segments] == ["old", "new"]
    gallons = round(used.ccf * Decimal("748.05"), -1)
    assert gallons == 6_000
    lines = [
        price(always({"type": "fixed", "amount": "6.00"}), Facts(), period),
        price(always(volume("6.46", KGAL)), Facts(usage=gallons / 1000), period),
    ]
    assert [str(line.amount) for line in lines] == ["6.00", "38.76"]
    assert str(total(line.amount for line in lines)) == "44.76"
