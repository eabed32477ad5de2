"""What becomes of a bill, in a table; addresses and the order in which the post wants them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.bill_printings.rules import (
    Outcome,
    Reason,
    Standing,
    address_lines,
    decide,
    file_name,
    mark,
    walk_key,
    zip_of,
)

PLAIN = Standing("1 Elm St, Lodi, CA 95240")


@pytest.mark.parametrize(
    ("bill", "outcome", "reason"),
    [
        (PLAIN, Outcome.PRINTED, Reason.NONE),
        (replace(PLAIN, is_paperless=True), Outcome.PAPERLESS, Reason.CONSENT),
        (replace(PLAIN, address=None), Outcome.HELD, Reason.CAME_BACK),
        (replace(PLAIN, address=" "), Outcome.HELD, Reason.NO_ADDRESS),
        (replace(PLAIN, is_hidden=True), Outcome.HELD, Reason.HIDDEN),
        (replace(PLAIN, is_corrected=True, is_being_corrected=True), Outcome.HELD, Reason.CORRECTED),
        (replace(PLAIN, is_being_corrected=True), Outcome.HELD, Reason.BEING_CORRECTED),
        # Who consented needs no address; a wrong bill goes to nobody, by no way.
        (replace(PLAIN, address=None, is_paperless=True, is_hidden=True), Outcome.PAPERLESS, Reason.CONSENT),
        (replace(PLAIN, is_paperless=True, is_corrected=True), Outcome.HELD, Reason.CORRECTED),
        (replace(PLAIN, address=None, is_hidden=True), Outcome.HELD, Reason.HIDDEN),
    ],
)
def test_what_becomes_of_a_bill(bill: Standing, outcome: Outcome, reason: Reason) -> None:
    found = decide(bill)
    assert (found.outcome, found.reason) == (outcome, reason)


def test_whatever_is_known_of_a_bill_a_reason_stands_where_it_is_not_printed() -> None:
    for address, *marks in product(("", None, "1 Elm St, Lodi, CA 95240"), *[(False, True)] * 4):
        found = decide(Standing(address, *marks))  # type: ignore[arg-type]
        assert (found.outcome is Outcome.PRINTED) == (found.reason is Reason.NONE)
        assert found.outcome is not Outcome.PRINTED or (address and not any(marks))


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("1 Elm St, Lodi, CA 95240", ("1 Elm St", "Lodi, CA 95240")),
        ("1 Elm St, Apt 4, Lodi, CA 95240", ("1 Elm St, Apt 4", "Lodi, CA 95240")),
        ("PO Box 7, Lodi CA 95240", ("PO Box 7", "Lodi CA 95240")),
        ("c/o Ruiz\n1 Elm St\n\nLodi, CA 95240-1234", ("c/o Ruiz", "1 Elm St", "Lodi, CA 95240-1234")),
        ("1 Elm St", ("1 Elm St",)),
        ("", ()),
    ],
)
def test_an_address_as_an_envelope_has_it(address: str, lines: tuple[str, ...]) -> None:
    assert address_lines(address) == lines


def test_the_order_of_a_carriers_walk() -> None:
    streets = ["100 Elm St, Lodi, CA 95240", "9 Oak Ave, Lodi, CA 95240", "9 Elm Street, Lodi, CA 95240"]
    assert sorted(streets, key=walk_key) == [streets[2], streets[0], streets[1]]
    assert [zip_of(one) for one in (streets[0], "1 Elm St, Lodi, CA 95240-1234", "1 Elm St")] == [
        "95240",
        "95240",
        "",
    ]


@given(st.text(max_size=200))
def test_any_text_has_lines_and_a_place_in_the_order(address: str) -> None:
    lines = address_lines(address)
    assert all(line.strip() for line in lines)
    assert isinstance(walk_key(address), str)
    assert zip_of(address) == "" or len(zip_of(address)) == 5


def test_files_and_bills_are_called_by_their_numbers() -> None:
    assert mark(12, 3, 401) == "12-3-000401"
    assert file_name(12, 3) == "bills-000012-part-003.pdf"
    assert file_name(12, 0, copy=True) == "bills-000012-list-REPRINT.csv"
