"""Bills on paper on their pages: shown before, frozen, made by a job, taken by who may, and one bill by itself."""

from __future__ import annotations

import pytest

from accounts.message_choices.papers import go_paperless
from accounts.message_choices.service import ConsentText
from tests.page_client import PageClient
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


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_a_posted_run_to_its_files(scene: Scene, language: str) -> None:
    on_paper, without, hidden = (house(scene, f"M-{number}", used=12) for number in range(3))
    post(scene)
    paperless(scene, without)
    scene.run_as_owner("UPDATE customer_accounts SET is_protected = true WHERE id = :id", id=hidden.id)
    clerk = staff_of(scene, "clerk", lang=language)
    run = run_of(scene)
    assert f"{run}/printing" in clerk.get(run).html
    before = clerk.get(f"{run}/printing")
    assert [row.select("th, td")[1].get_text(strip=True) for row in before.soup.select("tbody tr, tfoot tr")] == [
        "1",
        "1",
        "1",
        "3",
    ]
    printing = sent(clerk, f"{run}/printing", seen="1").location
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


def test_refusals_are_said_and_change_nothing(scene: Scene) -> None:
    known = house(scene, "M-1", used=12)
    clerk, cashier = staff_of(scene, "clerk"), staff_of(scene, "cashier")
    draft = sent(clerk, f"{RUNS}/new", cycle="", bill_date=scene.today.isoformat()).location
    assert "Bills are printed once their run is posted." in clerk.get(f"{draft}/printing").text
    sent_ = {"csrf_token": token(clerk), "seen": "1"}
    clerk.post(f"{draft}/printing", sent_, expect=422, budget=30)
    clerk.post(f"{draft}/state", {"csrf_token": token(clerk), "to": "cancel"}, expect=303)
    post(scene)
    run = run_of(scene)
    for seen in ("2", "x", ""):
        refused = clerk.post(f"{run}/printing", {**sent_, "seen": seen}, expect=422, budget=30)
        assert "somebody chose otherwise meanwhile" in refused.text
    paperless(scene, known)
    clerk.post(f"{run}/printing", sent_, expect=422, budget=30)
    assert scene.scalar("SELECT count(*) FROM bill_printings") == 0
    clerk.get(f"{PRINTINGS}/99", expect=404)
    cashier.get(f"{run}/printing", expect=403)
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


def test_pages_ask_few_statements_however_many_bills_there_are(scene: Scene) -> None:
    for number in range(6):
        house(scene, f"M-{number}", used=12)
    post(scene)
    clerk = staff_of(scene, "clerk")
    assert len(clerk.get(f"{run_of(scene)}/printing").statements) <= 14
    printing = sent(clerk, f"{run_of(scene)}/printing", seen="6").location
    scene.run_jobs()
    for shown in ("held", "paperless", "printed"):
        assert len(clerk.get(f"{printing}?show={shown}").statements) <= 10
