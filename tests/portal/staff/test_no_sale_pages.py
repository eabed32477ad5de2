"""The page that opens a drawer without a sale: the reason first, then the printer kicks; supervisors see it."""

from __future__ import annotations

import socket

from tests.portal.staff.people import staff_of
from tests.portal.staff.test_slip_pages import KICK, Paper, counter, paper, with_printer
from tests.portal.staff.tills import Counter

__all__ = ["counter", "paper"]


def reasons(counted: Counter) -> list[str]:
    return [row.reason for row in counted.scene.rows("SELECT reason FROM no_sales ORDER BY id")]


def opens(counted: Counter, reason: str = "make-change", expect: int = 303, **more: str) -> str:
    """From the drawer's page to the button; what is said then."""
    page = counted.rosa.get("/staff/drawers/mine")
    link = page.soup.select_one('a[data-key="4"]')
    assert link is not None
    counted.rosa.get(str(link["href"]))
    counted.rosa.submit("Open the drawer", {"Why": reason, **more}, expect=expect, budget=40)
    return counted.rosa.follow().text if expect == 303 else ""


def test_the_reason_is_kept_and_the_key_opens_a_drawer_without_a_printer(counter: Counter) -> None:
    said = opens(counter, Note="two fives")
    assert "Open the drawer with the key." in said
    assert "Make change for a customer" in said
    assert "two fives" in said
    sofia = staff_of(counter.scene, "supervisor", name="sofia")
    assert "Make change for a customer" in sofia.get(f"/staff/drawers/{counter.drawer}").text
    tally = sofia.get("/staff/desk", budget=30).text
    assert "drawers opened without a sale today" in tally
    spanish = staff_of(counter.scene, "cashier", name="rosa", lang="es")
    assert "Dar cambio a un cliente" in spanish.get("/staff/drawers/mine").text


def test_the_printer_kicks_once_however_often_the_form_is_sent(counter: Counter, paper: Paper) -> None:
    with_printer(counter, paper.address)
    assert "The drawer is open." in opens(counter)
    assert paper.arrived.acquire(timeout=10)
    assert KICK in paper.slips[0]
    action, data = counter.rosa.filled_last
    counter.rosa.post(action, data, expect=303, budget=40)
    assert not paper.arrived.acquire(timeout=0.5), "the same form opens nothing"
    assert reasons(counter) == ["make-change"]


def test_a_printer_that_is_away_is_said_and_the_opening_stays_written_down(counter: Counter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
    with_printer(counter, address)
    assert "The printer does not answer" in opens(counter)
    assert reasons(counter) == ["make-change"]


def test_without_a_reason_or_for_another_s_drawer_nothing_opens(counter: Counter, paper: Paper) -> None:
    with_printer(counter, paper.address)
    opens(counter, reason="", expect=422)
    tomas = staff_of(counter.scene, "cashier", name="tomas")
    tomas.get(f"/staff/drawers/{counter.drawer}/no-sale", expect=404)
    assert reasons(counter) == []
    assert not paper.arrived.acquire(timeout=0.5)
