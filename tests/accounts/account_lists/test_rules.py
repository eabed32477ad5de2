"""Lists as people paste them."""

from __future__ import annotations

import pytest

from accounts.account_lists.rules import MOST_LINES, Line, NothingPasted, TooManyLines, cells_of, read_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("UB-1, Ortega", [Line(1, "UB-1", "Ortega")]),
        ("UB-1, Ortega, 93706\r\nBL-2,\t77.10", [Line(1, "UB-1", "Ortega", "93706"), Line(2, "BL-2", "77.10")]),
        ("\n\nUB-1;Ortega;93706\n  \nBL-2;x", [Line(3, "UB-1", "Ortega", "93706"), Line(5, "BL-2", "x")]),
        ("UB-1\tOrtega, Luis\t93706", [Line(1, "UB-1", "Ortega, Luis", "93706")]),
        ('\ufeff"UB-1","Ortega, Luis",93706', [Line(1, "UB-1", "Ortega, Luis", "93706")]),
        ("UB-1", [Line(1, "UB-1")]),
        ("UB-1,", [Line(1, "UB-1")]),
        (",Ortega", [Line(1, "", "Ortega")]),
        ('UB-1,"Ort', [Line(1, "UB-1", "Ort")]),
        ("a,b,c,d,e", [Line(1, "a", "b", "c")]),
    ],
)
def test_lines_in_any_usual_form(text: str, lines: list[Line]) -> None:
    assert read_lines(text) == lines


@pytest.mark.parametrize("line", [Line(1, "UB-1"), Line(1, "", "x"), Line(1, "1" * 41, "x"), Line(1, "1", "x" * 81)])
def test_what_the_form_for_one_account_would_not_take_is_no_line(line: Line) -> None:
    assert not line.is_whole


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_nothing(text: str) -> None:
    with pytest.raises(NothingPasted):
        read_lines(text)


def test_as_many_as_may_be_and_no_more() -> None:
    assert len(read_lines("1,x\n\n" * MOST_LINES)) == MOST_LINES
    with pytest.raises(TooManyLines):
        read_lines("1,x\n" * (MOST_LINES + 1))


def test_cells_are_looked_at_one_by_one() -> None:
    assert {"4242", "4242 4242"} <= set(cells_of("4242,4242 4242\n4242"))
    assert "4242,4242 4242" not in set(cells_of("4242,4242 4242\n4242"))
