"""Cells as values: what is read, and what is refused instead of guessed."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.imports.fields import (
    HHMM,
    YYYYMM,
    Unreadable,
    read_cents,
    read_date,
    read_money,
    read_time,
    read_whole,
    read_yes_no,
)
from accounts.imports.rules import shown
from accounts.money import Money


@pytest.mark.parametrize(
    ("text", "cents"),
    [("$1,234.50", 123450), ("40", 4000), (".5", 50), ("-5.00", -500), ("5.00-", -500), ("(5.00)", -500), ("$0", 0)],
)
def test_money(text: str, cents: int) -> None:
    assert read_money(text) == Money(cents)


@pytest.mark.parametrize("text", ["", "$", "1.234,50", "12,34", "1.005", "-(5.00)", "-5-", "5 dollars", "1e3", "NaN"])
def test_money_that_is_not_guessed_at(text: str) -> None:
    with pytest.raises(Unreadable):
        read_money(text)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_shown_money_is_read_back(cents: int) -> None:
    assert read_money(shown(Money(cents))) == Money(cents)


def test_cents_of_a_fixed_column() -> None:
    assert read_cents("0000004000") == Money(4000)
    assert read_cents("4000-") == Money(-4000)


@pytest.mark.parametrize(
    ("text", "expected"), [("810", time(8, 10)), ("5", time(0, 5)), ("1845", time(18, 45)), ("0", time(0, 0))]
)
def test_times_without_leading_zeros(text: str, expected: time) -> None:
    assert read_time(text, (HHMM,)) == expected


@pytest.mark.parametrize("text", ["2460", "99", "12345", "8:10"])
def test_times_that_there_are_not(text: str) -> None:
    with pytest.raises(Unreadable):
        read_time(text, (HHMM,))


def test_months() -> None:
    assert read_date("201605", (YYYYMM,)) == date(2016, 5, 1)
    for text in ("1", "201613", "20165"):
        with pytest.raises(Unreadable, match="YYYYMM"):
            read_date(text, (YYYYMM,))


def test_dates_take_the_first_format_that_fits() -> None:
    assert read_date("2015-12-30T00:00:00", ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")) == date(2015, 12, 30)
    with pytest.raises(Unreadable, match="not a date of the form"):
        read_date("31/12/2015", ("%Y-%m-%d",))


def test_numbers_and_answers() -> None:
    assert read_whole("-12") == -12
    assert [read_yes_no(word) for word in ("Y", "sí", "0", "No")] == [True, True, False, False]
    for wrong in (lambda: read_whole("1.0"), lambda: read_yes_no("maybe")):
        with pytest.raises(Unreadable):
            wrong()
