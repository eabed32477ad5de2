"""The rules of matching, without a database: tables of cases, and random ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bank_statements.pairing import (
    LESS_FEE,
    NUMBER,
    ONLY_ONE,
    TOGETHER,
    BankSide,
    OurSide,
    Window,
    less_fee,
    numbers_of,
    pair_equal,
    sums_to,
    together,
    undisputed,
)
from payments.bank_statements.rules import numbers_in

DAY = date(2026, 11, 17)
WINDOW = Window(1, {"deposit": 5, "terminal": 4, "payout": 4, "returned": 60}, Decimal("4.0"))


def line(id_: int, after: int = 1, code: str = "", text: str = "", cents: int = 50_00) -> BankSide:
    return BankSide(id_, DAY + timedelta(days=after), cents, code, numbers_in(text))


def ours(subject: str, number: str = "", kind: str = "deposit", cents: int = 50_00, after: int = 0) -> OurSide:
    on = DAY + timedelta(days=after)
    return OurSide(kind, subject, cents, on, ((int(subject), cents),), numbers_of([number]))


CASES = [
    ("in its days", [line(1)], [ours("1")], [(1, "1", ONLY_ONE)]),
    ("a day early", [line(1, -1)], [ours("1")], [(1, "1", ONLY_ONE)]),
    ("two days early", [line(1, -2)], [ours("1")], []),
    ("the last day", [line(1, 5)], [ours("1")], [(1, "1", ONLY_ONE)]),
    ("a day late", [line(1, 6)], [ours("1")], []),
    ("late, but with its number", [line(1, 40, text="bag b-0012")], [ours("1", "B-0012")], [(1, "1", NUMBER)]),
    ("of another kind", [line(1, code="142")], [ours("1")], []),
    ("of another kind, with its number", [line(1, code="142", text="B-0012")], [ours("1", "B-0012")], []),
    ("a payout by ACH", [line(1, code="142")], [ours("1", kind="payout")], [(1, "1", ONLY_ONE)]),
    ("two lines for one", [line(1), line(2)], [ours("1")], []),
    ("one line for two", [line(1)], [ours("1"), ours("2")], []),
    ("one line for two, numbered", [line(1, text="B-0002")], [ours("1", "B-0001"), ours("2", "B-0002")],
     [(1, "2", NUMBER)]),
    ("numbered ones leave the other plain", [line(1, text="B-0002"), line(2)], [ours("1", "B-0001"),
     ours("2", "B-0002")], [(1, "2", NUMBER), (2, "1", ONLY_ONE)]),
    ("one number in two lines", [line(1, text="B-0001"), line(2, text="B-0001")], [ours("1", "B-0001")], []),
    ("told apart by their days", [line(1, 1), line(2, 20)], [ours("1"), ours("2", after=19)],
     [(1, "1", ONLY_ONE), (2, "2", ONLY_ONE)]),
    ("told apart by their kinds", [line(1, code="301"), line(2, code="142")], [ours("1"),
     ours("2", kind="payout")], [(1, "1", ONLY_ONE), (2, "2", ONLY_ONE)]),
    ("a short word is no number", [line(1, 40, text="12")], [ours("1", "12")], []),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "some", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_equal_amounts(lines: list[BankSide], some: list[OurSide], found: list[tuple[int, str, str]]) -> None:
    outcome = pair_equal(lines, some, WINDOW)
    assert sorted((one.line.id, one.ours[0].subject, one.reason) for one in outcome.found) == sorted(found)


def test_whatever_could_have_been_somebody_is_contested() -> None:
    outcome = pair_equal([line(1)], [ours("1"), ours("2")], WINDOW)
    assert outcome.contested_lines == {1}
    assert outcome.contested_ours == {("deposit", "1"), ("deposit", "2")}


def test_several_together_only_in_one_way() -> None:
    three = [ours("1", cents=20_00), ours("2", cents=30_00), ours("3", cents=45_00)]
    found = together(line(1), three, WINDOW)
    assert found is not None
    assert ([one.subject for one in found.ours], found.reason) == (["1", "2"], TOGETHER)
    assert together(line(1), [*three, ours("4", cents=5_00)], WINDOW) is None
    assert together(line(1, 9), three, WINDOW) is None
    assert together(line(1), [replace(one, kind=kind) for one, kind in zip(three, ("deposit", "payout", "payout"),
                                                                          strict=True)], WINDOW) is None  # fmt: skip
    assert together(line(1), [ours(str(number), cents=number * 100) for number in range(1, 20)], WINDOW) is None


def test_less_a_fee_within_the_policy() -> None:
    settled = ours("1", kind="terminal", cents=52_00)
    found = less_fee(line(1), [settled], WINDOW)
    assert found is not None
    assert (found.reason, found.fee) == (LESS_FEE, 2_00)
    assert less_fee(line(1), [settled, replace(settled, subject="2")], WINDOW) is None
    assert less_fee(line(1), [replace(settled, cents=52_09)], WINDOW) is None
    assert less_fee(line(1), [replace(settled, kind="deposit")], WINDOW) is None
    assert less_fee(line(1), [settled], replace(WINDOW, fee_percent=Decimal(0))) is None


def test_what_two_lines_claim_is_nobodys() -> None:
    pair = [ours("1", cents=20_00), ours("2", cents=30_00)]
    both = [together(line(1), pair, WINDOW), together(line(2), pair, WINDOW)]
    assert undisputed([one for one in both if one]) == []


def _side(draw: st.DrawFn, number: int) -> tuple[date, int]:
    return DAY + timedelta(days=draw(st.integers(0, 12))), draw(st.sampled_from([10_00, 20_00, 30_00]))


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[BankSide], list[OurSide]]:
    numbers = st.sampled_from(["", "B-001", "B-002", "B-003"])
    lines = [
        BankSide(id_, on, cents, draw(st.sampled_from(["", "301", "142"])), numbers_in(draw(numbers)))
        for id_ in range(draw(st.integers(0, 7)))
        for on, cents in [_side(draw, id_)]
    ]
    some = [
        OurSide(draw(st.sampled_from(["deposit", "payout"])), str(id_), cents, on, (), numbers_of([draw(numbers)]))
        for id_ in range(draw(st.integers(0, 7)))
        for on, cents in [_side(draw, id_)]
    ]
    return lines, some


@given(sides(), st.randoms())
def test_nothing_is_matched_twice_nor_off_and_the_order_does_not_matter(
    both: tuple[list[BankSide], list[OurSide]], chance: object
) -> None:
    def run(lines: list[BankSide], some: list[OurSide]) -> set[tuple[int, str, str]]:
        found = []
        for cents in sorted({one.cents for one in lines}):
            same = [one for one in lines if one.cents == cents], [one for one in some if one.cents == cents]
            found += pair_equal(*same, WINDOW).found
        assert all(one.fee == 0 for one in found)
        for taken in ([one.line.id for one in found], [one.ours[0].key for one in found]):
            assert len(taken) == len(set(taken))
        return {(one.line.id, one.ours[0].subject, one.reason) for one in found}

    lines, some = both
    first = run(lines, some)
    chance.shuffle(lines)  # type: ignore[attr-defined]
    chance.shuffle(some)  # type: ignore[attr-defined]
    assert run(lines, some) == first


@given(st.lists(st.integers(1, 9), max_size=9), st.integers(1, 40))
def test_ways_to_sum_up_are_all_tried(amounts: list[int], wanted: int) -> None:
    pool = [ours(str(number), cents=cents) for number, cents in enumerate(amounts, start=1)]
    brute = sum(
        1
        for mask in range(1 << len(pool))
        if mask.bit_count() >= 2 and sum(one.cents for place, one in enumerate(pool) if mask >> place & 1) == wanted
    )
    assert len(sums_to(wanted, pool)) == min(brute, 2)
