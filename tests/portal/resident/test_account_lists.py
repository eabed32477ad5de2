"""Many accounts at once: each line as the look-up has it, one answer for all that does not fit, no guess for free."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts.account_links import service as links
from accounts.account_lists.rules import MOST_REFUSED
from accounts.lookups.rules import PER_CLIENT, PER_CLIENT_AND_ACCOUNT
from tests.page_client import Page, PageClient
from tests.portal.resident.people import resident_of
from tests.portal.scene import Known, Scene

NO_MATCH, TOO_MANY = "We could not find a match", "Not looked at: too many tries. Wait an hour"
LINKS = "SELECT count(*) FROM account_links WHERE ended_at IS NULL"
MISSES = "SELECT count(*) FROM lookup_misses"


def pasted(browser: PageClient, *lines: str, expect: int = 200, budget: int = 400) -> Page:
    browser.get("/my/accounts/add-many")
    return browser.submit(
        "Add these accounts", {"Paste your list here": "\n".join(lines)}, expect=expect, budget=budget
    )


def told(page: Page) -> list[str]:
    """The answer to each line."""
    return [row.select("td")[1].get_text(" ", strip=True) for row in page.soup.select("main tbody tr")]


def right(known: Known) -> str:
    return f"{known.number}\t{known.proof}"


@contextmanager
def nothing_changes(scene: Scene) -> Iterator[None]:
    before = (scene.scalar(LINKS), scene.scalar(MISSES))
    yield
    assert (scene.scalar(LINKS), scene.scalar(MISSES)) == before


def test_what_fits_is_added_and_each_line_is_answered(scene: Scene) -> None:
    house, shop, ticket = scene.open("utility", 50_00), scene.open("license", 80_00), scene.open("citation", 30_00)
    ana = resident_of(scene)
    pasted(ana, right(house))
    lines = [right(house), right(shop), f"{ticket.number}\tnonsense", "999-999\tnonsense", "x", right(ticket)]
    page = pasted(ana, *lines)
    assert told(page) == ["Was in your list before", "Added", NO_MATCH, NO_MATCH, "Not a number and a proof", "Added"]
    assert scene.scalar(LINKS) == 3
    assert scene.scalar(MISSES) == 2
    assert scene.rows("SELECT DISTINCT proven_by, standing FROM account_links") == [("proof", "holder")]
    assert "nonsense" not in page.html, "a proof is not shown again"
    home = ana.get("/my")
    assert shop.number in home.text


def test_unknown_wrong_and_protected_are_one_answer(scene: Scene) -> None:
    house, hidden, eve = (
        scene.open("utility", 50_00),
        scene.open("utility", 50_00),
        resident_of(scene, "e@example.com"),
    )
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE customer_accounts SET is_protected = true WHERE id = {int(hidden.id)}")
    page = pasted(eve, f"{house.number}\tWRONG", "100-000-999\tWRONG", right(hidden))
    assert told(page) == [NO_MATCH] * 3
    rows = [[cell.get_text(strip=True) for cell in row.select("td")[1:]] for row in page.soup.select("main tbody tr")]
    assert rows[0] == rows[1] == rows[2]
    assert scene.scalar(LINKS) == 0


def test_a_list_gives_no_more_guesses_than_one_by_one(scene: Scene) -> None:
    house, shop, eve = scene.open("utility", 50_00), scene.open("license", 80_00), resident_of(scene, "e@example.com")
    most = PER_CLIENT_AND_ACCOUNT[0]
    page = pasted(eve, *[f"{house.number}\tWRONG{number}" for number in range(most + 8)], right(shop))
    assert told(page) == [NO_MATCH] * most + [TOO_MANY] * 9
    assert scene.scalar(MISSES) == most + MOST_REFUSED, "after some that were too many nothing is looked up"
    assert scene.scalar(LINKS) == 0
    assert told(pasted(eve, right(house))) == [TOO_MANY], "the right proof comes too late, as in the single form"
    eve.get("/my/accounts/add")
    typed = {"Account, license or citation number": house.number, "Something only you would know": house.proof}
    eve.submit("Add this account", typed, expect=429)
    assert told(pasted(eve, right(shop))) == ["Added"]


def test_guesses_of_list_and_form_are_counted_together(scene: Scene) -> None:
    eve = resident_of(scene, "e@example.com")
    house = scene.open("utility", 50_00)
    most, at_once = PER_CLIENT[0], 30
    for first in range(0, most, at_once):
        lines = [f"775-{first + number:03}-313\tWRONG" for number in range(at_once)]
        assert set(told(pasted(eve, *lines))) == {NO_MATCH}
        scene.clock.advance(seconds=1)
    eve.get("/my/accounts/add")
    typed = {"Account, license or citation number": house.number, "Something only you would know": house.proof}
    eve.submit("Add this account", typed, expect=429)
    assert scene.scalar(LINKS) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste your list, or choose a file."),
        ("1,x\n" * 201, "The list is too long to be looked at at once. Send at most 200 lines, then the rest."),
        ("4242 4242 4242 4242, x", "Do not type a card number here."),
    ],
)
def test_what_is_no_list_is_refused_and_nothing_is_looked_up(scene: Scene, text: str, said: str) -> None:
    ana = resident_of(scene)
    with nothing_changes(scene):
        (error,) = pasted(ana, text, expect=422).errors
    assert error.startswith(said)


def test_as_a_file_of_an_old_office_program(scene: Scene) -> None:
    house, ana = scene.open("utility", 50_00), resident_of(scene)
    (token,) = {str(one["value"]) for one in ana.get("/my/accounts/add-many").soup.select("main [name=csrf_token]")}
    sent = f"Número;Prueba\r\n{house.number};{house.proof}\r\n".encode("cp1252")
    data = {"csrf_token": token, "lines": "", "file": (io.BytesIO(sent), "cuentas.csv")}
    with ana.browser.post("/my/accounts/add-many", data=data, content_type="multipart/form-data") as answer:
        assert answer.status_code == 200
        assert answer.text.count(NO_MATCH) == 2, "the heading is a line like any other: in the summary and in its row"
    assert scene.scalar(LINKS) == 1


def test_the_answers_are_saved_as_a_file_by_nobody_else(scene: Scene) -> None:
    house, ana, eve = scene.open("utility", 50_00), resident_of(scene), resident_of(scene, "e@example.com")
    page = pasted(ana, right(house), "=1+1\tnonsense")
    form = page.soup.select_one("form[action$='add-many.csv']")
    assert form is not None
    data = {str(one["name"]): str(one["value"]) for one in form.select("input")}
    saved = ana.browser.post("/my/accounts/add-many.csv", data=data)
    rows = list(csv.reader(io.StringIO(saved.text.lstrip("\ufeff"))))
    assert [row[2] for row in rows] == ["Answer", "Added", NO_MATCH]
    assert not rows[2][1].startswith("="), "no formula"
    (token,) = {str(one["value"]) for one in eve.get("/my/accounts/add").soup.select("main [name=csrf_token]")}
    for answers in (data["answers"], "x" * 40, ""):
        eve.post("/my/accounts/add-many.csv", {"csrf_token": token, "answers": answers}, expect=303)
    scene.clock.advance(hours=2)
    assert ana.browser.post("/my/accounts/add-many.csv", data=data).status_code == 303


def test_a_line_takes_the_two_statements_of_its_look_up_and_all_that_is_added_as_many_as_one(scene: Scene) -> None:
    ana, luis = resident_of(scene), resident_of(scene, "luis@example.com")
    known = [scene.open("citation", 10_00) for _ in range(12)]
    one = len(pasted(luis, right(known[0])).statements)
    page = pasted(ana, *map(right, known), budget=one + 11 * 2)
    assert told(page).count("Added") == 12
    again = pasted(ana, *map(right, known), budget=one + 11 * 2)
    assert set(told(again)) == {"Was in your list before"}
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'account-linked'") == 13
    assert scene.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'account_linked'") == 13


def test_an_account_twice_in_a_list_is_added_once(scene: Scene) -> None:
    house, ana = scene.open("utility", 50_00), resident_of(scene)
    assert told(pasted(ana, right(house), right(house))) == ["Added", "Was in your list before"]
    assert scene.scalar(LINKS) == 1


def test_what_is_more_than_one_sign_in_may_have_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    known, ana = [scene.open("citation", 10_00) for _ in range(3)], resident_of(scene)
    monkeypatch.setattr(links, "MOST_LINKS", 2)
    full = "Not added: your list is full"
    assert told(pasted(ana, *map(right, known)))[:2] == ["Added", "Added"]
    assert scene.scalar(LINKS) == 2
    assert told(pasted(ana, *map(right, known)))[2] == full
    assert scene.scalar(LINKS) == 2
