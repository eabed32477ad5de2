"""A resident asks: page by page, kept as it is left, sent, answered, taken back; and nobody else sees any of it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from accounts.account_links.service import link
from portal.case_mail import tell_of_message
from tests.accounts.documents.test_documents import PAGE, photo
from tests.page_client import PageClient
from tests.portal.asking import bill_of
from tests.portal.resident.people import actor_of, resident_of
from tests.portal.scene import Known, Scene, add, leave
from tests.portal.staff.people import staff_of
from tests.sandbox_server import pay_hosted_page


def ana_with(scene: Scene, lang: str = "en") -> tuple[PageClient, Known]:
    known, ana = scene.open("utility", 50_00), resident_of(scene, lang=lang)
    link(scene.sessions, actor_of(scene), known.id, "bill_code", now=scene.clock.now())
    return ana, known


def begun(scene: Scene, ana: PageClient, known: Known, kind: str = "Stop service") -> str:
    page = ana.get(f"/my/accounts/{known.reference}")
    (onward,) = page.soup.select("a[href^='/my/requests/new']")
    ana.get(str(onward["href"]))
    ana.submit("Continue", {kind: True}, budget=30)
    return ana.follow().path


def test_a_request_is_asked_kept_sent_and_answered(scene: Scene) -> None:
    ana, known = ana_with(scene)
    path = begun(scene, ana, known)
    last = (scene.today + timedelta(days=8)).isoformat()
    page = ana.submit("Save and continue", {"Last day of service": ""}, expect=422)
    assert page.errors == ["Answer “Last day of service”."]
    ana.get(path)
    ana.submit("Save and continue", {"Last day of service": last}, budget=25)
    ana.follow()
    assert "Not sent yet" in ana.get("/my/requests").text
    assert last in str(ana.get(path).soup), "what was answered is there again"
    case = path.split("/")[3]
    ana.get(f"/my/requests/{case}/documents")
    ana.get(f"/my/requests/{case}/check")
    ana.submit("Send it to the City", budget=45)
    page = ana.follow()
    assert "We have it. Keep the number REQ-" in page.text
    assert "Utility Billing has it." in page.text
    clerk = staff_of(scene, "clerk")
    clerk.get(f"/staff/cases/{case}")
    clerk.submit("I take it 1", budget=20)
    clerk.get(f"/staff/cases/{case}/write")
    clerk.submit(
        "Send", {"A question: the clock stands until they answer": True, "Words": "Do you own it?"}, budget=20
    )
    page = ana.get(f"/my/requests/{case}")
    assert "Waiting for you" in page.text
    assert "Do you own it?" in page.text
    number = scene.scalar("SELECT number FROM cases")
    assert number not in resident_of(scene, "eve@example.com").get("/my").text
    home = ana.get("/my")
    assert home.soup.select_one(f'.alert a[href="/my/requests/{case}"]') is not None
    assert "We need an answer from you" in home.text
    assert number in home.text
    ana.get(f"/my/requests/{case}")
    ana.submit("Send", {"Your message": "No, I rent."}, budget=30)
    assert "Being looked at" in ana.follow().text
    assert "We need an answer from you" not in ana.get("/my").text
    message = scene.scalar("SELECT min(id) FROM case_messages WHERE direction = 'to-resident'")
    with scene.app.app_context():
        tell_of_message(scene.wired, message)
    (mail,) = scene.outbox.mails
    assert mail["To"] == "ana@example.com"
    assert "There is a message about your request" in str(mail)
    assert "Do you own it" not in str(mail), "what it is about stands behind the sign-in"


def test_a_page_half_done_is_put_aside_and_gone_on_with(scene: Scene) -> None:
    ana, known = ana_with(scene)
    path = begun(scene, ana, known)
    later = "Save and go on another day"
    ana.submit(later, {"Where to send the final bill": "9 Oak Road, Fresno"}, budget=25)
    assert "It is kept. Go on with it from this list." in ana.follow().text
    page = ana.get(path)
    assert "9 Oak Road, Fresno" in str(page.soup)
    assert "What you answer is kept until " in page.text
    kept = scene.rows("SELECT draft FROM cases")
    page = ana.submit(later, {"Last day of service": "tomorrow"}, expect=422)
    assert page.errors == ["Enter a day of the calendar, like 2026-03-02."]
    assert scene.rows("SELECT draft FROM cases") == kept
    ana.get(path)
    ana.submit("Save and continue", {}, expect=422)
    ana.get(f"{path.rpartition('/pages/')[0]}/check")
    (error,) = ana.submit("Send it to the City", expect=422).errors
    assert error.startswith("A question is not answered yet."), "half is not sent"


def test_bills_that_can_be_appealed_say_until_when_and_late_ones_are_not_offered(scene: Scene) -> None:
    ana, known = ana_with(scene)
    bill_of(scene, known)
    path = begun(scene, ana, known, "Appeal a bill")
    choices = [one.get_text(strip=True) for one in ana.get(path).soup.select("select[name=bill] option")]
    last = scene.today - timedelta(days=3) + timedelta(days=30)
    stops = ana.get(f"{path.rpartition('/pages/')[0]}/check").text
    for said in ("The account is not shut off while this is open.", "No late penalty is added while this is open."):
        assert stops.count(said) == 1
    assert len(choices) == 2
    assert choices[1].endswith(f"until {last:%B} {last.day}, {last.year}")
    scene.clock.advance(days=28)
    page = resident_of(scene).get(path)
    assert "The time to appeal is over for every bill of this account." in page.text
    assert len(page.soup.select("select[name=bill] option")) == 1


def test_papers_come_by_camera_and_what_is_none_is_refused(scene: Scene) -> None:
    ana, known = ana_with(scene)
    case = begun(scene, ana, known).split("/")[3]
    path = f"/my/requests/{case}/documents"

    def send(content: bytes, name: str) -> int:
        token = str(ana.get(path).soup.select_one('input[name="csrf_token"]')["value"])  # type: ignore[index]
        data = {"csrf_token": token, "wanted": "escrow-papers", "file": (io.BytesIO(content), name)}
        return ana.browser.post(path, data=data, content_type="multipart/form-data").status_code

    assert send(photo(), "IMG_1.HEIC") == 303
    assert send(PAGE + b" " * 9_000, "scan.pdf") == 422, "it goes on behind its end"
    assert send(b"<script>alert(1)</script>", "photo.jpg") == 422
    page = ana.get(path)
    assert "IMG_1.jpg" in page.text
    assert scene.scalar("SELECT count(*) FROM documents") == 1
    paper = scene.scalar("SELECT id FROM case_documents")
    answer = ana.get(f"{path}/{paper}", budget=15)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    ana.get(path)
    ana.submit("Take out", {}, budget=30)
    assert "IMG_1.jpg" not in ana.follow().text


@pytest.mark.parametrize("lang", ["en", "es"])
def test_to_another_resident_nothing_of_it_is_there(scene: Scene, lang: str) -> None:
    ana, known = ana_with(scene)
    case = begun(scene, ana, known).split("/")[3]
    eve = resident_of(scene, "eve@example.com", lang=lang)
    for path in ("", "/pages/1", "/documents", "/documents/1", "/check", "/withdraw", "/letter.pdf"):
        eve.get(f"/my/requests/{case}{path}", expect=404)
    assert str(known.id) not in str(eve.get("/my/requests/new").soup.select("select option"))
    assert eve.get("/my/requests").soup.select(f"a[href='/my/requests/{case}']") == []


def test_a_request_is_taken_back(scene: Scene) -> None:
    ana, known = ana_with(scene, "es")
    ana.get("/my/requests/new")
    ana.submit("Continuar", {"Pregunta sobre una factura": True, "Para cuál cuenta": str(known.id)}, budget=30)
    page = ana.follow()
    assert page.heading == "Su pregunta"
    ana.submit("Guardar y continuar", {"Qué está mal o no está claro": "¿Por qué?"}, budget=25)
    ana.follow()
    ana.submit("Enviar a la Ciudad", budget=45)
    shown = ana.follow()
    case = shown.path.split("/")[3].partition("?")[0]
    ana.get(f"/my/requests/{case}/withdraw")
    ana.submit("Retirar esta solicitud", budget=30)
    assert "Retirada" in ana.get("/my/requests").text


def test_a_claim_begins_with_what_the_city_owes_and_why(scene: Scene) -> None:
    ana, known = ana_with(scene)
    path = begun(scene, ana, known, "Claim money the City holds for you")
    assert "There is no credit on this account today" in ana.get(path).text
    guest = scene.guest()
    add(guest, known, "Another amount", "62.50")
    guest.land(pay_hosted_page(leave(guest)))
    page = ana.get(path)
    assert "The City owes you $12.50" in page.text
    assert "Paid more than was owed" in page.text
    scene.add_charge(known, 5_00, "water")
    assert "The account owes $5.00. The credit goes there first." in ana.get(path).text
