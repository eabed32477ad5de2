"""Questions to the shipped city: its figures are the published ones, and its JSON is the whole of it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from accounts.cities.rules import City, NotInTheCity
from accounts.money import Money
from accounts.pricing.facts import Facts
from accounts.pricing.penalties import penalty_lines
from accounts.pricing.proration import Period
from accounts.pricing.rules import price, recompute

TODAY = date(2026, 11, 17)


def test_the_json_is_the_city(city: City) -> None:
    assert City.model_validate(json.loads(json.dumps(city.model_dump(mode="json")))) == city


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [
        (date(2025, 1, 1), date(2025, 1, 31), "33.63"),
        (date(2025, 6, 1), date(2025, 6, 30), "60.76"),
        (date(2028, 7, 1), date(2028, 7, 31), "99.01"),
    ],
)
def test_water_costs_what_was_published(city: City, first: date, last: date, asked: str) -> None:
    facts, period = Facts(meter_size="3/4", usage=Decimal(16)), Period(first=first, last=last)
    lines = [price(city.rate(code), facts, period) for code in ("water-fixed", "water-usage")]
    assert str(lines[0].amount + lines[1].amount) == asked
    assert all(recompute(line.working.as_json(), city.rule(line.working.rule)) == line for line in lines)


def test_a_license_tax_and_its_state_fee(city: City) -> None:
    year = Period(first=date(2026, 7, 1), last=date(2027, 6, 30))
    tax = price(city.rate(city.license_class("retail").rate), Facts(base=Decimal(750_000)), year)
    fee = price(city.rate("state-disability-fee"), Facts(), Period.day(TODAY))
    assert (tax.amount, fee.amount) == (Money(300_00), Money(4_00))
    shares = city.revenue_line("state-disability-fee").revenue_shares(fee.amount)
    assert shares == [("275-4100", Money(3_60)), ("275-2300", Money(40))]
    assert city.revenue_line("water").revenue_shares(Money(5)) == [("510-4100", Money(5))]


def test_penalties_of_the_city(city: City) -> None:
    (rule,) = city.penalties_for("water")
    (late,) = penalty_lines(rule, Money(45_00), TODAY, TODAY)
    assert (late.line.amount, late.line.revenue_line) == (Money(6_00), "utility-fees")
    assert city.penalties_for("parking") == ()


@pytest.mark.parametrize(("payment", "fee"), [("10.00", 1_00), ("160.00", 3_12), ("5000.00", 25_00)])
def test_the_service_fee(city: City, payment: str, fee: int) -> None:
    rule = city.service_fee("card", "web", TODAY)
    assert rule is not None
    line = rule.price(Money.exact(payment), TODAY)
    assert line.amount == Money(fee)
    assert recompute(line.working.as_json(), city.rule(rule.code)) == line
    assert city.service_fee("bank_debit", "web", TODAY) is None
    assert city.service_fee("cash", "counter", TODAY) is None
    assert city.service_fee("card", "web", date(2025, 6, 30)) is None


def test_money_meets_charges_in_the_order_of_the_policy(city: City) -> None:
    policy = city.allocation_policy(TODAY)
    kinds = [("utility-fees", "penalty"), ("utility-fees", "fee"), ("storm", "service"), ("water", "service"),
             ("water", "opening"), ("unheard-of", "service")]  # fmt: skip
    ranked = sorted(kinds, key=lambda kind: policy.rank(*kind))
    assert ranked == [kinds[4], kinds[3], kinds[2], kinds[1], kinds[0], kinds[5]]


def test_due_dates_roll_to_business_days(city: City) -> None:
    assert city.due_on(date(2026, 10, 15)) == date(2026, 10, 30)
    assert city.delinquent_on(date(2026, 10, 15)) == date(2026, 11, 6)
    assert city.due_on(date(2026, 6, 19)) == date(2026, 7, 6)  # 4 July is observed on Friday the 3rd


def test_the_calendar_names_its_holidays(city: City) -> None:
    observed = city.calendar.closed_for(date(2027, 12, 31))
    assert observed is not None
    assert observed.in_("es") == "Año Nuevo"
    assert not city.calendar.is_business_day(date(2026, 12, 24))
    assert city.calendar.add_business_days(date(2026, 11, 24), 2) == date(2026, 11, 30)


def test_what_is_not_there_is_refused_by_name(city: City) -> None:
    for asked in (city.rate, city.penalty, city.rule, city.revenue_line, city.ledger_account, city.license_class):
        with pytest.raises(NotInTheCity):
            asked("nothing-like-this")
    with pytest.raises(NotInTheCity):
        city.allocation_policy(date(1999, 1, 1))


@pytest.mark.parametrize(
    ("code", "on", "said"),
    [
        ("first-time", TODAY, "Primer atraso"),
        ("leak", TODAY, "Crédito por fuga"),
        ("mail-late", date(2023, 1, 1), None),
        ("legacy states 4.00, stated 5.00 before", TODAY, None),
    ],
)
def test_a_reason_says_what_it_said_on_its_day(city: City, code: str, on: date, said: str | None) -> None:
    reason = city.correction_reason(code, on)
    assert (reason.in_("es") if reason else None) == said
