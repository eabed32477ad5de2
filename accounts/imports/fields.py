"""From the text of a cell to a value. Nothing is guessed: what does not fit its type exactly is a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from accounts.money import Money

Reader = Callable[[str], Any]


class FieldType(Enum):
    """What a field holds. The formats of dates and times are the profile's."""

    TEXT = "text"
    DATE = "date"
    TIME = "time"
    MONTH = "month"
    MONEY = "money"
    WHOLE = "whole"
    DECIMAL = "decimal"
    YES_NO = "yes_no"


HHMM: Final = "HHMM"
"""A time in digits without leading zeros: ``810`` is 8:10, ``5`` is five past midnight."""
YYYYMM: Final = "YYYYMM"
"""A month in six digits."""

_AMOUNT = re.compile(r"(-)?\$?(-)?(\d{1,3}(?:,\d{3}){1,5}|\d{1,20})?(?:\.(\d{1,2}))?(-)?")
_HHMM = re.compile(r"\d{1,4}")
_YYYYMM = re.compile(r"(\d{4})(0[1-9]|1[0-2])")
_WHOLE = re.compile(r"-?\d{1,15}")
_DECIMAL = re.compile(r"[-+]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})")
LONGEST_TEXT = 1_000
_YEARS = range(1800, 3000)
"""Days outside of these are placeholders: a profile says so with ``blank``."""
_YES = {"y", "yes", "true", "t", "1", "x", "s", "si", "sí"}
_NO = {"n", "no", "false", "f", "0"}


class Unreadable(ValueError):
    """A cell that is not what its field holds; the message says why."""


def reader(kind: FieldType, formats: Sequence[str] = (), *, in_cents: bool = False) -> Reader:
    """The function that reads a cell of this type. ``in_cents``: amounts are whole cents without a point."""
    known = tuple(formats)
    readers: dict[FieldType, Reader] = {
        FieldType.TEXT: read_text,
        FieldType.DATE: lambda text: read_date(text, known or ("%Y-%m-%d",)),
        FieldType.TIME: lambda text: read_time(text, known or ("%H:%M",)),
        FieldType.MONTH: lambda text: read_date(text, known or (YYYYMM,)),
        FieldType.MONEY: read_cents if in_cents else read_money,
        FieldType.WHOLE: read_whole,
        FieldType.DECIMAL: read_decimal,
        FieldType.YES_NO: read_yes_no,
    }
    return readers[kind]


def read_text(text: str) -> str:
    """Text that the database can keep, also when a profile's replacements made something else of it."""
    if "\x00" in text:
        raise Unreadable("holds NUL, which is no letter")
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"longer than {LONGEST_TEXT:,} letters")
    return text


def read_money(text: str) -> Money:
    """``$1,234.50``, ``40``, ``-5.00``, ``5.00-``, ``(5.00)``; no fraction of a cent, no stray comma."""
    inner, negative = (text[1:-1], True) if text.startswith("(") and text.endswith(")") else (text, False)
    match = _AMOUNT.fullmatch(inner.replace(" ", ""))
    if match is None or not (match[3] or match[4]):
        raise Unreadable("not an amount of dollars and cents")
    cents = int((match[3] or "0").replace(",", "")) * 100 + int((match[4] or "0").ljust(2, "0"))
    signs = sum(map(bool, (negative, match[1], match[2], match[5])))
    if signs > 1:
        raise Unreadable("an amount with two signs")
    if cents > 10**14:
        raise Unreadable("more money than there is")
    return Money(-cents if signs else cents)


def read_cents(text: str) -> Money:
    """Whole cents, signed in front or behind: ``0000004000``, ``4000-``."""
    body = f"-{text[:-1]}" if text.endswith("-") else text
    return Money(read_whole(body))


@lru_cache(maxsize=8192)
def read_date(text: str, formats: tuple[str, ...]) -> date:
    """A day in the first of the formats that fits; a month is its first day."""
    for known in formats:
        if known == YYYYMM:
            match = _YYYYMM.fullmatch(text)
            found = date(int(match[1]), int(match[2]), 1) if match and int(match[1]) else None
        else:
            found = _strictly(text, known)
        if found is not None:
            if found.year not in _YEARS:
                raise Unreadable(f"not between the years {_YEARS.start} and {_YEARS.stop - 1}")
            return found
    raise Unreadable(f"not a date of the form {' or '.join(formats)}")


def _strictly(text: str, known: str) -> date | None:
    try:
        return datetime.strptime(text, known).date()  # noqa: DTZ007 - a calendar day has no zone
    except (ValueError, OverflowError):
        return None


def can_be_a_format(known: str) -> bool:
    """Whether dates or times can be read so: what is written in a format is read in it again."""
    if known in (HHMM, YYYYMM):
        return True
    some_day = datetime(2026, 11, 17, 13, 5)  # noqa: DTZ001 - a calendar day has no zone
    try:
        datetime.strptime(some_day.strftime(known), known)  # noqa: DTZ007
    except (ValueError, OverflowError, re.error):
        return False
    return "%" in known


@lru_cache(maxsize=8192)
def read_time(text: str, formats: tuple[str, ...]) -> time:
    """A time of day in the first of the formats that fits."""
    for known in formats:
        try:
            if known == HHMM:
                if _HHMM.fullmatch(text):
                    return time(int(text) // 100, int(text) % 100)
                continue
            return datetime.strptime(text, known).time()  # noqa: DTZ007 - a wall clock's time
        except (ValueError, OverflowError):
            continue
    raise Unreadable(f"not a time of the form {' or '.join(formats)}")


def read_whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Unreadable("not a whole number")
    return int(text)


def read_decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise Unreadable("not a number")
    return Decimal(text)


def read_yes_no(text: str) -> bool:
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable("neither yes nor no")
