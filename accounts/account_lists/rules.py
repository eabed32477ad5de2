"""A list of numbers and proofs as people paste it, and what is said of each line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounts.errors import DomainError

MOST_LINES = 200
MOST_CHARACTERS = 60_000
MOST_REFUSED = 3
"""After so many lines that were one guess too many, the rest of the list is not looked at."""
_LONGEST = (40, 80, 10)
"""Of a number, a proof and a ZIP code, as in the form for one account."""
_SEPARATORS = "\t;,"


class NothingPasted(DomainError):
    """No line, or nothing but empty ones."""


class TooManyLines(DomainError):
    """More than are looked at at once: ``facts["most"]``."""


class Verdict(StrEnum):
    """What became of a line."""

    ADDED = "added"
    THERE = "there"
    """It was in the list before."""
    NO_MATCH = "no-match"
    """Unknown number, wrong proof and protected account are one answer."""
    TOO_MANY = "too-many"
    """One guess too many, or not looked at after some of them."""
    FULL = "full"
    """As many accounts as one sign-in may have."""
    UNREADABLE = "unreadable"
    """No number with a proof: nothing was looked up."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was pasted; ``place`` counts from 1, empty lines too."""

    place: int
    number: str
    proof: str = ""
    zip_code: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the form for one account would take it."""
        said = (self.number, self.proof, self.zip_code)
        fits = all(len(one) <= most for one, most in zip(said, _LONGEST, strict=True))
        return bool(self.number and self.proof) and fits


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a line. The rest is of an account that is theirs now."""

    place: int
    number: str
    verdict: Verdict
    reference: str = ""
    kind: str = ""
    account_id: int = 0


def read_lines(text: str) -> list[Line]:
    """Lines of ``number, proof`` or ``number, proof, ZIP code``, apart by tab, semicolon or comma, as the first line
    that has one of them is; cells may stand in double quotes. Raises :class:`NothingPasted`, :class:`TooManyLines`.
    """
    rows = text.lstrip("\ufeff").splitlines()
    if sum(bool(row.strip()) for row in rows) > MOST_LINES:
        raise TooManyLines(f"more than {MOST_LINES} lines", most=MOST_LINES)
    mark = next((mark for row in rows for mark in _SEPARATORS if mark in row), ",")
    found = [_line(place, _cells(row, mark)) for place, row in enumerate(rows, 1) if row.strip()]
    if not found:
        raise NothingPasted("no line")
    return found


def cells_of(text: str) -> Iterable[str]:
    """Each cell by itself: what no cell holds is in no list, whatever stands side by side in two."""
    for row in text.splitlines():
        for mark in _SEPARATORS:
            yield from _cells(row, mark) if mark in row else ()
        if not any(mark in row for mark in _SEPARATORS):
            yield row


def _cells(row: str, mark: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(row), delimiter=mark), [])]
    except csv.Error:
        return []


def _line(place: int, cells: list[str]) -> Line:
    number, proof, zip_code, *_more = [*cells, "", "", ""]
    return Line(place, number, proof, zip_code)
