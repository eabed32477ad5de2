"""Bills on paper on their pages: shown before, frozen, made by a job, taken by who may, and one bill by itself."""

from __future__ import annotations

import pytest

from accounts.bill_printings import deciding
from accounts.message_choices.papers import go_paperless
from accounts.message_choices.service import ConsentText
from tests.page_client import Page, PageClient
from tests.portal.public.test_bills import post
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.test_billing_pages import RUNS, house, sent, token

PRINTINGS = "/staff/bill-printings"


def paperless(scene: Scene, known: Known) -> None:
    by = int(scene.scalar("SELECT min(id) FROM actors"))
    words = ConsentText("1", "en", "No paper.")
    go_paperless(scene.sessions, known.id, words, by=by, now=scene.clock.now(), evidence={})


def run_of(scene: Scene) -> str:
    return f"{RUNS}/{scene.scalar('SELECT max(id) FROM billing_runs')}"


def take(client: PageClient, printing: str, part: int, *, expect: int = 200) -> tuple[str, bytes]:
    answer = client.browser.post(f"{printing}/files/{part}", data={"csrf_token": token(client)})
    assert answer.status_code == expect
    return answer.headers.get("Content-Disposition", ""), answer.data


def to(client: PageClient, printing: str, what: str, *, expect: int = 303, **typed: str) -> Page:
    """One of the buttons below the counts, with what the page has beside it unless told otherwise."""
    fields = client.get(printing).soup.select('form[action$="/state"] input')
    beside = {str(one["name"]): str(one["value"]) for one in fields}
    return client.post(f"{printing}/state", {**beside, "to": what, **typed}, expect=expect, budget=30)


def counted(scene: Scene, client: PageClient) -> str:
    """The page of a printing of the newest run, its bills counted."""
    printing = sent(client, f"{run_of(scene)}/printing").location
    scene.run_jobs()
    return printing


