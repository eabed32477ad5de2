"""Whole cents: nothing is lost in sums, splits, rounding, or on the way through text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.money import ZERO, Money, NotMoney, total

CENTS = st.integers(-(10**12), 10**12)
MONEY = CENTS.map(Money)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0), ("20", 20_00), ("$20", 20_00), ("$ 20", 20_00), (" 20.5 ", 20_50), ("20.05", 20_05), (".5", 50),
        ("20.", 20_00), ("1,234.56", 1_234_56), ("1234567", 1_234_567_00), ("10,000,000", 10_000_000_00),
    ],
)  # fmt: skip
def test_what_people_type(text: str, cents: int) -> None:
    assert Money.typed(text) == Money(cents)


@pytest.mark.parametrize(
    "text",
    ["", " ", "$", ".", "-5", "+5", "5-", "1.234", "1,23", "12,34.00", "1,234,5", "1.2.3", "5e3", "five", "5 0",
     "NaN", "Infinity", "10,000,000.01", "99999999999", "0x10", "1_000", "$$5", "5$", "1.234,56", "€5"],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        Money.typed(text)


@pytest.mark.parametrize(
    ("dollars", "cents"),
    [("0.005", 1), ("0.004", 0), ("-0.005", -1), ("-0.004", 0), ("1.115", 112), ("2.675", 268), ("1e3", 1_000_00)],
)
def test_half_a_cent_is_rounded_up(dollars: str, cents: int) -> None:
    assert Money.rounded(Decimal(dollars)) == Money(cents)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456, "1234.56"), (-100, "-1.00")]
)
def test_how_it_is_written(cents: int, text: str) -> None:
    assert str(Money(cents)) == text


@pytest.mark.parametrize("value", [1.0, "1", True, None, Decimal(1)])
def test_only_whole_cents_are_money(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("dollars", ["0.001", "1.234", "NaN", "x", ""])
def test_exact_refuses_what_is_not_a_whole_number_of_cents(dollars: str) -> None:
    with pytest.raises(NotMoney):
        Money.exact(dollars)


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [-1]])
def test_weights_that_share_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        Money(1).split_by(weights)


@given(MONEY)
def test_text_and_back(money: Money) -> None:
    assert Money.exact(str(money)) == money
    assert Money.rounded(money.dollars) == money


@given(st.integers(0, 10_000_000_00).map(Money))
def test_typed_as_we_write_it(money: Money) -> None:
    assert Money.typed(str(money)) == money
    assert Money.typed(f"${money.dollars:,.2f}") == money


@given(MONEY, MONEY, MONEY)
def test_sums(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == a + (b + c) == total([c, b, a])
    assert a - b == -(b - a)
    assert a + -a == ZERO
    assert (a < b) == (a.cents < b.cents)
    assert bool(a) == (a != ZERO)


@given(MONEY, st.integers(1, 60))
def test_a_split_loses_no_cent(money: Money, parts: int) -> None:
    shares = money.split(parts)
    assert len(shares) == parts
    assert total(shares) == money
    assert max(shares).cents - min(shares).cents <= 1
    sizes = [abs(share.cents) for share in shares]
    assert sizes == sorted(sizes, reverse=True)


@given(MONEY, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_a_split_by_weights_is_fair_to_a_cent(money: Money, weights: list[int]) -> None:
    shares = money.split_by(weights)
    assert total(shares) == money
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Decimal(share.cents) - Decimal(money.cents) * weight / sum(weights)) < 1
        assert weight or share == ZERO


@given(MONEY, st.decimals(-100, 100, places=4))
def test_times_is_within_half_a_cent(money: Money, factor: Decimal) -> None:
    assert abs(money.times(factor).cents - money.cents * factor) <= Decimal("0.5")
    assert (-money).times(factor) == -money.times(factor)
