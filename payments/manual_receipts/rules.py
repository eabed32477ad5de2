"""Numbers of a book of paper receipts: whose they are, which are missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from accounts.errors import Conflict, DomainError

MOST_NUMBERS = 1000
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,11}")


class BadBook(DomainError):
    """A book has a code and numbers that rise, a thousand at most."""


class BookKnown(Conflict):
    """A book of that code was issued before."""


class NotInTheBook(DomainError):
    """The book has no such number: ``facts["first"]``, ``facts["last"]``."""


class NumberUsed(Conflict):
    """That number is accounted for: each is entered, or voided, once."""


class NotYourBook(DomainError):
    """A paper receipt is entered by whoever had the book, or by a supervisor."""


class WrittenLater(DomainError):
    """A paper receipt was not written after today, nor before its book was issued."""


@dataclass(frozen=True)
class NewBook:
    """A book to be handed to somebody."""

    code: str
    first: int
    last: int
    issued_to: int


def check_book(book: NewBook) -> None:
    """Raise :class:`BadBook` for a code that cannot be told from others, or numbers that do not rise."""
    if not _CODE.fullmatch(book.code) or not 0 < book.first <= book.last < book.first + MOST_NUMBERS:
        raise BadBook(f"{book.code} {book.first}-{book.last}")


def shown_number(code: str, number: int) -> str:
    """A number as it is printed on the paper, and on the receipt that follows it."""
    return f"{code}-{number:04d}"


def check_day(written_on: date, issued_on: date, today: date) -> None:
    """Raise :class:`WrittenLater` for a day on which it cannot have been written."""
    if not issued_on <= written_on <= today:
        raise WrittenLater(f"written on {written_on}")


@dataclass(frozen=True)
class Gap:
    """Numbers in a row that nobody has accounted for."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def gaps(first: int, last: int, accounted: Collection[int]) -> Iterator[Gap]:
    """Numbers below the highest that was used, of which nothing is known: each has to be explained."""
    used = sorted(number for number in accounted if first <= number <= last)
    expected = first
    for number in used:
        if number > expected:
            yield Gap(expected, number - 1)
        expected = number + 1
