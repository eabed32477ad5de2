"""Requests as pages of the back office: the queue, one with all that was said, answered, decided."""

from __future__ import annotations

import pytest

from tests.page_client import Page
from tests.portal.asking import bill_of, handed_in, stop
from tests.portal.scene import Scene
from tests.portal.staff.people import actor_of, staff_of


def cases(page: Page) -> list[int]:
    found = [str(link["href"]) for link in page.soup.select("main table a[href^='/staff/cases/']")]
    return [int(href.rsplit("/", 1)[-1]) for href in found]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_request_is_read_in_words_with_what_it_stops(scene: Scene, lang: str) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk", lang=lang)
    appeal = {
        "bill": bill_of(scene, known),
        "grounds": "reading",
        "statement": "<b>No</b> way.",
        "asked_amount": 1250,
    }
    case = handed_in(scene, known, "bill-appeal", appeal, "evidence")
    page = clerk.get(f"/staff/cases/{case}")
    for said in ("<b>No</b> way.", "$12.50", "116908(b)", "Ana", known.number):
        assert said in page.text, said
    assert "bill-appeal" not in page.text
    assert ("No shut-off while this is open" if lang == "en" else "Sin corte mientras siga abierta") in page.text
    assert cases(clerk.get("/staff/cases?kind=bill-appeal")) == [case]
    assert cases(clerk.get("/staff/cases?kind=stop-service")) == []
    seen = scene.rows(f"SELECT actor_id FROM audit_entries WHERE act = 'account-seen' AND subject_id = '{known.id}'")
    assert [row.actor_id for row in seen] == [actor_of(scene, clerk)]


def test_the_queue_goes_by_clock_owner_and_state(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 50_00)
    clerk = staff_of(scene, "clerk")
    slow = handed_in(scene, known, "bill-question", {"question": "Why?"})
    fast = handed_in(scene, other, "stop-service", stop(scene))
    assert cases(clerk.get("/staff/cases")) == [fast, slow]
    clerk.get(f"/staff/cases/{slow}")
    clerk.submit("I take it 1", budget=20)
    assert "This is yours now." in clerk.follow().text
    assert cases(clerk.get("/staff/cases?which=mine")) == [slow]
    assert cases(clerk.get("/staff/cases?which=nobodys")) == [fast]
    scene.clock.advance(days=6)
    clerk = staff_of(scene, "clerk")
    page = clerk.get("/staff/cases?which=late")
    assert cases(page)[0] == fast
    assert "Business days late:" in page.text


