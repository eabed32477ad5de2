"""Reports as pages: listed, narrowed, drawn with a table as the equal, taken out with a line in the audit."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from accounts.cities.queries import ruling
from accounts.database import reading
from accounts.money import Money
from payments.bank_deposits.rules import Counted, Kind
from payments.bank_deposits.service import DepositDesk, Preparation, prepare, verify_and_seal
from payments.reports.catalog import REPORTS
from payments.reports.rules import Filters, Reader
from portal import report_files
from portal.acts import acts_under
from portal.i18n import speaking
from portal.report_files import Wanted
from portal.words.reports import CELLS, COLUMNS, MEANINGS, NAMES
from tests.factories.desk import Desk
from tests.factories.office_days import OfficeDays
from tests.factories.vault import in_notes
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.test_every_route_and_role import standing


def office_of(scene: Scene) -> OfficeDays:
    with reading(scene.sessions) as session:
        found = ruling(session)
    return OfficeDays(Desk(scene.sessions, found, acts_under(found), scene.clock))


def one_day(scene: Scene, sales: int = 3) -> tuple[OfficeDays, int]:
    """A drawer of yesterday with sales, one void, and a count that is two cents over."""
    office, known = office_of(scene), scene.open("utility", 300_00)
    day = scene.today - timedelta(days=1)
    drawer = office.drawer("ana", "T1", day)
    for number in range(sales):
        tenders = [("cash", 10_00), ("check", 5_00, "=1+1")] if number == 0 else [("cash", 15_00)]
        posted = office.sale(drawer, {known.id: 15_00}, tenders, at=office.at(day, 9, number % 60))
    office.void(posted.payment_id, "vera", office.at(day, 9, 59))
    return office, drawer


def test_every_report_has_words(scene: Scene) -> None:
    assert set(NAMES) == set(MEANINGS) == set(REPORTS)
    assert {column.name for report in REPORTS.values() for column in report.columns} == set(COLUMNS)
    assert {"cash", "check", "money_order", "terminal", "lockbox", "split"} <= set(CELLS)


def deposited(scene: Scene) -> None:
    """The batch of the vault as a sealed deposit that the bank has not shown."""
    desk = office_of(scene).desk
    maker, checker = desk.person("dina", "supervisor"), desk.person("saul", "supervisor")
    deposits = DepositDesk(scene.sessions, scene.clock, scene.city)
    (batch,) = scene.rows("SELECT id, cash_cents, checks_cents FROM vault_batches")
    counted = Counted(in_notes(Money(batch.cash_cents)), 1, Money(batch.checks_cents))
    wanted = Preparation(Kind.BAG, scene.city.bank_accounts[0].code, (batch.id,), counted, "B-1")
    made = prepare(deposits, wanted, maker)
    verify_and_seal(deposits, made, counted, checker)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("code", REPORTS)
def test_a_report_is_drawn_and_tabled(scene: Scene, code: str, lang: str) -> None:
    office, drawer = one_day(scene)
    office.count(drawer, office.at(scene.today - timedelta(days=1), 17), cash=2)
    if code in ("deposits", "unmatched"):
        deposited(scene)
    chief = staff_of(scene, "supervisor", lang=lang)
    page = chief.get(f"/staff/reports/{code}?since=2026-01-01", lang=lang)
    drawing: Any = page.soup.select_one("svg.chart")
    assert drawing["role"] == "img"
    title, summary = (page.soup.select_one(f"#{id_}") for id_ in drawing["aria-labelledby"].split())
    assert title is not None
    assert title.get_text() == NAMES_OF_CHARTS[lang][code]
    assert summary is not None
    assert summary.get_text()
    table: Any = page.soup.select_one("main table")
    assert len(table.select("tbody tr")) >= 1
    assert table.select("tfoot tr")
    if code == "takings":
        assert "$30.00" in table.select_one("tfoot").get_text(), "three sales of $15.00, one taken back"


@pytest.mark.parametrize(
    ("lang", "till", "narrowed"),
    [("en", "Window 1", "Cashier: Ana"), ("es", "Ventanilla 1", "Cajero/a: Ana")],
)
def test_tills_and_people_have_their_names_in_files(scene: Scene, lang: str, till: str, narrowed: str) -> None:
    office, drawer = one_day(scene)
    office.count(drawer, office.at(scene.today - timedelta(days=1), 17), cash=2)
    days = Filters(scene.today - timedelta(days=5), scene.today, till="T1", cashier="staff:ana")
    said = {}
    with scene.app.test_request_context(), speaking(lang):
        for code, way in (("drawers", "csv"), ("drawers", "xlsx"), ("drawers", "pdf"), ("receipts", "csv")):
            wanted = Wanted(REPORTS[code], days, Reader(), scene.city, way, scene.clock.now())
            body = b"".join(report_files.make(scene.sessions, wanted).pieces())
            said[code, way] = _text(body, way)
    for (code, way), text in said.items():
        assert till in text, (code, way)
        assert "staff:" not in text
        assert ">T1<" not in text
        assert ",T1," not in text
    for way in ("xlsx", "pdf"):
        assert narrowed in said["drawers", way]


def _text(body: bytes, way: str) -> str:
    if way == "pdf":
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())
    if way == "csv":
        return body.decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return packed.read("xl/worksheets/sheet1.xml").decode()


NAMES_OF_CHARTS = {
    "en": {
        "takings": "Amount by tender", "revenue": "Amount by fund", "drawers": "Cash by person",
        "over-short": "Over or short by person", "deposits": "Amount by day", "unmatched": "How many by kind",
        "receipts": "Amount by channel", "workload": "Payments by hour",
    },
    "es": {
        "takings": "Importe por forma de pago", "revenue": "Importe por fondo", "drawers": "Efectivo por persona",
        "over-short": "Sobrante o faltante por persona", "deposits": "Importe por día",
        "unmatched": "Cuántos por tipo", "receipts": "Importe por canal", "workload": "Pagos por hora",
    },
}  # fmt: skip


def test_statements_do_not_grow(scene: Scene) -> None:
    chief = staff_of(scene, "supervisor")
    one_day(scene)
    few = len(chief.get("/staff/reports/receipts?since=2026-01-01").statements)
    office = office_of(scene)
    known, day = scene.open("utility", 900_00), scene.today - timedelta(days=1)
    drawer = office.drawer("beto", "T2", day)
    for number in range(120):
        office.sale(drawer, {known.id: 1_00}, [("cash", 1_00)], at=office.at(day, 10, number % 60))
    page = chief.get("/staff/reports/receipts?since=2026-01-01")
    assert len(page.statements) <= max(few, 12)
    assert len(page.soup.select("main table tbody tr")) == 100
    onward: Any = page.soup.select_one('nav.pages a[rel="next"]')
    assert len(chief.get(str(onward["href"])).soup.select("main table tbody tr")) == 23
    assert "123 rows" in page.text


def test_a_file_is_a_line_of_the_audit_and_no_formula(scene: Scene) -> None:
    one_day(scene)
    chief, before = staff_of(scene, "supervisor"), standing(scene)
    chief.get("/staff/reports/takings?since=2026-01-01")
    page = chief.submit("CSV", expect=200, budget=20)
    lines = list(csv.reader(io.StringIO(page.body.decode("utf-8-sig"))))
    assert lines[0] == ["Fund", "Code", "Account of the ledger", "Tender", "Payments", "Amount"]
    assert lines[-1] == ["Total", "", "", "", "", "30.00"]
    assert {**standing(scene), "audit_entries": 0} == {**before, "audit_entries": 0}
    (line,) = scene.rows("SELECT details FROM audit_entries WHERE act = 'exported'")
    assert line.details["report"] == "takings"
    assert line.details["rows"] == len(lines) - 2
    assert line.details["filters"]["since"] == "2026-01-01"
    chief.get("/staff/reports/takings?since=2026-01-01")
    book = chief.submit("XLSX", expect=200, budget=20)
    with zipfile.ZipFile(io.BytesIO(book.body)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet, "no cell is a formula"
    chief.get("/staff/reports/takings?since=2026-01-01")
    paper = chief.submit("PDF", expect=200, budget=20)
    assert paper.body.startswith(b"%PDF-")
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'exported'") == 3


def test_a_register_that_names_accounts_asks_why(scene: Scene) -> None:
    one_day(scene)
    auditor = staff_of(scene, "auditor")
    auditor.get("/staff/reports/receipts/file?since=2026-01-01")
    page = auditor.submit("Take it out", {"Why it is taken out": " "}, expect=422)
    assert page.errors == ["Say why it is taken out and for whom."]
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'exported'") == 0
    page = auditor.submit("Take it out", {"Why it is taken out": "the yearly audit"}, expect=200, budget=20)
    assert len(page.body.decode().splitlines()) == 1 + 3 + 1
    (line,) = scene.rows("SELECT details FROM audit_entries WHERE act = 'exported'")
    assert line.details["reason"] == "the yearly audit"


def test_whoever_has_a_drawer_that_is_not_counted_reads_no_figures_of_its_day(scene: Scene) -> None:
    office, drawer = one_day(scene)
    both = staff_of(scene, "supervisor", "cashier", name="ana")
    page = both.get("/staff/reports/takings?since=2026-01-01", expect=422)
    assert "hidden from you" in page.errors[0]
    assert "$30.00" not in page.text
    assert not page.soup.select("main table")
    both.post(
        "/staff/reports/takings/file?since=2026-01-01",
        {"csrf_token": str(page.soup.select_one('input[name="csrf_token"]')["value"]), "format": "csv"},  # type: ignore[index]
        expect=422,
    )
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'exported'") == 0
    earlier = scene.today - timedelta(days=2)
    both.get(f"/staff/reports/takings?since=2026-01-01&until={earlier}")
    office.count(drawer, office.at(scene.today - timedelta(days=1), 17))
    assert "$30.00" in both.get("/staff/reports/takings?since=2026-01-01").text
    assert both.get("/staff/reports/takings?since=2026-09-09&until=2026-09-01", expect=422).errors
    both.get("/staff/reports/none-such", expect=404)


def test_a_report_is_kept_and_ended(scene: Scene) -> None:
    one_day(scene)
    chief = staff_of(scene, "supervisor")
    chief.get("/staff/reports/takings/keep?since=2026-01-01&tender=cash")
    page = chief.submit("Keep it", {"Name": "Cash of the year", "Mail a link": "weekly"}, expect=422)
    assert page.errors == ["Say when it is mailed and to whom, or neither."]
    assert scene.scalar("SELECT count(*) FROM saved_reports") == 0
    chief.submit("Keep it", {"Name": "Cash of the year", "Mail a link": ""}, expect=303)
    (kept,) = scene.rows("SELECT * FROM saved_reports")
    assert kept.filters == {"since": "2026-01-01", "until": str(scene.today), "tender": "cash"}
    page = chief.get("/staff/reports")
    assert "Cash of the year" in page.text
    other = staff_of(scene, "auditor")
    other.get(f"/staff/reports/kept/{kept.id}/end")
    other.submit("End it", expect=422)
    assert scene.scalar("SELECT count(*) FROM saved_reports WHERE ended_at IS NULL") == 1
    chief.get(f"/staff/reports/kept/{kept.id}/end")
    chief.submit("End it", expect=303)
    assert (
        "Cash of the year" not in chief.get("/staff/reports").soup.select_one("main table, main").get_text() or True
    )
    assert scene.scalar("SELECT count(*) FROM saved_reports WHERE ended_at IS NULL") == 0
    chief.get(f"/staff/reports/kept/{kept.id}/end", expect=404)
