"""Lockbox files: what ties is read, and what does not is refused whole, with its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.money import Money, total
from payments.lockboxes.rules import FileRefused, Part, Reading
from tests.accounts.assessments.city import city
from tests.factories.lockbox import Check, lockbox_file

PROFILE = city().lockbox_profile("river-bank")
TWO = lockbox_file([[Check(10_00, "100000427"), Check(25_50, split=(("100000427", 20_00), ("200000019", 5_50)))],
                    [Check(1, "777")]])  # fmt: skip


def read(content: str) -> Reading:
    reader = Reading(PROFILE)
    list(reader.items(content.splitlines(keepends=True)))
    return reader


def test_items_batches_and_overflow_are_read() -> None:
    reader = Reading(PROFILE)
    items = list(reader.items(TWO.splitlines()))
    assert [(item.batch, item.number, item.amount) for item in items] == [
        ("001", "001", Money(10_00)), ("001", "002", Money(25_50)), ("002", "001", Money(1)),
    ]  # fmt: skip
    assert items[0].parts == (Part("100000427", Money(10_00)),)
    assert items[1].parts == (Part("100000427", Money(20_00)), Part("200000019", Money(5_50)))
    assert (items[0].routing, items[0].account, items[0].check, items[0].payer) == (
        "121000248", "4455667788", "1001", "J SMITH",
    )  # fmt: skip
    assert items[0].deposited_on == date(2026, 11, 16)
    assert (reader.summary.items, reader.summary.total, reader.summary.reference) == (3, Money(35_51), "REF261116")


def line(number: int, old: str, new: str) -> str:
    lines = TWO.splitlines()
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new, 1)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("content", "at", "why"),
    [
        pytest.param(line(4, "0000001000", "0000001001"), 8, "total", id="a cent in an item"),
        pytest.param(line(6, "0000002000", "0000002001"), 8, "split", id="a cent in a split"),
        pytest.param(line(8, "002", "003"), 8, "count", id="a count of a batch"),
        pytest.param(line(11, "0000000001", "0000000002"), 11, "total", id="a total of a batch"),
        pytest.param(line(12, "0000003551", "0000003552"), 12, "total", id="a total of the service"),
        pytest.param(line(12, "0003", "0004"), 12, "count", id="a count of the service"),
        pytest.param(line(13, "000013", "000012"), 13, "records", id="the count of records"),
        pytest.param(line(7, "9  200000019", "0  200000019"), 8, "overflow", id="an overflow without an end"),
        pytest.param(line(6, "0  100000427", "9  100000427"), 7, "overflow", id="an overflow after its end"),
        pytest.param(line(5, "6001002", "6001001"), 5, "item-order", id="an item twice"),
        pytest.param(line(5, "6001002", "6002002"), 5, "batch", id="an item of another batch"),
        pytest.param(line(9, "5002", "5001"), 9, "batch-twice", id="a batch twice"),
        pytest.param(line(3, "261116", "261316"), 3, "field", id="a day that is none"),
        pytest.param(line(4, "0000001000", "000000100X"), 4, "field", id="an amount that is none"),
        pytest.param(line(4, "0000001000", "0000000000"), 4, "amount", id="an item of nothing"),
        pytest.param("\n".join(TWO.splitlines()[:-1]) + "\n", 12, "ends-early", id="without its trailer"),
        pytest.param("\n".join(TWO.splitlines()[:5]) + "\n", 5, "ends-early", id="cut off"),
        pytest.param("", 0, "ends-early", id="empty"),
        pytest.param("hello\n", 1, "record", id="something else"),
        pytest.param(TWO + TWO, 14, "record", id="twice in one file"),
    ],
)
def test_whatever_does_not_tie_is_refused_with_its_line(content: str, at: int, why: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert (refused.value.facts["line"], refused.value.facts["why"]) == (at, why)


_stubs = st.integers(0, 10**9 - 1).map(str)
_checks = st.one_of(
    st.builds(Check, cents=st.integers(1, 10**8), stub=_stubs),
    st.lists(st.tuples(_stubs, st.integers(1, 10**6)), min_size=1, max_size=4).map(
        lambda parts: Check(sum(cents for _, cents in parts), split=tuple(parts))
    ),
)
_batches = st.lists(st.lists(_checks, max_size=5), max_size=4)


@given(_batches)
def test_every_file_whose_totals_tie_is_read_cent_by_cent(batches: list[list[Check]]) -> None:
    reader = Reading(PROFILE)
    items = list(reader.items(lockbox_file(batches).splitlines()))
    checks = [check for batch in batches for check in batch]
    assert [item.amount.cents for item in items] == [check.cents for check in checks]
    assert all(total(part.amount for part in item.parts) == item.amount for item in items)
    assert (reader.summary.items, reader.summary.total.cents) == (len(checks), sum(check.cents for check in checks))


@given(_batches.filter(any), st.data())
def test_a_file_with_one_wrong_digit_of_money_is_refused(batches: list[list[Check]], data: st.DataObject) -> None:
    lines = lockbox_file(batches).splitlines()
    places = {"6": (7, 17), "4": (22, 32), "7": (23, 33), "8": (24, 34)}
    at = data.draw(st.sampled_from([n for n, text in enumerate(lines) if text[0] in places]))
    begin, end = places[lines[at][0]]
    place = data.draw(st.integers(begin, end - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != lines[at][place]]))
    lines[at] = lines[at][:place] + wrong + lines[at][place + 1 :]
    with pytest.raises(FileRefused):
        read("\n".join(lines) + "\n")
