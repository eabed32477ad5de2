"""A batch as a file, and the file read back. Pure: the same batch under the same layout is the same bytes.

The neutral form is CSV in UTF-8 with CRLF: a row ``H`` with version, batch and dates, a row of names, one row ``D`` a
line, and a row ``T`` with the number of lines and both totals. Amounts are dollars and cents.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.cities.journal_layouts import MONEY, Column, JournalLayout
from accounts.errors import DomainError
from accounts.money import ZERO, Money
from payments.journal_exports.rules import JournalLine, totals_of

LONGEST_DESCRIPTION = 30
_ENDINGS = {"crlf": "\r\n", "lf": "\n"}
_DELIMITERS = {"comma": ",", "semicolon": ";", "pipe": "|", "tab": "\t"}
_PADS = {"space": " ", "zero": "0"}
_NAMES = ("", "line", "day", "fund", "account", "project", "debit", "credit", "description", "reference")
_CUT = frozenset({"description", "text"})
"""What may be cut to fit; a number or a code never is."""


class TooWide(DomainError):
    """A value is wider than its column; nothing was exported. ``facts``: ``column``, ``value``, ``width``."""


@dataclass(frozen=True)
class Batch:
    """What a file says: its number, the day on which it was made (the city's), the business days, and the lines."""

    number: int
    made_on: date
    first_day: date
    last_day: date
    lines: tuple[JournalLine, ...]


@dataclass(frozen=True)
class Parsed:
    """A line as read back out of a file: the account as it is written there, and what it moves (debits positive)."""

    account: tuple[str, ...]
    project: str
    amount: Money


def written(batch: Batch, layout: JournalLayout | None) -> bytes:
    """The whole file, in the neutral form where there is no layout; raises :class:`TooWide`."""
    pieces = _neutral(batch) if layout is None else _records(batch, layout)
    return "".join(pieces).encode()


def extension_of(layout: JournalLayout | None) -> str:
    """``csv`` for the neutral form."""
    return "csv" if layout is None else layout.extension


def account_of(line: JournalLine, layout: JournalLayout | None) -> tuple[str, ...]:
    """The ledger account as the file writes it, as :func:`read_back` finds it."""
    if layout is None:
        return (line.place.fund, line.place.account)
    sources = [column.source for column in layout.columns if column.source in {"fund", "org", "object", "account"}]
    return tuple(str(_of_line(source, line, layout)) for source in sources)


def read_back(content: bytes, layout: JournalLayout | None) -> list[Parsed]:
    """The lines of a file that :func:`written` made, read as another system reads them."""
    text = content.decode()
    if layout is None:
        rows = [row for row in csv.reader(io.StringIO(text)) if row[0] == "D"]
        return [Parsed((row[3], row[4]), row[5], Money.exact(row[6]) - Money.exact(row[7])) for row in rows]
    records = text.split(_ENDINGS[layout.line_ending])[:-1]
    first = bool(layout.header) + layout.names_first
    records = records[first : len(records) - bool(layout.trailer)]
    if layout.style == "delimited":
        cells: Iterator[list[str]] = csv.reader(records, delimiter=_DELIMITERS[layout.delimiter])
    else:
        cells = (_cut_up(record, layout.columns) for record in records)
    return [_parsed(dict(zip([c.source for c in layout.columns], row, strict=True)), layout) for row in cells]


def _neutral(batch: Batch) -> Iterator[str]:
    sums = totals_of(batch.lines)
    yield _csv(["H", "1", batch.number, batch.made_on, batch.first_day, batch.last_day], ",", "\r\n")
    yield _csv(_NAMES, ",", "\r\n")
    for line in batch.lines:
        place = line.place
        yield _csv(
            ["D", line.number, place.day, place.fund, place.account, place.project, line.debit, line.credit,
             line.name, _reference(batch.number, line)],
            ",", "\r\n",
        )  # fmt: skip
    yield _csv(["T", sums.lines, sums.debits, sums.credits], ",", "\r\n")


def _records(batch: Batch, layout: JournalLayout) -> Iterator[str]:
    sums = totals_of(batch.lines)
    of_batch: dict[str, Any] = {
        "batch": batch.number, "made_on": batch.made_on, "lines": sums.lines, "debits": sums.debits,
        "credits": sums.credits, "net": sums.debits - sums.credits, "reference": f"VN{batch.number:06d}",
    }  # fmt: skip
    if layout.header:
        yield _record(layout.header, of_batch, layout)
    if layout.names_first:
        yield _joined([column.name or column.source for column in layout.columns], layout)
    for line in batch.lines:
        of_line = {column.source: _of_line(column.source, line, layout, batch.number) for column in layout.columns}
        yield _record(layout.columns, of_batch | of_line, layout)
    if layout.trailer:
        yield _record(layout.trailer, of_batch, layout)


def _of_line(source: str, line: JournalLine, layout: JournalLayout, number: int = 0) -> Any:
    place, segments = line.place, line.place.account.split("-")
    month = (place.day.month - layout.fiscal_year_begins) % 12 + 1
    values: Mapping[str, Any] = {
        "line": line.number,
        "date": place.day,
        "year": place.day.year + (layout.fiscal_year_begins > 1 and place.day.month >= layout.fiscal_year_begins),
        "period": f"{month:02d}",
        "fund": place.fund,
        "org": "-".join(segments[1:-1]),
        "object": segments[-1],
        "account": layout.accounts.get(place.account, place.account),
        "project": place.project,
        "debit": line.debit,
        "credit": line.credit,
        "signed": line.amount,
        "flag": layout.debit_flag if line.amount > ZERO else layout.credit_flag,
        "amount": line.debit or line.credit,
        "description": _described(layout, line, number),
        "reference": _reference(number, line),
        "batch": number,
    }
    return values.get(source, "")


def _described(layout: JournalLayout, line: JournalLine, number: int) -> str:
    said = layout.description.replace("{name}", line.name).replace("{batch}", str(number))
    return said.replace("{day}", line.place.day.isoformat())


def _record(columns: Sequence[Column], values: Mapping[str, Any], layout: JournalLayout) -> str:
    return _joined([_cell(column, values.get(column.source, ""), layout) for column in columns], layout)


def _cell(column: Column, value: Any, layout: JournalLayout) -> str:
    said = _said(column, column.text if column.source == "text" else value, layout)
    if column.source == "description":
        said = said[:LONGEST_DESCRIPTION].rstrip()
    if column.width is None:
        return said
    if len(said) > column.width:
        if column.source not in _CUT:
            raise TooWide(
                f"{said} does not fit into {column.width} characters of {column.source}",
                column=column.source, value=said, width=column.width,
            )  # fmt: skip
        said = said[: column.width].rstrip()
    if layout.style == "delimited":
        return said
    if column.pad == "zero" and said.startswith("-"):
        return "-" + said[1:].rjust(column.width - 1, "0")
    pad = _PADS[column.pad]
    return said.ljust(column.width, pad) if column.align == "left" else said.rjust(column.width, pad)


def _said(column: Column, value: Any, layout: JournalLayout) -> str:
    if isinstance(value, date):
        return value.strftime(column.date_format)
    if isinstance(value, Money):
        if layout.blank_zero and not value and column.source in {"debit", "credit"}:
            return ""
        return str(value.cents) if layout.implied_decimals else str(value)
    return _plain(str(value))


def _plain(words: str) -> str:
    """Letters of the English alphabet, in one line: other systems count bytes."""
    folded = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"\s+", " ", folded).strip()


