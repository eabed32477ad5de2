"""Choosing how to be told: the page, a number by double consent, bills without paper, a level of use, the log."""

from __future__ import annotations

import re

import pytest

from accounts.database import reading
from accounts.message_choices.queries import Person, choices_of, levels_of, paperless
from accounts.message_choices.rules import Way
from portal.notices.paperless_words import VERSION, paperless_words
from portal.notices.walks import due_soon
from tests.portal.notices.people import NUMBER, at, forget_facts, owe, resident, run
from tests.portal.resident.people import resident_of
from tests.portal.scene import Known, Scene

EMAIL = "ana@example.com"


@pytest.fixture
def home(scene: Scene) -> tuple[int, Known]:
    """Ana and her account."""
    known = scene.open("utility", 50_00, email=EMAIL)
    return resident(scene, known, EMAIL), known


def held(scene: Scene, actor: int) -> dict[str, Way]:
    with reading(scene.sessions) as session:
        person = Person(actor_id=actor)
        return dict(choices_of(session, [person])[person].ways)


def test_ways_language_and_quiet_hours_are_kept(scene: Scene, home: tuple[int, Known]) -> None:
    ana = resident_of(scene, EMAIL)
    page = ana.get("/my/messages")
    assert "Bills on paper" in page.text
    chosen = {"A bill is due soon": "none", "A payment was received": "mail", "No texts from": "1200"}
    done = ana.submit("Save", chosen)
    assert done.status == 303
    assert "Saved." in ana.follow().text
    assert held(scene, home[0])["due-soon"] is Way.NONE
    assert held(scene, home[0])["payment-received"] is Way.MAIL
    assert scene.rows("SELECT quiet_from, quiet_until FROM message_recipients")[0] == (1200, 480)
    ana.get("/my/messages", lang="es")


def test_what_protects_cannot_be_turned_off_and_texts_need_a_number(scene: Scene, home: tuple[int, Known]) -> None:
    browser = resident_of(scene, EMAIL).browser
    form = {
        "account-linked": "none",
        "due-soon": "mail",
        "language": "en",
        "quiet_from": "1260",
        "quiet_until": "480",
    }
    assert browser.post("/my/messages", data=form).status_code in {400, 422}
    assert browser.post("/my/messages", data={**form, "account-linked": "mail", "due-soon": "text"}).status_code in {
        400, 422,
    }  # fmt: skip
    assert held(scene, home[0]) == {}


def test_a_number_is_confirmed_by_the_code_that_it_got(scene: Scene, home: tuple[int, Known]) -> None:
    at(scene, 11)
    ana = resident_of(scene, EMAIL)
    ana.get("/my/messages/number", lang="es")
    ana.get("/my/messages/number", lang="en")
    ana.submit("Send me a code", {"Mobile number": NUMBER}, expect=422)  # without agreeing nothing is sent
    assert scene.facts() == []
    agree = "I agree that"
    ana.submit("Send me a code", {"Mobile number": NUMBER, agree: True})
    ana.follow()
    run(scene)
    ((_, body),) = scene.outbox.texts
    (code,) = re.findall(r"\b\d{6}\b", body)
    ana.submit("Confirm", {"Code from the text message": "000000x"}, expect=422)
    ana.submit("Confirm", {"Code from the text message": code})
    assert "ending in 0123" in ana.follow().text
    assert scene.scalar("SELECT count(*) FROM consents WHERE kind = 'texts'") == 1
    ana.submit("End text messages")
    assert "Add a number" in ana.follow().text
    assert scene.scalar("SELECT count(*) FROM consent_revocations") == 1


def test_bills_without_paper_are_agreed_to_word_for_word_and_ended(scene: Scene, home: tuple[int, Known]) -> None:
    ana, known = resident_of(scene, EMAIL), home[1]
    address = f"/my/accounts/{known.reference}/paper"
    ana.get(address, lang="es")
    ana.get(address, lang="en")
    sample = ana.browser.get(f"{address}/sample.pdf")
    assert (sample.status_code, sample.mimetype, sample.data[:5]) == (200, "application/pdf", b"%PDF-")
    ana.submit("Agree", {"I agree to bills without paper": True}, expect=422)  # the sample was not read
    both = {"I agree to bills without paper": True, "I opened the sample": True}
    ana.submit("Agree", both)
    ana.follow()
    with scene.app.app_context():
        said = paperless_words(scene.city, "en")
    (kept,) = scene.rows("SELECT kind, text_version, language, text_sha256, evidence FROM consents")
    assert (kept.kind, kept.text_version, kept.language) == ("paperless", VERSION, "en")
    assert bytes(kept.text_sha256) == said.digest
    assert kept.evidence["opened"] == "sample"
    with reading(scene.sessions) as session:
        assert set(paperless(session, [known.id])) == {known.id}
    ana.submit("Send me paper bills again")
    ana.follow()
    with reading(scene.sessions) as session:
        assert paperless(session, [known.id]) == {}


def test_a_level_of_use_is_set_and_taken_back(scene: Scene, home: tuple[int, Known]) -> None:
    ana, known = resident_of(scene, EMAIL), home[1]
    ana.get(f"/my/accounts/{known.reference}/level", lang="en")
    ana.submit("Save", {"Tell me when use is above": "-3"}, expect=422)
    ana.submit("Save", {"Tell me when use is above": "12.5"})
    assert "Above 12.5 CCF" in ana.follow().text
    ana.get(f"/my/accounts/{known.reference}/level", lang="es")
    ana.get(f"/my/accounts/{known.reference}/level", lang="en")
    ana.submit("Save", {"Tell me when use is above": ""})
    with reading(scene.sessions) as session:
        assert levels_of(session, Person(actor_id=home[0])) == {}


def test_what_was_sent_is_shown_to_whom_it_was_sent_only(scene: Scene, home: tuple[int, Known]) -> None:
    owe(scene, home[1], 40_00, days=3)
    at(scene, 11)
    forget_facts(scene)
    due_soon(scene.wired)
    run(scene)
    assert "A bill is due soon" in resident_of(scene, EMAIL).get("/my/messages/sent").text
    other = resident_of(scene, "other@example.com")
    assert "Nothing yet." in other.get("/my/messages/sent").text