def test_a_question_is_asked_in_the_resident_s_language_and_the_clock_stands(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    case = handed_in(scene, known, "stop-service", stop(scene), language="es")
    clerk.get(f"/staff/cases/{case}")
    clerk.submit("I take it 1", budget=20)
    page = clerk.get(f"/staff/cases/{case}/write?template=sale")
    assert "Ana reads in: Spanish." in page.text
    assert "Hola, Ana." in page.soup.select_one("textarea").get_text()  # type: ignore[union-attr]
    clerk.submit("Send", {"A question: the clock stands until they answer": True}, budget=20)
    page = clerk.follow()
    assert "Waiting for the resident" in page.text
    assert "The clock stands" in page.text
    state = scene.rows("SELECT * FROM cases")
    clerk.get(f"/staff/cases/{case}/write")
    page = clerk.submit("Send", {"Words": "  "}, expect=422)
    assert page.errors == ["Write a few words."]
    assert scene.rows("SELECT * FROM cases") == state
    clerk.get(f"/staff/cases/{case}")
    clerk.submit("Go on without an answer 4", budget=20)
    assert "Being looked at" in clerk.follow().text


def test_a_stop_is_decided_and_the_account_is_closed(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    case = handed_in(scene, known, "stop-service", stop(scene))
    clerk.get(f"/staff/cases/{case}")
    clerk.submit("I take it 1", budget=20)
    page = clerk.get(f"/staff/cases/{case}/decide")
    assert "the account and its services end after" in page.text
    page = clerk.submit("Decide", {"Granted": True}, expect=422)
    assert page.errors == ["Say why in a few words."]
    clerk.get(f"/staff/cases/{case}/decide")
    clerk.submit("Decide", {"Granted": True, "Reason, for the resident": "As you asked."}, budget=45)
    page = clerk.follow()
    assert "Decided. The account is closed." in page.text
    assert scene.scalar("SELECT status FROM customer_accounts WHERE id = :id", id=known.id) == "closed"
    assert cases(clerk.get("/staff/cases?which=ended")) == [case]
    assert ("case_decided", {"case_id": case}) in scene.facts()


def test_money_is_looked_at_first_and_a_second_person_decides(scene: Scene) -> None:
    known, chief = scene.open("utility", 50_00), staff_of(scene, "supervisor")
    appeal = {"bill": bill_of(scene, known), "grounds": "reading", "statement": "Wrong."}
    case = handed_in(scene, known, "bill-appeal", appeal)
    chief.get(f"/staff/cases/{case}/sign-offs/meter")
    chief.submit("Sign off", {"It is fine": True})
    chief.get(f"/staff/cases/{case}")
    chief.submit("I take it 1", budget=20)
    chief.get(f"/staff/cases/{case}/decide")
    charge = scene.scalar("SELECT min(id) FROM charges WHERE customer_account_id = :id", id=known.id)
    reasons = scene.city.adjustment_policy(scene.today).reasons
    reason = next(one for one in reasons if one.calculation == "stated")
    page = chief.submit(
        "Continue",
        {
            "Granted in part": True, "Charge that is corrected": str(charge), "How much": "20.00",
            "The city’s reason": reason.code, "What the line of the correction says": "Read wrongly",
            "Reason, for the resident": "The meter was read wrongly.",
        },
        expect=200,
        budget=45,
    )  # fmt: skip
    assert "$20.00 is taken off what is owed." in page.text
    assert scene.scalar("SELECT count(*) FROM case_decisions") == 0, "a look decides nothing"
    chief.submit("Decide and ask a second person", budget=60)
    assert "Decided. It waits for a second person." in chief.follow().text
    assert scene.balance(known).cents == 50_00
    letter = chief.get(f"/staff/cases/{case}/letter.pdf")
    assert letter.body.startswith(b"%PDF")
    assert letter.headers["Content-Disposition"].startswith("attachment")


def test_a_paper_is_saved_and_never_shown(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    case = handed_in(scene, known, "stop-service", stop(scene), "escrow-papers")
    paper = scene.scalar("SELECT id FROM case_documents")
    answer = clerk.get(f"/staff/cases/{case}/documents/{paper}", budget=15)
    assert answer.headers["Content-Disposition"] == "attachment; filename=lease.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'document-opened'") == 1
    other = handed_in(scene, scene.open("utility", 1_00), "stop-service", stop(scene))
    clerk.get(f"/staff/cases/{other}/documents/{paper}", expect=404)
    scene.run_as_owner(f"UPDATE customer_accounts SET is_restricted = true WHERE id = {known.id}")
    for page in ("", "/decide", "/write", f"/documents/{paper}", "/letter.pdf"):
        clerk.get(f"/staff/cases/{case}{page}", expect=404)
    assert cases(clerk.get("/staff/cases")) == [other]


def test_a_clerk_decides_no_appeal_and_two_at_once_are_told(scene: Scene) -> None:
    known, clerk, other = (
        scene.open("utility", 50_00),
        staff_of(scene, "clerk"),
        staff_of(scene, "clerk", name="olga"),
    )
    appeal = {"bill": bill_of(scene, known), "grounds": "reading", "statement": "Wrong."}
    case = handed_in(scene, known, "bill-appeal", appeal)
    clerk.get(f"/staff/cases/{case}/decide", expect=403)
    for person in (clerk, other):
        person.get(f"/staff/cases/{case}")
    clerk.submit("I take it 1", budget=20)
    state = scene.rows("SELECT * FROM cases")
    page = other.submit("I take it 1", expect=409)
    assert page.errors == [
        "Somebody did something to this request while you had it open. Nothing was saved. Look at it again."
    ]
    assert scene.rows("SELECT * FROM cases") == state


def test_the_account_s_page_says_what_is_asked_and_what_stands_still(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    appeal = {"bill": bill_of(scene, known), "grounds": "reading", "statement": "Wrong."}
    case = handed_in(scene, known, "bill-appeal", appeal)
    page = clerk.get(f"/staff/accounts/{known.reference}")
    assert page.soup.select(f'a[href="/staff/cases/{case}"]')
    assert "No shut-off: An appeal of a bill is pending." in page.text
    assert "No late penalty: An appeal of a bill is pending." in page.text