def _joined(cells: Sequence[str], layout: JournalLayout) -> str:
    ending = _ENDINGS[layout.line_ending]
    return "".join(cells) + ending if layout.style == "fixed" else _csv(cells, _DELIMITERS[layout.delimiter], ending)


def _csv(cells: Sequence[object], delimiter: str, ending: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator=ending).writerow(cells)
    return line.getvalue()


def _reference(number: int, line: JournalLine) -> str:
    return f"VN{number:06d}-{line.place.day:%y%m%d}"


def _cut_up(record: str, columns: Sequence[Column]) -> list[str]:
    cells, place = [], 0
    for column in columns:
        width = column.width or 0
        cell = record[place : place + width]
        place += width
        if column.source in MONEY:
            cells.append(cell.strip())
        else:
            cells.append(cell.rstrip(_PADS[column.pad]) if column.align == "left" else cell.lstrip(_PADS[column.pad]))
    return cells


def _parsed(cells: Mapping[str, str], layout: JournalLayout) -> Parsed:
    def money(source: str) -> Money:
        said = cells[source] or "0"
        return Money(int(said)) if layout.implied_decimals else Money.exact(said)

    if layout.convention == "signed":
        amount = money("signed")
    elif layout.convention == "flag":
        amount = money("amount") if cells["flag"] == layout.debit_flag else -money("amount")
    else:
        amount = money("debit") - money("credit")
    account = tuple(value for source, value in cells.items() if source in {"fund", "org", "object", "account"})
    return Parsed(account, cells.get("project", ""), amount)
