"""A guest asks for something: the mailed link, page by page, the answer; and what a link does not open."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from portal import guest_requests
from portal.case_mail import tell_of_decision
from tests.accounts.documents.test_documents import photo
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, find
from tests.portal.staff.people import staff_of

ROSA = "rosa@example.com"
MAIL_ME, MAILED = "Mail me the link", "Look into your e-mail"


def mailed_path(scene: Scene, number: int = -1) -> str:
    """The path of the link in a mail, after the jobs are done."""
    scene.run_jobs()
    body = scene.outbox.mails[number].get_body(("plain",))
    assert body is not None
    links = [word for word in body.get_content().split() if re.search(r"/ask/(begin|requests)/", word)]
    return "/" + links[0].split("/", 3)[3]


def proved(scene: Scene, lang: str = "en", kind: str = "utility") -> tuple[PageClient, Known]:
    """A guest who has looked up their account."""
    known, guest = scene.open(kind, 50_00), scene.guest(lang=lang)
    find(guest, known)
    return guest, known


def asks(guest: PageClient, known: Known | None, kind: str = "Question about a bill", email: str = ROSA) -> None:
    guest.get("/ask" + (f"?account={known.reference}" if known else ""))
    said: dict[str, object] = {kind: True, "Your name": "Rosa Díaz", "E-mail": email}
    guest.submit(MAIL_ME, said, budget=25)  # type: ignore[arg-type]
    assert guest.follow().heading == MAILED


def sent(scene: Scene) -> tuple[PageClient, str]:
    """A guest whose question about a bill came in, and the path of their link."""
    guest, known = proved(scene)
    asks(guest, known)
    guest.get(mailed_path(scene))
    guest.submit("Continue", budget=30)
    guest.follow()
    guest.submit("Save and continue", {"What is wrong or not clear": "Why so high?"}, budget=30)
    guest.follow()
    guest.submit("Send it to the City", budget=45)
    return guest, guest.follow().path.partition("?")[0]


def test_a_guest_asks_and_reads_the_answer(scene: Scene) -> None:
    guest, known = proved(scene)
    (way_in,) = guest.get(f"/accounts/{known.reference}").soup.select("a[href^='/ask']")
    guest.get(str(way_in["href"]))
    guest.submit(
        MAIL_ME, {"Question about a bill": True, "Your name": "Rosa", "E-mail": "Rosa@Example.com "}, budget=25
    )
    assert guest.follow().heading == MAILED
    assert scene.scalar("SELECT count(*) FROM cases") == 0, "nothing is kept of an address that nobody proved"
    begin = mailed_path(scene)
    phone = scene.guest("198.51.100.77")
    assert "Question about a bill" in phone.get(begin).text
    assert scene.scalar("SELECT count(*) FROM cases") == 0, "mailboxes open links by themselves"
    phone.submit("Continue", budget=30)
    page = phone.follow()
    assert page.heading == "Your question"
    phone.submit("Save and continue", {"What is wrong or not clear": "Why so high?"}, budget=30)
    phone.follow()
    phone.get(begin)
    phone.submit("Continue", budget=30)
    assert "Why so high?" in str(phone.follow().soup), "the link in the mail goes on where they were"
    phone.submit("Save and continue", budget=30)
    phone.follow()
    phone.submit("Send it to the City", budget=45)
    page = phone.follow()
    assert "We have it. Keep the number REQ-" in page.text
    case = scene.scalar("SELECT id FROM cases")
    came = mailed_path(scene)
    assert scene.outbox.mails[-1]["To"] == ROSA
    assert "We have your request" in str(scene.outbox.mails[-1]["Subject"])
    clerk = staff_of(scene, "clerk")
    assert "Rosa" in clerk.get(f"/staff/cases/{case}").text
    clerk.submit("I take it 1", budget=20)
    clerk.get(f"/staff/cases/{case}/decide")
    clerk.submit("Decide", {"Answered": True, "Reason": "A pipe leaked."}, budget=30)
    with scene.app.app_context():
        tell_of_decision(scene.wired, case)
    assert "A pipe leaked" not in str(scene.outbox.mails[-1])
    assert "A pipe leaked." in phone.get(came).text
    assert phone.get(f"{came}/letter.pdf", budget=20).status == 200


def test_a_link_opens_its_request_and_no_other(scene: Scene) -> None:
    _guest, path = sent(scene)
    token = path.split("/")[3]
    stranger = scene.guest("198.51.100.9")
    for changed in (token[:-1] + ("A" if token[-1] != "A" else "B"), token[:40], "x" * 200, token + "=", "é"):
        for rest in ("", "/pages/1", "/documents", "/documents/1", "/check", "/withdraw", "/letter.pdf"):
            stranger.get(f"/ask/requests/{changed}{rest}", expect=404)
    assert "Why so high?" in stranger.get(path).text, "the link itself is the key"
    stranger.get(f"/ask/begin/{token}", expect=404)
    scene.clock.advance(days=31)
    page = stranger.get(path, expect=404)
    assert page.heading == "This link is not good any more"
    stranger.get(f"{path}/withdraw", expect=404)


def test_a_beginning_is_good_for_a_day_and_opens_no_case(scene: Scene) -> None:
    guest, known = proved(scene)
    asks(guest, known)
    begin = mailed_path(scene)
    guest.get("/ask/requests/" + begin.split("/")[3], expect=404)
    scene.clock.advance(hours=25)
    assert guest.get(begin, expect=404).heading == "This link is not good any more"


def test_an_account_that_this_visit_did_not_prove_is_not_asked_about(scene: Scene) -> None:
    guest, known = proved(scene)
    other = scene.open("utility", 50_00)
    page = guest.get(f"/ask?account={other.reference}")
    assert other.number not in str(page.soup)
    token = str(page.soup.select_one('main input[name="csrf_token"]')["value"])  # type: ignore[index]
    said = {"csrf_token": token, "kind": "bill-question", "name": "Eve", "email": "eve@example.com"}
    for account in (other.reference, str(other.id), ""):
        page = guest.post("/ask", {**said, "account": account}, expect=422)
        assert page.errors == ["Choose an account that this is for."]
    for kind in ("stop-service", "change-address", "move-service", "nothing"):
        guest.post("/ask", {**said, "account": known.reference, "kind": kind}, expect=422)
    scene.run_jobs()
    assert scene.outbox.mails == []
    assert scene.scalar("SELECT count(*) FROM resident_misses") == 0


def test_service_is_started_without_any_account(scene: Scene) -> None:
    guest = scene.guest()
    assert "Find your account first" in guest.get("/ask").text
    asks(guest, None, "Start service")
    guest.get(mailed_path(scene))
    guest.submit("Continue", budget=30)
    first = guest.follow().path
    data = {
        "Service address": "9 Elm Street", "ZIP code": "93706", "Tenant": True,
        "First day of service": (scene.today + timedelta(days=5)).isoformat(),
    }  # fmt: skip
    guest.submit("Save and continue", data, budget=30)
    guest.follow()
    guest.submit("Save and continue", {"Full name": "Rosa Díaz"}, budget=30)
    papers = guest.follow()
    token = str(papers.soup.select_one('input[name="csrf_token"]')["value"])  # type: ignore[index]
    sending = {"csrf_token": token, "wanted": "lease", "file": (io.BytesIO(photo()), "lease.jpg")}
    path = first.rpartition("/pages")[0]
    answer = guest.browser.post(f"{path}/documents", data=sending, content_type="multipart/form-data")
    assert answer.status_code == 303
    guest.get(f"{path}/check")
    guest.submit("Send it to the City", budget=45)
    assert "We have it." in guest.follow().text
    paper = scene.scalar("SELECT id FROM case_documents")
    assert guest.get(f"{path}/documents/{paper}", budget=15).headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_new_link_goes_to_the_address_that_asked_and_all_answers_are_one(scene: Scene, lang: str) -> None:
    _guest, path = sent(scene)
    scene.run_jobs()
    number = scene.scalar("SELECT number FROM cases")
    seen, mails = [], len(scene.outbox.mails)
    for place, (asked, email) in enumerate(
        [(number, ROSA), (number, "eve@example.com"), ("REQ-2026-000999-9", ROSA), (number.lower(), "x@example.com")]
    ):
        person = scene.guest(f"198.51.100.{place + 30}", lang=lang)
        page = person.get("/ask/status")
        token = str(page.soup.select_one('main input[name="csrf_token"]')["value"])  # type: ignore[index]
        answer = person.post("/ask/status", {"csrf_token": token, "number": asked, "email": email}, expect=303)
        seen.append((answer.statements, person.follow().bare(number)))
    assert all(one == seen[0] for one in seen)
    scene.run_jobs()
    assert len(scene.outbox.mails) == mails + 1
    assert scene.outbox.mails[-1]["To"] == ROSA
    assert "Why so high?" in scene.guest("198.51.100.40").get(mailed_path(scene)).text
    assert path


def test_a_fourth_mail_in_a_quarter_of_an_hour_is_not_sent(scene: Scene) -> None:
    guest, known = proved(scene)
    for _time in range(3):
        asks(guest, known)
    guest.get(f"/ask?account={known.reference}")
    said = {"Question about a bill": True, "Your name": "Rosa", "E-mail": ROSA}
    page = guest.submit(MAIL_ME, said, expect=429, budget=25)
    assert page.errors == ["We have sent several messages already. Wait fifteen minutes, then ask again."]
    guest.get("/ask/status")
    guest.submit(MAIL_ME, {"Number of the request": "REQ-2026-000001-1", "E-mail": ROSA}, expect=429, budget=25)
    scene.run_jobs()
    assert len(scene.outbox.mails) == 3


def test_what_waits_in_the_queue_opens_nothing(scene: Scene) -> None:
    guest, known = proved(scene)
    asks(guest, known)
    ((task, facts),) = [one for one in scene.facts() if one[0] == guest_requests.ASKED]
    assert ROSA not in str(facts), task
    guest.get(f"/ask/begin/{facts['sealed'].rstrip('=')}", expect=404)
