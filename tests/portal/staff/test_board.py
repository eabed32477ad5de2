"""The window's part of the day at a glance: what waits, and nothing by which a drawer could be counted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from accounts.money import Money
from payments.reports.board import about
from tests.factories.window import Window, cash
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.test_report_pages import office_of


def figures(page: object) -> dict[str, str]:
    return {
        item.select_one(".tally__label").get_text(strip=True): item.select_one(".tally__value").get_text(strip=True)  # type: ignore[union-attr]
        for item in page.soup.select(".tally__item")  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_window_stands_on_the_board(scene: Scene, lang: str) -> None:
    chief, office, known = staff_of(scene, "supervisor", lang=lang), office_of(scene), scene.open("utility", 9000_00)
    empty = chief.get("/staff/desk", lang=lang)
    few = len(empty.statements)
    drawer = office.drawer("ana", "T1", scene.today)
    office.sale(drawer, {known.id: 1437_21}, [("cash", 1437_21)], at=scene.clock.now())
    posted = office.sale(drawer, {known.id: 20_00}, [("check", 20_00, "7")], at=scene.clock.now())
    office.void(posted.payment_id, "vera", scene.clock.now())
    other = office.drawer("beto", "T2", scene.today)
    office.sale(other, {known.id: 10_00}, [("cash", 10_00)], at=scene.clock.now())
    office.count(other, scene.clock.now() - timedelta(days=2))
    page = chief.get("/staff/desk", lang=lang)
    assert len(page.statements) <= max(few, 12)
    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("section table tbody tr")]
    assert any("Ana" in row and "$1,600.00" in row for row in rows), rows
    assert "1,637" not in page.html
    assert "1,437" not in page.html
    if lang == "en":
        said = figures(page)
        assert said["voids today"] == "1"
        assert said["batches in the vault, not deposited"] == "1"
        assert "Send somebody for the cash" in page.text
        late = page.soup.select_one(".tally__item--overdue .tally__label")
        assert late is not None
        assert "vault" in late.get_text()


def test_each_count_leads_to_its_list_for_who_may_open_it(scene: Scene) -> None:
    window = {"bank-deposits", "suspense", "mail", "returned-payments", "findings", "drawers"}
    chief = staff_of(scene, "supervisor")
    links = {str(link["href"]).split("/")[2] for link in chief.get("/staff/desk").soup.select(".tally a[href]")}
    assert window <= links
    assert "window" not in links, "a supervisor takes no money"
    both = staff_of(scene, "supervisor", "cashier", name="vera")
    links = {str(link["href"]).split("/")[2] for link in both.get("/staff/desk").soup.select(".tally a[href]")}
    assert window | {"window"} <= links


def test_nobody_reads_of_their_own_drawer_or_of_one_that_is_counted(scene: Scene) -> None:
    office, known = office_of(scene), scene.open("utility", 9000_00)
    window = Window(office.desk)
    drawer = office.drawer("ana", "T1", scene.today)
    office.sale(drawer, {known.id: 1437_21}, [("cash", 1437_21)], at=scene.clock.now())
    both = staff_of(scene, "supervisor", "cashier", name="ana")
    page = both.get("/staff/desk")
    assert "not told" in page.text
    assert not re.search(r"1,[46]\d\d", page.html)
    theirs = window.open(window.tomas, "T2")
    window.take(theirs, window.draft({known.id: 333_00}, [cash(333_00)]), window.tomas)
    chief = staff_of(scene, "supervisor")
    assert "$500.00" in chief.get("/staff/desk").text
    window.counted(theirs, window.tomas)
    page = chief.get("/staff/desk")
    assert "Its count waits to be accepted" in page.text
    assert "$500.00" not in page.text
    assert "533" not in page.html


def test_who_reviews_no_drawers_sees_no_window(scene: Scene) -> None:
    page = staff_of(scene, "administrator").get("/staff/desk")
    assert not page.soup.select("#window-title")


def test_cash_is_told_in_hundreds() -> None:
    assert [about(Money(cents)).cents for cents in (0, 99_99, 100_00, 1637_21)] == [0, 0, 100_00, 1600_00]