def rows(page: Page) -> list[str]:
    return [row.select("th, td")[1].get_text(strip=True) for row in page.soup.select("tbody tr, tfoot tr")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_a_posted_run_to_its_files(scene: Scene, language: str) -> None:
    on_paper, without, hidden = (house(scene, f"M-{number}", used=12) for number in range(3))
    post(scene)
    paperless(scene, without)
    scene.run_as_owner("UPDATE customer_accounts SET is_protected = true WHERE id = :id", id=hidden.id)
    clerk = staff_of(scene, "clerk", lang=language)
    run = run_of(scene)
    assert f"{run}/printing" in clerk.get(run).html
    printing = sent(clerk, f"{run}/printing").location
    counting = clerk.get(printing)
    assert printing in counting.html
    assert ("0 of 3 so far" if language == "en" else "0 de 3") in counting.text
    assert not counting.soup.select('button[value="freeze"]')
    scene.run_jobs()
    assert rows(clerk.get(printing)) == ["1", "1", "1", "3"]
    clerk.get(PRINTINGS)
    to(clerk, printing, "freeze")
    freezing = clerk.get(printing)
    assert printing in freezing.html
    assert not freezing.soup.select('button[value="freeze"]')
    clerk.get(PRINTINGS)
    scene.run_jobs()
    waiting = clerk.get(printing)
    assert printing in waiting.html
    assert take(clerk, printing, 1, expect=303)[0] == ""
    scene.run_jobs()
    page = clerk.get(printing)
    assert hidden.number not in page.text, "who may not see an account does not see it here"
    assert without.number in clerk.get(f"{printing}?show=paperless").text
    assert on_paper.number in clerk.get(f"{printing}?show=printed").text
    first, content = take(clerk, printing, 1)
    again, same = take(clerk, printing, 1)
    assert content == same
    assert content.startswith(b"%PDF")
    assert ("REPRINT" in first, "REPRINT" in again) == (False, True)
    assert take(clerk, printing, 0)[1].startswith(b"mark,part")
    assert scene.rows("SELECT count(*) FROM audit_entries WHERE act LIKE 'bill-print-taken%'") == [(3,)]
    scene.clock.advance(minutes=1)
    paperless(scene, on_paper)
    assert ("1 person gave paper up" if language == "en" else "1 persona") in clerk.get(printing).text
    assert clerk.get(run).html.count(printing) == 1
    assert clerk.get(f"{run}/printing", expect=303).location == printing
    clerk.get(PRINTINGS)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_list_that_changed_is_shown_again_and_counted_again(scene: Scene, language: str) -> None:
    houses = [house(scene, f"M-{number}", used=12) for number in range(3)]
    post(scene)
    clerk = staff_of(scene, "clerk", lang=language)
    printing = counted(scene, clerk)
    to(clerk, printing, "freeze")
    paperless(scene, houses[0])
    scene.run_jobs()
    page = clerk.get(printing)
    assert ("The list changed meanwhile" if language == "en" else "La lista cambió entretanto") in page.text
    assert rows(page) == ["2", "1", "0", "3"]
    assert scene.scalar("SELECT count(*) FROM bill_printing_items") == 0
    paperless(scene, houses[1])
    to(clerk, printing, "count")
    assert ("0 of 3 so far" if language == "en" else "0 de 3") in clerk.get(printing).text
    scene.run_jobs()
    assert rows(clerk.get(printing)) == ["1", "2", "0", "3"]
    to(clerk, printing, "freeze")
    scene.run_jobs()
    assert scene.rows("SELECT outcome, count(*) FROM bill_printing_items GROUP BY 1 ORDER BY 1") == [
        ("paperless", 2),
        ("printed", 1),
    ]


def test_two_people_and_two_clicks_are_one_printing(scene: Scene) -> None:
    house(scene, "M-1", used=12)
    post(scene)
    one, other = staff_of(scene, "clerk"), staff_of(scene, "finance")
    run = run_of(scene)
    first = one.post(f"{run}/printing", {"csrf_token": token(one)}, expect=303, budget=30).location
    second = other.post(f"{run}/printing", {"csrf_token": token(other)}, expect=303, budget=30).location
    assert first == second
    scene.run_jobs()
    for person in (one, one, other):
        fields = {"csrf_token": token(person), "seen": "1", "to": "freeze"}
        person.post(f"{first}/state", fields, expect=303, budget=30)
    assert scene.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bill_printing_to_freeze'") == 1
    other.post(f"{first}/state", {"csrf_token": token(other), "seen": "1", "to": "count"}, expect=303, budget=30)
    assert "The printing has moved on" in other.follow().text
    scene.run_jobs()
    one.post(f"{first}/state", {"csrf_token": token(one), "seen": "1", "to": "freeze"}, expect=303, budget=30)
    assert "The printing has moved on" in one.follow().text
    assert scene.scalar("SELECT count(*) FROM bill_printing_items") == 1


def test_refusals_are_said_and_change_nothing(scene: Scene) -> None:
    known = house(scene, "M-1", used=12)
    clerk, cashier = staff_of(scene, "clerk"), staff_of(scene, "cashier")
    draft = sent(clerk, f"{RUNS}/new", cycle="", bill_date=scene.today.isoformat()).location
    assert "Bills are printed once their run is posted." in clerk.get(f"{draft}/printing").text
    clerk.post(f"{draft}/printing", {"csrf_token": token(clerk)}, expect=422, budget=30)
    assert scene.scalar("SELECT count(*) FROM bill_printings") == 0
    clerk.post(f"{draft}/state", {"csrf_token": token(clerk), "to": "cancel"}, expect=303)
    post(scene)
    printing = counted(scene, clerk)
    for seen in ("2", "x", ""):
        to(clerk, printing, "freeze", seen=seen)
        assert "somebody chose otherwise meanwhile" in clerk.follow().text
    to(clerk, printing, "print", expect=400)
    paperless(scene, known)
    to(clerk, printing, "count")
    scene.run_jobs()
    page = clerk.get(printing)
    assert "No bill of this run goes on paper." in page.text
    assert not page.soup.select('button[value="freeze"]')
    to(clerk, printing, "freeze", seen="0")
    assert "No bill of this run goes on paper." in clerk.follow().text
    assert scene.rows("SELECT state FROM bill_printings") == [("counted",)]
    clerk.get(f"{PRINTINGS}/99", expect=404)
    clerk.post(f"{PRINTINGS}/99/state", {"csrf_token": token(clerk), "to": "count"}, expect=404, budget=30)
    cashier.get(f"{run_of(scene)}/printing", expect=403)
    cashier.get(PRINTINGS, expect=403)


def test_one_bill_is_printed_from_its_account(scene: Scene) -> None:
    known, other = house(scene, "M-1", used=12), house(scene, "M-2", used=12)
    post(scene)
    clerk = staff_of(scene, "clerk")
    bill = scene.scalar("SELECT id FROM bills WHERE customer_account_id = :id", id=known.id)
    page = clerk.get(f"/staff/accounts/{known.reference}/bills")
    link = f"/staff/accounts/{known.reference}/bills/{bill}/bill.pdf"
    assert link in page.html
    answer = clerk.browser.get(link)
    assert answer.data.startswith(b"%PDF")
    assert scene.rows("SELECT subject_id FROM audit_entries WHERE act = 'bill-printed'") == [(str(known.id),)]
    clerk.get(f"/staff/accounts/{other.reference}/bills/{bill}/bill.pdf", expect=404)


def test_pages_ask_few_statements_however_many_bills_there_are(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        house(scene, f"M-{number}", used=12)
    post(scene)
    clerk, run = staff_of(scene, "clerk"), run_of(scene)
    assert len(clerk.get(f"{run}/printing").statements) <= 10
    printing = counted(scene, clerk)
    assert len(clerk.get(printing).statements) <= 7
    clerk.post(f"{printing}/state", {"csrf_token": token(clerk), "seen": "6", "to": "freeze"}, expect=303)
    monkeypatch.setattr(deciding, "batch", None)  # no page decides about bills
    assert len(clerk.get(printing).statements) <= 7
    monkeypatch.undo()
    scene.run_jobs()
    scene.run_jobs()
    for shown in ("held", "paperless", "printed"):
        assert len(clerk.get(f"{printing}?show={shown}").statements) <= 10
    assert len(clerk.get(PRINTINGS).statements) <= 7
