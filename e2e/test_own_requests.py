"""A resident’s requests from beginning to end, on a phone and at a desk, in both languages: a move that is two cases,
papers by camera with a pause in between, an appeal with its clock, its block and its letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.account_links.service import link
from e2e.conftest import Clerks, Guests
from e2e.people import Person
from e2e.window import Window
from portal.identity.residents.cookies import NAME
from tests.accounts.documents.test_documents import PAGE, photo
from tests.portal.asking import bill_of
from tests.portal.resident.people import signed_in
from tests.portal.scene import Known

PHONE, DESK = (360, 740), (1280, 860)
REQUEST = re.compile(r"REQ-\d{4}-\d{6}-\d")
SAVE, SEND = "Save and continue", "Send it to the City"
both_ways = pytest.mark.parametrize(("language", "size"), [("en", DESK), ("es", PHONE)], ids=["desk", "teléfono"])
other_ways = pytest.mark.parametrize(("language", "size"), [("en", PHONE), ("es", DESK)], ids=["phone", "escritorio"])


@dataclass
class Errand:
    """A resident at home with one account, and who works at the counter."""

    window: Window
    person: Person
    clerks: Clerks
    account: Known

    def asks(self, kind: str) -> None:
        """From the list of their requests to the first page of a new one."""
        self.person.opens("/my/requests")
        self.person.follows("Ask for something")
        self.person.page.locator("label").filter(has_text=self.in_city(kind)).first.click()
        select = self.person.page.get_by_label(self.person.say("For which account"))
        select.select_option(index=1)
        self.person.presses("Continue")

    def in_city(self, words: str) -> str:
        """A kind of request, a question or a paper, as the city's folder calls it in the person's language."""
        return words if self.person.language == "en" else SPANISH[words]

    def says(self, question: str, answer: str) -> None:
        """Into the field of a question, or the day of one."""
        self.person.page.get_by_label(self.in_city(question)).first.fill(answer)

    def picks(self, choice: str) -> None:
        """One of the answers that are offered."""
        self.person.page.get_by_text(self.in_city(choice), exact=True).click()

    def adds(self, name: str, media_type: str, content: bytes) -> None:
        """A paper, as the camera or the files of a telephone give it."""
        sent = {"name": name, "mimeType": media_type, "buffer": content}
        self.person.page.get_by_label(self.person.say("Photo or PDF")).set_input_files([sent])  # type: ignore[list-item]
        self.person.presses("Add")
        self.person.reads(Path(name).stem)

    def clerk(self, role: str = "clerk") -> Person:
        """Somebody of the city, with a mouse."""
        found: Person = self.clerks(role, kind=Person)
        return found

    def day(self, days: int) -> str:
        assert self.window.scene is not None
        return (self.window.scene.today + timedelta(days=days)).isoformat()


SPANISH = {
    "Move service": "Mudar el servicio",
    "Last day there": "Último día allí",
    "Service address": "Dirección del servicio",
    "ZIP code": "Código postal",
    "First day there": "Primer día allí",
    "Tenant": "Inquilino",
    "Move: stop at the old address": "Mudanza: terminar en el domicilio anterior",
    "Move: start at the new address": "Mudanza: iniciar en el domicilio nuevo",
    "Credit for a leak": "Crédito por una fuga",
    "The high bill": "La factura alta",
    "Where the leak was": "Dónde estaba la fuga",
    "The day it was fixed": "El día en que se reparó",
    "Question about a bill": "Pregunta sobre una factura",
    "Appeal a bill": "Apelar una factura",
    "Which bill": "Cuál factura",
    "The reading": "La lectura",
    "Your reasons": "Sus razones",
}


@pytest.fixture
def errand(window: Window, guests: Guests, clerks: Clerks, language: str, size: tuple[int, int]) -> Errand:
    """They are signed in, and have added the account."""
    assert window.scene is not None
    scene = window.scene
    account = window.accounts.agua if language == "es" else window.accounts.water
    habits = {"is_mobile": True, "has_touch": True} if size == PHONE else {}
    person = guests(language, size=size, **habits)
    began = signed_in(scene.sessions, scene.clock, "ana@example.com", lang=language)
    link(scene.sessions, began.actor_id, account.id, "proof", now=scene.clock.now())
    person.page.context.add_cookies([{"name": NAME, "value": began.token, "url": window.url}])
    return Errand(window, person, clerks, account)


@both_ways
def test_a_move_is_two_requests_and_each_goes_its_own_way(errand: Errand) -> None:
    person = errand.person
    errand.asks("Move service")
    errand.says("Last day there", errand.day(8))
    person.presses(SAVE)
    for question, answer in (("Service address", "77 Elm Street"), ("ZIP code", "93706")):
        errand.says(question, answer)
    errand.says("First day there", errand.day(8))
    errand.picks("Tenant")
    person.presses(SAVE)
    errand.adds("contrato.pdf", "application/pdf", PAGE)
    person.follows("Continue")
    person.sees("Check your answers")
    person.reads("77 Elm Street", errand.in_city("Move: stop at the old address"))
    person.presses(SEND)
    leave, arrive = sorted(set(REQUEST.findall(person.text)))
    person.reads(errand.in_city("Move: start at the new address"))
    at_leave = person.page.url.partition("?")[0]

    clerk = errand.clerk()
    clerk.opens("/staff/cases")
    clerk.reads(leave, arrive)
    clerk.follows("Move: start at the new address")
    clerk.reads("77 Elm Street", leave)
    clerk.presses("I take it")
    clerk.follows("Write")
    clerk.follows("Ask for the lease")
    clerk.page.get_by_text("A question: the clock stands until they answer").click()
    clerk.presses("Send")
    clerk.reads("Waiting for the resident", "The clock stands")
    clerk.follows("Move: stop at the old address")
    clerk.presses("I take it")
    clerk.follows("Decide")
    clerk.page.get_by_text("Granted", exact=True).click()
    clerk.types("Reason, for the resident", "The service ends as you asked.")
    clerk.presses("Decide")
    errand.window.work()

    person.opens(at_leave)
    person.reads(person.say("Done"), "The service ends as you asked.", arrive)
    person.follows(errand.in_city("Move: start at the new address"))
    person.reads(arrive, person.say("Waiting for you"))
    person.types("Your message", "Aquí está, página 2.")
    person.presses("Send")
    person.reads(person.say("Being looked at"), "Aquí está, página 2.")
    clerk.opens("/staff/cases?which=mine")
    clerk.follows("Move: start at the new address")
    clerk.reads("Aquí está, página 2.", "Being looked at")


@other_ways
def test_a_leak_with_papers_by_camera_left_and_come_back_to(errand: Errand) -> None:
    person, window = errand.person, errand.window
    assert window.scene is not None
    bill_of(window.scene, errand.account)
    errand.asks("Credit for a leak")
    person.page.get_by_label(errand.in_city("The high bill")).first.select_option(index=1)
    errand.says("Where the leak was", "En el jardín")
    errand.says("The day it was fixed", errand.day(-2))
    person.presses(SAVE)
    errand.adds("IMG_20261122.jpg", "image/jpeg", photo())
    person.opens("/my/requests")
    person.reads(person.say("Not sent yet"))
    person.follows(errand.in_city("Credit for a leak"))
    expect(person.page.get_by_label(errand.in_city("Where the leak was"))).to_have_value("En el jardín")
    person.presses(SAVE)
    person.reads("IMG_20261122.jpg")
    errand.adds("factura.pdf", "application/pdf", PAGE)
    person.follows("Continue")
    person.sees("Check your answers")
    person.reads("En el jardín", "IMG_20261122.jpg", "factura.pdf")
    person.presses(SEND)
    (number,) = set(REQUEST.findall(person.text))
    mine = person.page.url.partition("?")[0]

    clerk = errand.clerk("supervisor")
    clerk.opens("/staff/cases")
    clerk.follows("Credit for a leak")
    clerk.reads(number, "En el jardín", "IMG_20261122.jpg", "factura.pdf")
    clerk.presses("I take it")
    clerk.follows("Write")
    clerk.follows("Ask for proof of repair")
    clerk.presses("Send")

    person.opens(mine)
    person.reads(person.say("Being looked at"), number)
    person.types("Your message", "Ya lo envié.")
    person.presses("Send")
    person.reads("Ya lo envié.")

    clerk.opens(clerk.page.url)
    clerk.reads("Ya lo envié.")
    clerk.follows("Decide")
    clerk.page.get_by_text("Denied", exact=True).click()
    clerk.types("Reason, for the resident", "La factura no muestra agua medida.")
    clerk.presses("Decide" if clerk.button("Decide").count() else "Continue")
    errand.window.work()
    person.opens(mine)
    person.reads(person.say("Done"), person.say("Denied"), "La factura no muestra agua medida.")


@both_ways
def test_an_appeal_with_its_clock_its_block_and_its_letter(errand: Errand) -> None:
    person, window = errand.person, errand.window
    assert window.scene is not None
    bill_of(window.scene, errand.account)
    errand.asks("Appeal a bill")
    person.page.get_by_label(errand.in_city("Which bill")).first.select_option(index=1)
    errand.picks("The reading")
    errand.says("Your reasons", "No estuve en casa.")
    person.presses(SAVE)
    person.follows("Continue")
    person.sees("Check your answers")
    person.presses(SEND)
    (number,) = set(REQUEST.findall(person.text))
    mine = person.page.url.partition("?")[0]

    clerk = errand.clerk("clerk")
    clerk.opens(f"/staff/accounts/{errand.account.reference}")
    clerk.reads("No shut-off: An appeal of a bill is pending.")
    clerk.opens("/staff/cases")
    clerk.follows("Appeal a bill")
    clerk.reads(number, "Bill of ", "No shut-off while this is open", "Business days left: ")
    expect(clerk.page.get_by_role("link", name="Decide")).to_have_count(0)
    clerk.follows("Sign off: Reading checked")
    clerk.page.get_by_text("It is fine", exact=True).click()
    clerk.presses("Sign off")

    chief = errand.clerk("supervisor")
    chief.opens("/staff/cases")
    chief.follows("Appeal a bill")
    chief.presses("I take it")
    chief.follows("Decide")
    chief.page.get_by_text("Denied", exact=True).click()
    chief.types("Reason, for the resident", "La lectura se revisó y es correcta.")
    chief.presses("Continue")
    if chief.button("Decide").count():
        chief.presses("Decide")
    window.work()
    chief.opens(f"/staff/accounts/{errand.account.reference}")
    assert "An appeal of a bill is pending." not in chief.text

    person.opens(mine)
    person.reads(person.say("Done"), person.say("Denied"), "La lectura se revisó y es correcta.")
    with person.page.expect_download() as saved:
        person.page.get_by_role("link", name=person.say("The letter (PDF)")).click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")
    assert saved.value.suggested_filename == f"{number}.pdf"
