"""Reading and writing the scan line of a bill: digits of its account, its date, what it asks. Pure.

The line is another key of the bill: typed or scanned at the window, in the mail or by a lockbox, it finds the account
and the amount. A bill prints ``write(layout, Printed(…))`` in OCR-A or OCR-B, without spaces, within two inches of
the stub's lower edge, with our own reference as the account; ``queries.by_scan_key`` finds it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from accounts.cities.scanning import DateFormat, ScanLayout
from accounts.errors import DomainError
from accounts.money import ZERO, Money

WhyUnread = Literal["not-digits", "length", "check-digit", "date"]
_BETWEEN = re.compile(r"[\s.\-]+")
_STRPTIME: dict[DateFormat, str] = {
    "MMDDYY": "%m%d%y",
    "YYMMDD": "%y%m%d",
    "DDMMYY": "%d%m%y",
    "MMDDYYYY": "%m%d%Y",
    "YYYYMMDD": "%Y%m%d",
}
_ORDER: tuple[WhyUnread, ...] = ("not-digits", "length", "check-digit", "date")
"""How near a line came: the reason of the nearest layout is the one that is said."""


class ScanLineUnread(DomainError):
    """What was typed is no scan line of this city: ``facts["why"]`` is ``not-digits``, ``length``, ``check-digit`` or
    ``date``."""


class DoesNotFit(DomainError):
    """A value is too long for its field of the scan line: ``facts["field"]``."""


@dataclass(frozen=True)
class Printed:
    """What a bill says on its scan line."""

    account: str
    """Digits; leading zeros mean nothing."""
    gross: Money = ZERO
    net: Money | None = None
    """Through ``due_on``, where less is asked until then; none: the same as ``gross``."""
    due_on: date | None = None
    rate: str = "0"


@dataclass(frozen=True)
class ScanLine:
    """A line that was read, its check digit being right."""

    layout: str
    account_digits: str
    """Without leading zeros."""
    gross: Money | None
    net: Money | None
    due_on: date | None
    rate: str

    def asked_on(self, day: date) -> Money | None:
        """What the bill asks on a day: the net amount through its date, the gross amount after it; none: it does not
        say."""
        if self.net is not None and (self.gross is None or self.due_on is None or day <= self.due_on):
            return self.net
        return self.gross


@dataclass(frozen=True)
class Unread:
    """No layout reads it: for each layout, why not."""

    reasons: tuple[tuple[str, WhyUnread], ...]

    @property
    def why(self) -> WhyUnread:
        """The reason of the layout that came nearest."""
        return max((why for _layout, why in self.reasons), key=_ORDER.index, default="length")


def read(line: str, layouts: Sequence[ScanLayout]) -> ScanLine | Unread:
    """The line as the first layout that fits it says; spaces, dots and dashes between its digits mean nothing."""
    digits = _BETWEEN.sub("", line)
    reasons: list[tuple[str, WhyUnread]] = []
    for layout in layouts:
        found = _read(digits, layout)
        if isinstance(found, ScanLine):
            return found
        reasons.append((layout.code, found))
    return Unread(tuple(reasons))


def must_read(line: str, layouts: Sequence[ScanLayout]) -> ScanLine:
    """:func:`read`; raises :class:`ScanLineUnread`."""
    found = read(line, layouts)
    if isinstance(found, Unread):
        raise ScanLineUnread(f"no scan line: {found.why}", why=found.why)
    return found


def looks_like_one(typed: str, layouts: Sequence[ScanLayout]) -> bool:
    """Whether this has as many digits as a scan line of the city, so that it is no number of another kind."""
    digits = _BETWEEN.sub("", typed)
    return digits.isdecimal() and digits.isascii() and len(digits) in {layout.length for layout in layouts}


def write(layout: ScanLayout, printed: Printed) -> str:
    """The line of a bill, with its check digit. Raises :class:`DoesNotFit`."""
    net = printed.gross if printed.net is None else printed.net
    values = {
        "account": printed.account.lstrip("0"),
        "rate": printed.rate,
        "gross": str(printed.gross.cents),
        "net": str(net.cents),
        "filler": "0",
    }
    parts = []
    for field in layout.fields:
        if field.format is not None:
            value = printed.due_on.strftime(_STRPTIME[field.format]) if printed.due_on else ""
        else:
            value = values[field.name]
        if len(value) > field.length or (value and not (value.isascii() and value.isdecimal())):
            raise DoesNotFit(f"{field.name} {value!r} does not fit {field.length} digits", field=field.name)
        parts.append(value.zfill(field.length))
    digits = "".join(parts)
    return digits + layout.check_digit(digits)


def _read(digits: str, layout: ScanLayout) -> ScanLine | WhyUnread:
    if not (digits.isascii() and digits.isdecimal()):
        return "not-digits"
    if len(digits) != layout.length:
        return "length"
    if layout.check_digit(digits[:-1]) != digits[-1]:
        return "check-digit"
    said = {field.name: digits[place] for field, place in layout.places}
    formats = {field.name: field.format for field in layout.fields}
    due_on = None
    if said.get("date", "").strip("0") and (format_ := formats["date"]):
        due_on = _date(said["date"], format_)
        if due_on is None:
            return "date"
    return ScanLine(
        layout=layout.code,
        account_digits=said["account"].lstrip("0"),
        gross=Money(int(said["gross"])) if "gross" in said else None,
        net=Money(int(said["net"])) if "net" in said else None,
        due_on=due_on,
        rate=said.get("rate", ""),
    )


def _date(digits: str, format_: DateFormat) -> date | None:
    """A year of two digits is of 1969 to 2068 (POSIX)."""
    try:
        return datetime.strptime(digits, _STRPTIME[format_]).date()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None
