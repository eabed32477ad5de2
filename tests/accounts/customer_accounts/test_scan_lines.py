"""Scan lines against the published vectors, and what a wrong digit does to any layout."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from accounts.cities.folder import read_folder
from accounts.cities.scanning import ScanLayout
from accounts.customer_accounts.models import AccountAlias
from accounts.customer_accounts.queries import by_scan_key
from accounts.customer_accounts.scan_lines import (
    DoesNotFit,
    Printed,
    ScanLine,
    ScanLineUnread,
    Unread,
    looks_like_one,
    must_read,
    read,
    write,
)
from accounts.database import Sessions, reading
from accounts.money import Money
from tests.factories import make_account

SHIPPED = Path(__file__).parents[3] / "city"
SINCE = {"valid_from": date(2020, 1, 1), "authority": "Resolution 1"}
CREDITRON = ScanLayout.model_validate(
    {
        **SINCE,
        "code": "creditron",
        "fields": [
            {"name": "account", "length": 11},
            {"name": "date", "length": 6, "format": "MMDDYY"},
            {"name": "rate", "length": 4},
            {"name": "gross", "length": 10},
            {"name": "net", "length": 10},
        ],
        "check": {"weights": [2, 1]},
    }
)
BANK = ScanLayout.model_validate(
    {
        **SINCE,
        "code": "bank",
        "fields": [
            {"name": "filler", "length": 2},
            {"name": "account", "length": 12},
            {"name": "gross", "length": 8},
        ],
        "check": {"weights": [3, 7, 1], "begins": "right", "sums": "products", "covers": ["account", "gross"]},
    }
)
VECTOR = "003456789011102960000000000100000000010008"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(VECTOR, None, id="the vendor's line"),
        pytest.param("00345678901 110296 0000 0000001000 0000001000 8", None, id="spaces mean nothing"),
        pytest.param("003456789011101960000000000100000000010008", "check-digit", id="the vendor's misprint"),
        pytest.param("003456789011101960000000000100000000010000", None, id="as it ought to be"),
        pytest.param(VECTOR[:-1], "length", id="a digit is missing"),
        pytest.param("0034567890A" + VECTOR[11:], "not-digits", id="a letter"),
        pytest.param("٠٠345678901" + VECTOR[11:], "not-digits", id="digits of another script"),
        pytest.param("", "not-digits", id="nothing"),
    ],
)
def test_the_published_layout(line: str, why: str | None) -> None:
    found = read(line, [CREDITRON])
    if why is None:
        assert isinstance(found, ScanLine)
        assert (found.account_digits, found.gross, found.net) == ("345678901", Money(10_00), Money(10_00))
    else:
        assert isinstance(found, Unread)
        assert found.why == why
        with pytest.raises(ScanLineUnread):
            must_read(line, [CREDITRON])


def test_the_published_line_is_written() -> None:
    printed = Printed("345678901", gross=Money(10_00), due_on=date(1996, 11, 2))
    assert write(CREDITRON, printed) == VECTOR


@pytest.mark.parametrize(
    ("layout", "printed", "line"),
    [
        pytest.param(BANK, Printed("1", gross=Money(5_01)), "0000000000000100000501", id="from the right"),
    ],
)
def test_a_bank_s_variant(layout: ScanLayout, printed: Printed, line: str) -> None:
    # From the right: 1·3 + 0·7 + 5·1 of the amount, zeros, and 1·1 of the account in the ninth place: 9, so 1.
    assert write(layout, printed) == line + "1"
    assert read(line + "1", [CREDITRON, layout]) == ScanLine("bank", "1", Money(5_01), None, None, "")
    # The filler is not covered: whatever stands there, the line is read.
    assert isinstance(read("99" + line[2:] + "1", [layout]), ScanLine)


def test_what_the_bill_asks_depends_on_the_day() -> None:
    due = date(2026, 11, 20)
    line = read(
        write(CREDITRON, Printed("7", gross=Money(50_00), net=Money(45_00), due_on=due, rate="12")), [CREDITRON]
    )
    assert isinstance(line, ScanLine)
    assert line.rate == "0012"
    assert line.asked_on(due) == Money(45_00)
    assert line.asked_on(date(2026, 11, 21)) == Money(50_00)


def test_a_date_that_is_none() -> None:
    digits = "00345678901" + "133296" + "0000" + "0000001000" + "0000001000"
    found = read(digits + CREDITRON.check_digit(digits), [CREDITRON])
    assert isinstance(found, Unread)
    assert found.why == "date"


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(DoesNotFit) as refused:
        write(CREDITRON, Printed("1", gross=Money(10**10)))
    assert refused.value.facts["field"] == "gross"
    with pytest.raises(DoesNotFit):
        write(CREDITRON, Printed("BL1"))


def test_a_scan_line_is_told_from_other_numbers() -> None:
    assert looks_like_one(VECTOR, [BANK, CREDITRON])
    assert not looks_like_one("100-000-427", [BANK, CREDITRON])


_layouts = st.builds(
    lambda weights, begins, sums, modulus, complement, covers: ScanLayout.model_validate(
        {
            **SINCE,
            "code": "any",
            "fields": [
                {"name": "account", "length": 9},
                {"name": "date", "length": 8, "format": "YYYYMMDD"},
                {"name": "gross", "length": 8},
                {"name": "net", "length": 8},
            ],
            "check": {"weights": weights, "begins": begins, "sums": sums, "modulus": modulus,
                      "complement": complement, "covers": covers},
        }
    ),
    st.lists(st.integers(0, 99), min_size=1, max_size=5),
    st.sampled_from(["left", "right"]),
    st.sampled_from(["digits", "products"]),
    st.integers(2, 11),
    st.booleans(),
    st.lists(st.sampled_from(["account", "date", "gross", "net"]), max_size=4, unique=True),
)  # fmt: skip
_printed = st.builds(
    Printed,
    account=st.integers(1, 10**9 - 1).map(str),
    gross=st.integers(0, 10**8 - 1).map(Money),
    net=st.integers(0, 10**8 - 1).map(Money),
    due_on=st.none() | st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    rate=st.just("0"),
)


@given(_layouts, _printed)
def test_what_is_written_is_read_whatever_the_layout(layout: ScanLayout, printed: Printed) -> None:
    found = read(write(layout, printed), [layout])
    assert found == ScanLine("any", printed.account, printed.gross, printed.net, printed.due_on, "")


@given(_layouts, _printed, st.data())
def test_one_wrong_digit_is_caught_wherever_its_weight_tells_the_two_apart(
    layout: ScanLayout, printed: Printed, data: st.DataObject
) -> None:
    """Exactly: the check digit differs if and only if the two digits' worths at that place differ modulo the modulus
    (for modulus 11 with one exception: remainders that are both written as 0)."""
    line = write(layout, printed)
    place = data.draw(st.integers(0, layout.length - 2))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != line[place]]))
    body = line[:place] + wrong + line[place + 1 : -1]
    covered = [
        index
        for field, where in layout.places
        if not layout.check.covers or field.name in layout.check.covers
        for index in range(where.start, where.stop)
    ]
    told = False
    if place in covered:
        rank = covered.index(place) if layout.check.begins == "left" else len(covered) - 1 - covered.index(place)
        weight = layout.check.weights[rank % len(layout.check.weights)]
        told = (layout.check.worth(weight, int(wrong)) - layout.check.worth(weight, int(line[place]))) % (
            layout.check.modulus
        ) != 0
    caught = layout.check_digit(body) != line[-1]
    if layout.check.modulus == 11 and line[-1] == "0":
        assert not caught or told
    else:
        assert caught == told
    if caught:
        assert isinstance(read(body + line[-1], [layout]), Unread)


@given(_printed.filter(lambda printed: len(printed.account) <= 11), st.data())
def test_the_published_layout_catches_every_wrong_digit(printed: Printed, data: st.DataObject) -> None:
    line = write(CREDITRON, printed)
    place = data.draw(st.integers(0, 41))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != line[place]]))
    assert isinstance(read(line[:place] + wrong + line[place + 1 :], [CREDITRON]), Unread)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": [{"name": "gross", "length": 8}]},
        {"fields": [{"name": "account", "length": 8}, {"name": "account", "length": 8}]},
        {"fields": [{"name": "account", "length": 8}, {"name": "date", "length": 6}]},
        {"fields": [{"name": "account", "length": 8}, {"name": "date", "length": 8, "format": "MMDDYY"}]},
        {"fields": [{"name": "account", "length": 8, "format": "MMDDYYYY"}]},
        {"check": {"weights": [2, 1], "covers": ["filler"]}},
        {"check": {"weights": []}},
    ],
)
def test_layouts_that_cannot_be_read_are_no_layouts(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ScanLayout.model_validate({**CREDITRON.model_dump(), **wrong})


def test_the_city_s_bills_have_a_line() -> None:
    city = read_folder(SHIPPED)
    assert city.scan_layouts(date(2026, 11, 17))[0].length == 42
    assert city.scan_layouts(date(2019, 1, 1)) == ()


def test_an_account_is_found_by_its_digits(sessions: Sessions) -> None:
    with reading(sessions) as session:
        account, other = make_account(session, charges=()), make_account(session, charges=())
        number = AccountAlias(
            customer_account_id=other.id, number="10-004217-01", number_key="1000421701", source="former"
        )
        session.add(number)
        session.flush()

        def found(digits: str) -> list[int]:
            return [a.id for a in by_scan_key(session, digits, sees_protected=False, sees_restricted=False)]

        assert found("00" + account.reference) == [account.id]
        assert found("01000421701") == [other.id]
        assert found("0000") == []
        account.is_restricted = True
        session.flush()
        assert found(account.reference) == []
