"""A report as a file: CSV and XLSX with every row, PDF with as many as the city sets on paper.

Rows go from a server-side cursor into a file on disk, so that memory stays bounded, and no transaction is open while
somebody's slow line takes the file. No cell is ever a formula: the reader's program shows it, and does nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter

from accounts.cities.rules import City
from accounts.database import Sessions, reading
from accounts.ledger.exports import cells
from accounts.money import Money
from payments.reports import queries
from payments.reports.queries import Totals
from payments.reports.rules import CellKind, Filters, Reader, Report, checked, parameters
from portal.documents.report import paper
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.words.reports import Writer, headings, narrowed_by, period_words, report_name

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_SPREADSHEETS_READ_UTF8 = "\ufeff"
_IN_MEMORY = 1 << 20
_PIECE = 1 << 16
_WIDTHS = {
    CellKind.MONEY: 14,
    CellKind.INSTANT: 20,
    CellKind.LEDGER: 34,
    CellKind.FUND: 34,
    CellKind.BANK: 24,
    CellKind.TEXT: 18,
    CellKind.TILL: 24,
    CellKind.PERSON: 24,
}
_USUAL_WIDTH = 12
_NAMED = (CellKind.TILL, CellKind.PERSON)
"""What nobody outside of the portal can look up by its code."""
_MONEY_FORMAT, _DAY_FORMAT, _INSTANT_FORMAT = "$#,##0.00;[Red]-$#,##0.00", "mmm d, yyyy", "mmm d, yyyy h:mm AM/PM"
_MONTH_FORMAT = "mmm yyyy"
_PAPER_DEFAULT = 500


@dataclass(frozen=True)
class Made:
    """A file that is ready, at its beginning; whoever takes it closes it."""

    file: IO[bytes]
    rows: int
    name: str
    media_type: str

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, a little at a time; it is closed after the last."""
        with self.file as file:
            while piece := file.read(_PIECE):
                yield piece


@dataclass(frozen=True)
class Wanted:
    """Which report as which file, for whom and under which rules."""

    report: Report
    filters: Filters
    reader: Reader
    city: City
    format: str
    at: datetime


@dataclass(frozen=True)
class _Read:
    rows: Iterator[queries.Row]
    totals: Totals
    said: list[str]
    """The days of it, and what it is narrowed to."""


def make(sessions: Sessions, wanted: Wanted) -> Made:
    """The file, in the reader's language. Raises what :func:`~payments.reports.rules.checked` raises."""
    report = wanted.report
    filters = checked(wanted.filters, report, wanted.reader)
    given = parameters(filters, wanted.city, wanted.reader)
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - whoever takes it closes it
    with reading(sessions) as session:
        session.connection(
            execution_options={"isolation_level": "REPEATABLE READ"}
        )  # rows and totals are of one moment
        with closing(queries.every_row(session, report, given)) as rows:
            cashier = queries.cashier_name(session, filters.cashier)
            said = [period_words(filters), *narrowed_by(filters, wanted.city, cashier)]
            found = _Read(rows, queries.totals(session, report, given), said)
            _WAYS[wanted.format](file, found, wanted, filters)
    file.seek(0)
    days = f"{filters.since.isoformat()}-{filters.until.isoformat()}"
    name = f"{report.code}-{days}.{wanted.format}"
    return Made(file, found.totals.rows, name, MEDIA_TYPES[wanted.format])


def _csv(file: Any, found: _Read, wanted: Wanted, _filters: Filters) -> None:
    """Figures as machines read them; codes stay codes, but tills and people have their names."""
    zone, writer = ZoneInfo(wanted.city.identity.time_zone), Writer(wanted.city)
    columns = wanted.report.columns
    file.write((_SPREADSHEETS_READ_UTF8 + cells(headings(wanted.report))).encode())
    for row in found.rows:
        said = (
            writer.cell(column, value) if column.kind in _NAMED else _machine(value, zone)
            for column, value in zip(columns, row, strict=True)
        )
        file.write(cells(said).encode())
    totals = [found.totals.sums.get(column.name, "") for column in columns]
    file.write(cells([_("Total") if place == 0 else value for place, value in enumerate(totals)]).encode())


def _machine(value: Any, zone: ZoneInfo) -> object:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value


def _xlsx(file: Any, found: _Read, wanted: Wanted, _filters: Filters) -> None:
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": report_name(wanted.report.code), "created": wanted.at.replace(tzinfo=None)})
    sheet = book.add_worksheet(report_name(wanted.report.code)[:31])
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    formats = _formats(book, {})
    last = len(wanted.report.columns) - 1
    for place, column in enumerate(wanted.report.columns):
        sheet.set_column(place, place, _WIDTHS.get(column.kind, _USUAL_WIDTH))
    sheet.freeze_panes(1, 0)
    for place, words in enumerate(headings(wanted.report)):
        sheet.write_string(0, place, words, bold)
    number = 0
    for number, row in enumerate(found.rows, start=1):
        _write_row(sheet, number, row, wanted, formats)
    sheet.autofilter(0, 0, max(number, 1), last)
    sums = [found.totals.sums.get(column.name) for column in wanted.report.columns]
    _write_row(sheet, number + 1, (_("Total"), *sums[1:]), wanted, _formats(book, {"bold": True, "top": 1}))
    _note(sheet, number + 3, [wanted.city.identity.legal_name.in_(locale_code()), *found.said])
    book.close()


def _formats(book: Any, more: Mapping[str, object]) -> dict[CellKind, Any]:
    patterns = {
        CellKind.MONEY: _MONEY_FORMAT, CellKind.DAY: _DAY_FORMAT, CellKind.INSTANT: _INSTANT_FORMAT,
        CellKind.COUNT: "#,##0", CellKind.MONTH: _MONTH_FORMAT,
    }  # fmt: skip
    return {kind: book.add_format({**more, "num_format": patterns.get(kind, "@")}) for kind in CellKind}


def _write_row(
    sheet: Any, number: int, row: tuple[Any, ...], wanted: Wanted, formats: Mapping[CellKind, Any]
) -> None:
    zone, writer = ZoneInfo(wanted.city.identity.time_zone), Writer(wanted.city)
    for place, (column, value) in enumerate(zip(wanted.report.columns, row, strict=True)):
        how = formats[column.kind]
        if value is None:
            sheet.write_blank(number, place, None, how)
        elif isinstance(value, Money):
            sheet.write_number(number, place, value.dollars, how)
        elif isinstance(value, datetime):
            sheet.write_datetime(number, place, value.astimezone(zone).replace(tzinfo=None), how)
        elif isinstance(value, date):
            sheet.write_datetime(number, place, datetime(value.year, value.month, value.day), how)  # noqa: DTZ001
        elif column.kind is CellKind.COUNT and isinstance(value, int):
            sheet.write_number(number, place, value, how)
        else:
            sheet.write_string(number, place, writer.cell(column, value), how)


def _note(sheet: Any, number: int, said: list[str]) -> None:
    """Under the totals: whose books, which days, narrowed to what."""
    for place, words in enumerate(said):
        sheet.write_string(number + place, 0, words)


def _pdf(file: Any, found: _Read, wanted: Wanted, filters: Filters) -> None:
    policy = wanted.city.oversight_policy(filters.until)
    most = policy.rows_on_paper if policy else _PAPER_DEFAULT
    rows = list(islice(found.rows, most))
    file.write(paper(wanted.report, found.said, rows, found.totals, city=wanted.city, at=wanted.at))


_WAYS = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}
FORMATS = tuple(_WAYS)
