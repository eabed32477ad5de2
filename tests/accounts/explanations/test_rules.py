"""Every kind of line is worked out again; one changed cent, input or rate shows; what cannot be priced is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.cities.rules import City
from accounts.explanations.rules import CannotRecompute, Repricer, recompute
from accounts.licenses.rules import DueTerm, term_lines
from accounts.money import Money
from accounts.pricing import rules as pricing
from accounts.pricing.facts import Facts
from accounts.pricing.leak_policies import LeakFacts, LeakPeriod
from accounts.pricing.leaks import leak_credit
from accounts.pricing.penalties import Late, PenalizedCharge, penalty_lines
from accounts.pricing.proration import Period
from accounts.pricing.rules import price
from accounts.pricing.working import PricedLine
from accounts.utilities.rules import MeterReads, PriceList, Read, ServiceTaken
from tests.accounts.assessments.city import city as shipped

MAY = Period(first=date(2025, 5, 1), last=date(2025, 5, 31))
METER = MeterReads(
    "M1", "3/4", "CCF", 5, Decimal("1.000"), date(2015, 1, 1), None,
    (Read(date(2025, 4, 29), 99_990), Read(date(2025, 5, 30), 12, "estimated")),
)  # fmt: skip


def usage_line(city: City) -> PricedLine:
    """22 CCF over a meter's turn, and over a change from tiers to one price."""
    taken = ServiceTaken("water-fixed+water-usage", 1, date(2020, 1, 1))
    return PriceList(city).lines([taken], [METER], MAY)[1]


def moved_in(city: City) -> PricedLine:
    part = Period(first=date(2025, 5, 10), last=MAY.last)
    return price(city.rate("water-fixed"), Facts(meter_size="3/4"), part, MAY)


def license_tax(city: City) -> PricedLine:
    days = (date(2027, 1, 10), date(2027, 6, 30))
    return term_lines(
        city, DueTerm(1, 1, "retail", *days, is_renewal=False, gross_receipts=Money(750_000_00), declaration=1)
    )[0]


def bill_penalty(city: City) -> PricedLine:
    of = Late((PenalizedCharge(id=7, open_cents=50_00), PenalizedCharge(id=8, open_cents=30_00)), 3)
    late = date(2026, 3, 2)
    (line,) = penalty_lines(city.penalty("utility-late"), Money(80_00), late, late, of=of)
    return line.line


def capped_penalty(city: City) -> PricedLine:
    of = Late((PenalizedCharge(id=9, open_cents=200_00),))
    lines = penalty_lines(city.penalty("license-late"), Money(200_00), date(2026, 2, 1), date(2026, 8, 31), of=of)
    return lines[-1].line


def service_fee(city: City) -> PricedLine:
    fee = city.service_fee("card", "web", MAY.last.replace(year=2026))
    assert fee is not None
    return fee.price(Money(160_00), date(2026, 5, 31))


def catalog_fee(city: City) -> PricedLine:
    return price(city.rate("security-deposit"), Facts(choice="tenant"), Period.day(MAY.last))


def leak(city: City) -> PricedLine:
    dates = {"billed_on": date(2025, 6, 16), "due_on": date(2025, 7, 1)}
    period = LeakPeriod(rate="water-usage", period=MAY, used=Decimal(60), usual=Decimal(12), **dates)
    credit = leak_credit(city, LeakFacts(periods=(period,), is_repair_proved=True), date(2025, 7, 10))
    return credit.lines[0].line


LINES = [usage_line, moved_in, license_tax, bill_penalty, capped_penalty, service_fee, catalog_fee, leak]
Line = Callable[[City], PricedLine]


@pytest.fixture(scope="module")
def city() -> City:
    return shipped()


@pytest.mark.parametrize("made", LINES)
def test_every_kind_of_line_is_worked_out_again(city: City, made: Line) -> None:
    line = made(city)
    found = recompute(city, line.working.as_json())
    assert (found.agrees, found.differences, found.line.amount) == (True, (), line.amount)
    assert (found.line.revenue_line, found.line.kind) == (line.revenue_line, line.kind)


@pytest.mark.parametrize("made", LINES)
def test_a_cent_more_on_the_line_or_in_a_step_shows(city: City, made: Line) -> None:
    kept = made(city).working.as_json()
    kept["amount_cents"] += 1  # type: ignore[operator]
    assert [found.what for found in recompute(city, kept).differences] == ["amount"]
    kept = made(city).working.as_json()
    kept["steps"][0]["amount_cents"] += 1  # type: ignore[index]
    assert [found.what for found in recompute(city, kept).differences] == ["steps"]


@pytest.mark.parametrize("made", LINES)
def test_another_authority_shows(city: City, made: Line) -> None:
    kept = made(city).working.as_json()
    kept["versions"][0]["authority"] = "somebody's word"  # type: ignore[index]
    assert [found.what for found in recompute(city, kept).differences] == ["versions"]


