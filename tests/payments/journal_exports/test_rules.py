"""Lines that balance, projects to the cent, answers that can be read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.money import Money, total
from payments.journal_exports.rules import (
    Answer,
    BadAnswer,
    NotBalanced,
    Place,
    ProjectShare,
    Summed,
    distributed,
    file_name,
    lines_of,
    read_answers,
    totals_of,
)

DAY = date(2026, 11, 17)
CASH, PARKS = Place(DAY, "100", "100-1000"), Place(DAY, "100", "100-4610")


def test_projects_are_told_apart_and_zero_lines_left_out() -> None:
    share = ProjectShare(PARKS, Money(-55_00), Money(-55_00), (("PK-101", Money(30_00)), ("PK-102", Money(25_00))))
    sums = [
        Summed(CASH, "Claim", Money(55_00)),
        Summed(PARKS, "Parks", Money(-55_00)),
        Summed(Place(DAY, "100", "100-1200"), "Licenses", Money(0)),
    ]
    lines = lines_of(sums, [share])
    assert [(line.number, line.place.account, line.place.project, line.amount.cents) for line in lines] == [
        (1, "100-1000", "", 55_00), (2, "100-4610", "PK-101", -30_00), (3, "100-4610", "PK-102", -25_00),
    ]  # fmt: skip
    assert totals_of(lines).debits == totals_of(lines).credits == Money(55_00)


def test_a_fund_that_does_not_balance_is_named() -> None:
    with pytest.raises(NotBalanced, match=r"fund 100 of 2026-11-17 is off by \$0\.01") as caught:
        lines_of([Summed(CASH, "Claim", Money(55_00)), Summed(PARKS, "Parks", Money(-54_99))], [])
    assert caught.value.facts == {"fund": "100", "day": DAY, "off": Money(1)}


def test_two_funds_that_balance_only_together_are_refused() -> None:
    with pytest.raises(NotBalanced):
        lines_of([Summed(CASH, "Claim", Money(1)), Summed(Place(DAY, "510", "510-4300"), "Water", Money(-1))], [])


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Money(55_00), [("PK-101", Money(30_00)), ("PK-102", Money(25_00))]),
        (Money(27_51), [("PK-101", Money(15_01)), ("PK-102", Money(12_50))]),
        (Money(0), [("PK-101", Money(0)), ("PK-102", Money(0))]),
    ],
)
def test_what_is_taken_back_is_shared_alike(amount: Money, expected: list[tuple[str, Money]]) -> None:
    share = ProjectShare(PARKS, amount, Money(-55_00), (("PK-101", Money(30_00)), ("PK-102", Money(25_00))))
    assert distributed(share) == expected


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=4), st.integers(0, 5_000), st.data())
def test_no_cent_is_lost_or_made(items: list[int], rest: int, data: st.DataObject) -> None:
    whole = sum(items) + rest
    amount = data.draw(st.integers(-whole, whole))
    projects = tuple((f"P{place}", Money(cents)) for place, cents in enumerate(items))
    parts = [part for _, part in distributed(ProjectShare(PARKS, Money(amount), Money(-whole), projects))]
    assert abs(total(parts).cents) <= abs(amount)
    assert all(part.cents * amount >= 0 for part in parts)
    if not rest:
        assert total(parts) == Money(amount)
    if amount == -whole:
        assert parts == [-cents for _, cents in projects]


def test_answers_are_read() -> None:
    content = "Batch,Status,Reference,Message\r\n000007,ACCEPTED,JE-1,\r\n8,rejected,,period 05 is closed\r\n\r\n"
    assert read_answers(content) == (
        Answer(7, "accepted", "JE-1"), Answer(8, "rejected", "", "period 05 is closed"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "", "batch,status\n", "x,accepted\n", "0,accepted\n", "7,maybe\n", "7,rejected,JE-1,\n", "7,accepted,a,b,c\n",
        "7,accepted\n7,rejected,,no\n", "7\n", "9999999999,accepted\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(content: str) -> None:
    with pytest.raises(BadAnswer):
        read_answers(content)


def test_a_copy_says_so_by_its_name() -> None:
    assert file_name(42, "delimited", "txt") == "journal-000042-delimited.txt"
    assert file_name(42, "neutral", "csv", copy=True) == "journal-000042-neutral-COPY.csv"
