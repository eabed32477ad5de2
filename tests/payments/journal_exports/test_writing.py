"""Each layout is written to the byte and read back to the cent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from accounts.cities.journal_layouts import JournalLayout
from accounts.money import Money
from payments.journal_exports.rules import JournalLine, Place
from payments.journal_exports.writing import Batch, Parsed, TooWide, account_of, read_back, written
from tests.accounts.counter import shipped

DAY = date(2026, 11, 17)
LAYOUTS = {layout.code: layout for layout in shipped().journal_layouts}
BATCH = Batch(42, date(2026, 11, 19), DAY, DAY, (
    JournalLine(1, Place(DAY, "100", "100-1000"), "Claim on pooled cash", Money(55_00)),
    JournalLine(2, Place(DAY, "100", "100-4610", "PK-101"), "Parks, recreation and a long name", Money(-55_00)),
))  # fmt: skip
BASE = {
    "code": "tested", "valid_from": DAY, "authority": "Resolution 1", "name": {"en": "x"}, "style": "delimited",
    "columns": [{"source": "account"}, {"source": "project"}, {"source": "signed"}],
}  # fmt: skip


def layout(**changes: object) -> JournalLayout:
    return JournalLayout.model_validate(BASE | changes)


def test_the_neutral_form() -> None:
    assert written(BATCH, None).decode().splitlines() == [
        "H,1,42,2026-11-19,2026-11-17,2026-11-17",
        ",line,day,fund,account,project,debit,credit,description,reference",
        "D,1,2026-11-17,100,100-1000,,55.00,0.00,Claim on pooled cash,VN000042-261117",
        'D,2,2026-11-17,100,100-4610,PK-101,0.00,55.00,"Parks, recreation and a long name",VN000042-261117',
        "T,2,55.00,55.00",
    ]


def test_the_delimited_example() -> None:
    assert written(BATCH, LAYOUTS["delimited"]).decode().split("\r\n") == [
        "JOURNAL|LINE|DATE|YEAR|PERIOD|FUND|OBJECT|PROJECT|DESCRIPTION|DEBIT|CREDIT|REFERENCE",
        "42|1|11/17/2026|2027|05|100|1000||Claim on pooled cash|55.00|0.00|VN000042-261117",
        "42|2|11/17/2026|2027|05|100|4610|PK-101|Parks, recreation and a long n|0.00|55.00|VN000042-261117",
        "TOTAL|2|55.00|55.00",
        "",
    ]


def test_the_fixed_example_is_140_wide() -> None:
    rows = written(BATCH, LAYOUTS["fixed-140"]).decode().split("\r\n")
    assert [len(row) for row in rows] == [140, 140, 140, 0]
    assert rows[1] == (
        "4610  " "Parks, recreation and a long n" "0000000042" "PK-101      " "C" "0000000005500" "20261117" "00002"
        "100-4610" + " " * 47
    )  # fmt: skip
    assert rows[2].startswith("999999CONTROL TOTALS")
    assert rows[2].endswith("0" * 51 + "5500")


def test_letters_of_other_languages_do_not_change_the_width() -> None:
    line = JournalLine(1, Place(DAY, "100", "100-4610"), "Parques y recreación, año 1", Money(5))
    other = JournalLine(2, Place(DAY, "100", "100-1000"), "x", Money(-5))
    rows = written(Batch(1, DAY, DAY, DAY, (line, other)), LAYOUTS["fixed-140"]).split(b"\r\n")
    assert {len(row) for row in rows[:-1]} == {140}
    assert b"recreacion, ano" in rows[0]


CONVENTIONS = {
    "neutral": None,
    **LAYOUTS,
    "signed": layout(delimiter="semicolon", line_ending="lf"),
    "signed fixed": layout(style="fixed", implied_decimals=True, columns=[
        {"source": "account", "width": 20}, {"source": "project", "width": 10},
        {"source": "signed", "width": 15, "align": "right", "pad": "zero"}]),
    "blank zero": layout(blank_zero=True, names_first=True, columns=[
        {"source": "fund"}, {"source": "object"}, {"source": "debit"}, {"source": "credit"}, {"source": "project"}]),
    "flags with a header": layout(debit_flag="DR", credit_flag="CR", header=[{"source": "batch"}], columns=[
        {"source": "account"}, {"source": "project"}, {"source": "flag"}, {"source": "amount"}]),
}  # fmt: skip


@pytest.mark.parametrize("form", CONVENTIONS.values(), ids=list(CONVENTIONS))
@given(amounts=st.lists(st.integers(1, 9_999_999_99), min_size=1, max_size=5))
def test_what_is_written_is_read_back(form: JournalLayout | None, amounts: list[int]) -> None:
    signed = [*amounts, *(-cents for cents in amounts)]
    lines = tuple(
        JournalLine(
            number, Place(DAY, "100", f"100-{4600 + number}", "PK-1" if number % 2 else ""), "Name", Money(cents)
        )
        for number, cents in enumerate(signed, start=1)
    )
    content = written(Batch(7, DAY, DAY, DAY, lines), form)
    expected = [Parsed(account_of(line, form), line.place.project, line.amount) for line in lines]
    assert read_back(content, form) == expected
    assert written(Batch(7, DAY, DAY, DAY, lines), form) == content


def test_a_number_is_never_cut() -> None:
    narrow = layout(style="fixed", columns=[
        {"source": "account", "width": 20}, {"source": "signed", "width": 4, "align": "right"}])  # fmt: skip
    with pytest.raises(TooWide) as caught:
        written(BATCH, narrow)
    assert caught.value.facts == {"column": "signed", "value": "55.00", "width": 4}


def test_codes_are_mapped() -> None:
    mapped = layout(accounts={"100-4610": "REV.PARKS"})
    assert written(BATCH, mapped).decode().splitlines()[1] == "REV.PARKS,PK-101,-55.00"


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [{"source": "account"}, {"source": "debit"}]},
        {"columns": [{"source": "account"}, {"source": "signed"}, {"source": "debit"}, {"source": "credit"}]},
        {"columns": [{"source": "signed"}, {"source": "object"}]},
        {"columns": [{"source": "account"}, {"source": "flag"}, {"source": "amount"}], "credit_flag": "D"},
        {"trailer": [{"source": "line"}]},
        {"style": "fixed"},
        {"style": "fixed", "columns": [{"source": "account", "width": 9}, {"source": "signed", "width": 9}],
         "trailer": [{"source": "lines", "width": 9}]},
        {"columns": [{"source": "account"}, {"source": "signed"}, {"source": "date", "date_format": "%c"}]},
    ],
)  # fmt: skip
def test_a_layout_that_cannot_be_read_back_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        layout(**changes)
