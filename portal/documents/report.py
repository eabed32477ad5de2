"""A report on paper: the words of its table, its totals, and whether it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from accounts.cities.rules import City
from payments.reports.queries import Row, Totals
from payments.reports.rules import CellKind, Report
from portal.documents.typesetting import read_drawing, typeset
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_datetime
from portal.wiring import wiring
from portal.words.reports import MEANINGS, Writer, headings, report_name

_FEW_COLUMNS = 7
_NUMERIC = (CellKind.MONEY, CellKind.COUNT)


def paper(
    report: Report, said: Sequence[str], rows: Sequence[Row], totals: Totals, *, city: City, at: datetime
) -> bytes:
    """The report as a PDF in the reader's language; ``rows`` may be its first ones only, the totals are of all.

    ``said``: the days of it, then what it is narrowed to.
    """
    writer = Writer(city)
    content = {
        **_head(city, at),
        "title": report_name(report.code),
        "period": said[0],
        "narrowed": " · ".join(said[1:]),
        "meaning": str(MEANINGS[report.code]),
        "wide": len(report.columns) > _FEW_COLUMNS,
        "headings": headings(report),
        "numeric": [column.kind in _NUMERIC for column in report.columns],
        "rows": [
            [writer.cell(column, value) for column, value in zip(report.columns, row, strict=True)] for row in rows
        ],
        "totals": _totals(report, totals, writer),
        "cut": _cut(len(rows), totals.rows),
    }
    return typeset("report", content, at)


def _totals(report: Report, totals: Totals, writer: Writer) -> list[str]:
    said = [
        writer.cell(column, totals.sums[column.name]) if column.name in totals.sums else ""
        for column in report.columns
    ]
    return [_("Total"), *said[1:]]


def _cut(shown: int, whole: int) -> str:
    if shown >= whole:
        return ""
    return _(
        "These are the first %(shown)s of %(whole)s rows. The totals are of all; take the rest as CSV or XLSX.",
        shown=f"{shown:,}", whole=f"{whole:,}",
    )  # fmt: skip


def _head(city: City, at: datetime) -> dict[str, Any]:
    identity, language = city.identity, locale_code()
    return {
        "language": language,
        "city": {
            "name": identity.legal_name.in_(language),
            "department": identity.department.in_(language),
            "contact": [identity.phone, urlsplit(identity.website).netloc or identity.website],
            "primary": identity.colors.primary,
            "dark": identity.colors.primary_dark,
        },
        "seal": {
            "drawing": read_drawing(wiring().settings.city_folder / identity.seal),
            "alt": identity.seal_description.in_(language),
        },
        "made": _("Made on %(when)s", when=long_datetime(at, identity.time_zone)),
        "nothing": _("No row fits."),
        "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }
