"""Files of reports: no formulas, the same figures in each, and drawings with words."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from flask_babel import force_locale

from payments.reports.rules import CellKind, Chart, Column, Filters, Reader, Report
from portal import charts, report_files
from portal.report_files import Wanted
from tests.portal.scene import Scene

DAYS = Filters(date(2026, 11, 1), date(2026, 11, 30))


def generated(rows: int) -> Report:
    """As many rows as one likes, with a cell that a spreadsheet would run."""
    return Report(
        "takings",
        "SELECT n AS payments, '=HYPERLINK(' || n || ')' AS till, n::bigint AS amount"
        f" FROM generate_series(1, {rows}) n",
        (Column("payments", CellKind.COUNT), Column("till"), Column("amount", CellKind.MONEY)),
        "payments",
        (),
        Chart("till", "amount"),
    )


def made(scene: Scene, rows: int, way: str, language: str = "en_US") -> tuple[bytes, int]:
    with scene.app.test_request_context(), force_locale(language):
        wanted = Wanted(generated(rows), DAYS, Reader(), scene.city, way, scene.clock.now())
        file = report_files.make(scene.sessions, wanted)
        return b"".join(file.pieces()), file.rows


def test_a_csv_runs_nothing_and_ends_in_its_totals(scene: Scene) -> None:
    body, rows = made(scene, 3, "csv")
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows == 3
    assert lines[1] == ["1", "'=HYPERLINK(1)", "0.01"]
    assert lines[-1] == ["Total", "", "0.06"]


def test_a_workbook_holds_words_as_words_and_money_as_numbers(scene: Scene) -> None:
    body, _rows = made(scene, 3, "xlsx", "es_US")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=HYPERLINK(1)" in sheet
    assert "<v>0.06</v>" in sheet
    assert "Importe" in sheet


def test_paper_is_bounded_and_says_so(scene: Scene) -> None:
    short, _rows = made(scene, 20, "pdf")
    long, rows = made(scene, 3_000, "pdf")
    assert rows == 3_000
    assert short.startswith(b"%PDF-")
    assert len(long) < 40 * len(short)


@pytest.mark.parametrize("drawn", [list, lambda: [charts.Drawn("<b>", 0, "$0.00"), charts.Drawn("x", -5, "-$5")]])
def test_a_drawing_escapes_its_words(drawn: Callable[[], list[charts.Drawn]]) -> None:
    found = charts.bars("A & B", "all", drawn(), name="x")
    assert "<b>" not in found
    assert found == "" or "A &amp; B" in found
