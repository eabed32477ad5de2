"""People who ask at the counter, and the links that mails carry to them."""

from __future__ import annotations

from accounts.message_choices.counter import About, ask_paperless
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import Request, address_digest
from portal.messages_sent.rules import Kind
from portal.notices.links import Stop, paper_link, stop_token
from portal.notices.paperless_words import paperless_words
from tests.accounts.counter import person as staff_person
from tests.portal.scene import Known, Scene

HOLDER = "holder@example.com"
ASKED = Request("Maria Lopez", "phone")


def customer_of(scene: Scene, known: Known) -> Person:
    """The customer on file of an account."""
    found = scene.scalar("SELECT customer_id FROM customer_accounts WHERE id = :id", id=known.id)
    return Person(customer_id=int(found))


def ask_for_paperless(scene: Scene, known: Known, *, language: str = "en") -> int:
    """A clerk wrote down that the holder asks for bills without paper; the mail waits."""
    by = staff_person(scene.sessions, "clerk")
    with scene.app.app_context():
        words = paperless_words(scene.city, language)
    about = About(known.id, customer_of(scene, known), ASKED)
    return ask_paperless(scene.sessions, by, about, words, sealed="sealed", now=scene.clock.now())


def paper_token_of(scene: Scene) -> str:
    """The token of a mail that asks for bills without paper."""
    asked = ask_for_paperless(scene, scene.open("utility", 10_00, email="paper@example.com"))
    return paper_link(scene.wired.proof_key, "", asked).rpartition("/")[2]


def stop_token_of(scene: Scene, known: Known | None = None, kind: Kind = Kind.DUE_SOON, email: str = HOLDER) -> str:
    """The token of a mail to the holder of an account."""
    person = customer_of(scene, known or scene.open("utility", 10_00, email=email))
    digest = address_digest(scene.wired.proof_key, "mail", email)
    return stop_token(scene.wired.proof_key, Stop(person, kind.value, scene.today), digest)
