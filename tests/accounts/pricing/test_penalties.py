"""Vectors 1, 6 and 7 of the domain, and what must hold for any penalty."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.money import Money, total
from accounts.pricing.penalties import Late, PenalizedCharge, PenaltyRule, penalty_lines
from accounts.pricing.rules import recompute
from tests.accounts.pricing.rates import penalty

TRACY = penalty({"code": "late", "percent": 10, "flat": 6, "take": "greater"})
REDLANDS = penalty({"code": "late", "percent": 10, "repeat": "first_of_month"}, cap_percent=50)
STOCKTON = penalty({"code": "late", "percent": 15, "repeat": "month_or_fraction"}, cap_percent=60)
SOUTH_JORDAN = penalty(
    {"code": "first", "after_days": 31, "percent": 25},
    {"code": "second", "after_days": 60, "percent": 25},
    {"code": "third", "after_days": 90, "percent": 50},
)
LODGING_PENALTY = penalty({"code": "late", "percent": 10}, {"code": "later", "after_days": 30, "percent": 10})
LODGING_INTEREST = penalty({"code": "interest", "percent": "0.5", "repeat": "month_or_fraction"})
COMPOUND = penalty({"code": "late", "percent": 10, "repeat": "month_or_fraction", "base": "owed_and_penalties"})


def asked(rule: PenaltyRule, owed: str, delinquent_on: str, on: str) -> Money:
    lines = penalty_lines(rule, Money.exact(owed), date.fromisoformat(delinquent_on), date.fromisoformat(on))
    return total(line.line.amount for line in lines)


@pytest.mark.parametrize(
    ("rule", "owed", "delinquent_on", "on", "penalties"),
    [
        (TRACY, "45", "2026-03-02", "2026-03-02", "6.00"),
        (TRACY, "60", "2026-03-02", "2026-03-09", "6.00"),
        (TRACY, "80", "2026-03-02", "2026-03-09", "8.00"),
        (TRACY, "80", "2026-03-02", "2026-03-01", "0.00"),
        (TRACY, "0", "2026-03-02", "2026-03-09", "0.00"),
        (REDLANDS, "200", "2026-02-01", "2026-03-31", "40.00"),
        (REDLANDS, "200", "2026-02-01", "2026-08-31", "100.00"),
        (STOCKTON, "100", "2026-01-01", "2026-05-31", "60.00"),
        (SOUTH_JORDAN, "100", "2026-01-01", "2026-03-02", "50.00"),
        (SOUTH_JORDAN, "100", "2026-01-01", "2026-04-01", "100.00"),
        (LODGING_PENALTY, "1000", "2026-05-01", "2026-06-15", "200.00"),
        (LODGING_INTEREST, "1000", "2026-05-01", "2026-06-15", "10.00"),
        (COMPOUND, "100", "2026-01-31", "2026-02-28", "21.00"),
    ],
)
def test_penalties_of_cities(rule: PenaltyRule, owed: str, delinquent_on: str, on: str, penalties: str) -> None:
    assert str(asked(rule, owed, delinquent_on, on)) == penalties


def test_a_balance_small_enough_is_carried_forward() -> None:
    napa = penalty({"code": "late", "flat": 10}, ignore_up_to="14.99")
    assert asked(napa, "14.99", "2026-01-01", "2026-02-01") == Money(0)
    assert asked(napa, "15.00", "2026-01-01", "2026-02-01") == Money(10_00)


def test_a_night_that_runs_twice_asks_once_and_partial_payment_lowers_only_what_comes() -> None:
    delinquent_on = date(2026, 2, 1)
    first = penalty_lines(REDLANDS, Money(200_00), delinquent_on, date(2026, 2, 1))
    already = {line.key: line.line.amount for line in first}
    assert already == {"late:1": Money(20_00)}
    assert penalty_lines(REDLANDS, Money(200_00), delinquent_on, date(2026, 2, 28), already) == ()
    (second,) = penalty_lines(REDLANDS, Money(50_00), delinquent_on, date(2026, 3, 1), already)
    assert (second.key, second.line.amount) == ("late:2", Money(5_00))
    assert penalty_lines(REDLANDS, Money(0), delinquent_on, date(2027, 3, 1), already) == ()


def test_each_penalty_is_proved_from_its_working() -> None:
    for asked_line in penalty_lines(COMPOUND, Money(123_45), date(2026, 1, 31), date(2026, 6, 30)):
        assert recompute(asked_line.line.working.as_json(), COMPOUND) == asked_line.line


def test_a_working_says_of_what_when_and_up_to_what() -> None:
    of = Late((PenalizedCharge(id=7, open_cents=150_00), PenalizedCharge(id=8, open_cents=50_00)), bill_id=3)
    first, second = penalty_lines(REDLANDS, Money(200_00), date(2026, 2, 1), date(2026, 3, 1), of=of)
    inputs = second.line.working.inputs
    assert (inputs["base"], inputs["base_cents"], inputs["cap_cents"]) == ("owed", 200_00, 100_00)
    assert inputs["trigger"] == {"after_days": 0, "repeat": "first_of_month"}
    assert inputs["charges"] == [{"id": 7, "open_cents": 150_00}, {"id": 8, "open_cents": 50_00}]
    assert (inputs["bill_id"], inputs["key"], inputs["on"]) == (3, "late:2", "2026-03-01")
    assert inputs["already"] == {first.key: 20_00}
    (_, later) = penalty_lines(COMPOUND, Money(100_00), date(2026, 1, 31), date(2026, 2, 28))
    assert (later.line.working.inputs["base_cents"], later.line.working.inputs["cap_cents"]) == (110_00, None)
    assert recompute(second.line.working.as_json(), REDLANDS) == second.line


def test_a_working_of_before_these_were_kept_is_still_proved() -> None:
    (asked_line,) = penalty_lines(TRACY, Money(80_00), date(2026, 3, 2), date(2026, 3, 9))
    kept = asked_line.line.working.as_json()
    kept["inputs"] = {
        name: asked_line.line.working.inputs[name] for name in ("key", "owed_cents", "delinquent_on", "on", "already")
    }
    assert recompute(kept, TRACY).amount == Money(8_00)


@given(
    owed=st.integers(min_value=0, max_value=10_000_00),
    days=st.integers(min_value=0, max_value=900),
    cap=st.integers(min_value=0, max_value=100),
    percent=st.decimals(min_value=Decimal("0.01"), max_value=60, places=2),
    repeat=st.sampled_from(["once", "month_or_fraction", "first_of_month"]),
    base=st.sampled_from(["owed", "owed_and_penalties"]),
)
def test_penalties_never_pass_their_cap_and_nothing_owed_asks_nothing(
    *, owed: int, days: int, cap: int, percent: Decimal, repeat: str, base: str
) -> None:
    stage = {"code": "late", "percent": percent, "flat": 3, "repeat": repeat, "base": base}
    rule = penalty(stage, cap_percent=cap)
    delinquent_on = date(2026, 1, 31)
    lines = penalty_lines(rule, Money(owed), delinquent_on, delinquent_on + timedelta(days=days))
    amount = total(line.line.amount for line in lines)
    assert amount <= Money(owed).times(Decimal(cap) / 100)
    assert all(sum(s.amount_cents for s in line.line.working.steps) == line.line.amount.cents for line in lines)
    assert len({line.key for line in lines}) == len(lines)
    if owed == 0:
        assert lines == ()