INPUTS: list[tuple[Line, str, Any, set[str]]] = [
    (usage_line, "facts.usage", "23", {"amount", "steps", "reads"}),
    (usage_line, "reads.0.current.value", 13, {"reads"}),
    (usage_line, "period.last", "2025-05-30", {"amount", "steps"}),
    (moved_in, "period.first", "2025-05-11", {"amount", "steps"}),
    (moved_in, "whole.last", "2025-06-30", {"amount", "steps"}),
    (license_tax, "facts.base", "750010.00", {"amount", "steps"}),
    (bill_penalty, "owed_cents", 80_01, {"steps", "inputs"}),
    (bill_penalty, "charges.0.open_cents", 49_99, {"inputs"}),
    (bill_penalty, "base_cents", 70_00, {"inputs"}),
    (bill_penalty, "trigger.after_days", 3, {"inputs"}),
    (capped_penalty, "cap_cents", 500_00, {"inputs"}),
    (capped_penalty, "already.late:1", 30_00, {"amount", "steps"}),
    (service_fee, "facts.base", "170.00", {"amount", "steps"}),
    (catalog_fee, "facts.choice", "owner", {"amount", "steps"}),
    (leak, "usual.used", "13", {"amount", "steps"}),
]


def changed(line: PricedLine, path: str, value: object) -> dict[str, Any]:
    kept: Any = line.working.as_json()
    part = kept["inputs"]
    *way, last = path.split(".")
    for name in way:
        part = part[int(name) if name.isdigit() else name]
    part[last] = value
    return dict(kept)


@pytest.mark.parametrize(("made", "path", "value", "shown"), INPUTS)
def test_another_input_shows(city: City, *, made: Line, path: str, value: object, shown: set[str]) -> None:
    found = recompute(city, changed(made(city), path, value))
    assert {difference.what for difference in found.differences} >= shown
    assert not found.agrees


def test_another_rate_shows(city: City) -> None:
    line = usage_line(city)
    plain = city.model_dump(mode="json")
    (rate,) = [rate for rate in plain["rates"] if rate["code"] == "water-usage"]
    rate["versions"][1]["shape"]["rate"] = "2.48"
    found = recompute(City.model_validate(plain), line.working)
    assert [difference.what for difference in found.differences] == ["amount", "steps"]
    assert "kept $40.32, worked out $40.44" in str(found.differences[0])


CANNOT: list[tuple[Line, str, Any, str]] = [
    (usage_line, "facts", {}, "inputs"),
    (usage_line, "facts.usage", "a lot", "inputs"),
    (usage_line, "facts.usage", "-1", "inputs"),
    (usage_line, "reads.0.dials", "five", "inputs"),
    (usage_line, "period.first", "2001-05-01", "inputs"),
    (moved_in, "facts.meter_size", "9", "inputs"),
    (moved_in, "whole.last", "2025-05-20", "inputs"),
    (license_tax, "period", None, "inputs"),
    (bill_penalty, "owed_cents", 0, "asks_nothing"),
    (bill_penalty, "key", "late:2", "asks_nothing"),
    (bill_penalty, "already", None, "inputs"),
    (leak, "on", "2010-01-01", "asks_nothing"),
    (leak, "usual.used", "60", "asks_nothing"),
    (leak, "leak.rate", "well-usage", "unknown_rule"),
]


@pytest.mark.parametrize(("made", "path", "value", "why"), CANNOT)
def test_what_cannot_be_priced_says_why(city: City, *, made: Line, path: str, value: object, why: str) -> None:
    with pytest.raises(CannotRecompute) as refused:
        recompute(city, changed(made(city), path, value))
    assert refused.value.why == why
    assert str(refused.value)


@pytest.mark.parametrize(
    ("working", "why"),
    [
        ({}, "no_working"),
        ({"imported": {"profile": "demo", "key": "1"}}, "no_working"),
        ({"rule": "water-fixed"}, "unreadable"),
        ({"rule": "water-fixed", "rule_kind": "rate", "versions": [], "steps": [], "amount_cents": 1}, "inputs"),
        ({"rule": "gone", "rule_kind": "rate", "versions": [], "steps": [], "amount_cents": 1}, "unknown_rule"),
        ({"rule": "gone", "rule_kind": "penalty", "versions": [], "steps": [], "amount_cents": 1}, "unknown_rule"),
        ({"rule": "x", "rule_kind": "rate", "versions": [], "steps": [], "amount_cents": 1, "more": 1}, "unreadable"),
    ],
)
def test_a_working_that_is_none_says_why(city: City, working: dict[str, object], why: str) -> None:
    with pytest.raises(CannotRecompute) as refused:
        recompute(city, working)
    assert refused.value.why == why


def test_words_may_become_plainer_and_prove_the_same(city: City) -> None:
    kept = moved_in(city).working.as_json()
    kept["steps"][0]["label"] = {"en": "Base", "es": "Base"}  # type: ignore[index]
    assert recompute(city, kept).agrees


def test_equal_inputs_are_priced_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    workings = [usage_line(city).working.as_json() for _ in range(3)]
    workings[2]["inputs"]["reads"][0]["meter"] = "M2"  # type: ignore[index]
    priced: list[str] = []
    real = pricing.price

    def counted(rate: Any, *given: Any) -> PricedLine:
        priced.append(rate.code)
        return real(rate, *given)

    monkeypatch.setattr(pricing, "price", counted)
    again = Repricer(city)
    assert all(again.recompute(working).agrees for working in workings)
    assert priced == ["water-usage"]
