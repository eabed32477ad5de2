"""Pages that somebody without a sign-in opens by a link in a mail, and those by which they ask for one."""

from __future__ import annotations

from collections.abc import Iterator

from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.customer_accounts.models import CustomerAccount
from accounts.customers.models import Customer
from accounts.database import transaction
from accounts.message_choices.counter import About, ask_paperless
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import Request, address_digest
from accounts.requests.guests import Wish
from portal.guest_requests import link_to_begin
from portal.messages_sent.rules import Kind
from portal.notices.links import Stop, paper_link, stop_link, stop_token
from portal.notices.paperless_words import paperless_words
from portal.wiring import Wiring
from tests.accounts.counter import person as staff_person

ROSA, KIND = "rosa@example.com", "bill-question"


def asking_pages(client: FlaskClient, wired: Wiring, account: int) -> Iterator[tuple[str, str]]:
    """What a guest is shown from the wish to the first page of the request, refusals too."""
    for address in ("/ask", "/ask/mail-sent", "/ask/status"):
        yield address, _text(client, address, 200)
    for address, said in (("/ask", {}), ("/ask", {"kind": KIND, "email": "nobody"}), ("/ask/status", {})):
        answer = client.post(address, data=said)
        assert answer.status_code == 422, address
        yield f"{address} {said}", answer.text
    begin = _path(link_to_begin(wired, Wish(KIND, "Rosa Díaz", ROSA, "", "es", account)), wired)
    yield "/ask/begin", _text(client, begin, 200)
    began = client.post(begin).headers["Location"]
    yield "the first page of a request", _text(client, began, 200)
    yield "an empty page of a request", client.post(began, data={}).text
    yield "a request that is not sent", client.get(began.rpartition("/pages/")[0] + "/check").text
    ended = began.rpartition("/pages/")[0] + "/new-link"
    yield "a link that somebody else has", _text(client, ended, 200)
    yield "links that have ended", _text(client, _path(client.post(ended).headers["Location"], wired), 200)
    yield "a link that is over", _text(client, "/ask/begin/" + "x" * 40, 404)


def message_pages(client: FlaskClient, wired: Wiring, account: int) -> Iterator[tuple[str, str]]:
    """Stopping a kind of mail, and agreeing to bills without paper."""
    with transaction(wired.sessions) as session:
        holder = session.get_one(CustomerAccount, account).customer_id
        customer = session.scalars(select(Customer).where(Customer.id == holder)).one()
        customer.email, customer.language = ROSA, "es"
    today, digest = wired.clock.today(), address_digest(wired.proof_key, "mail", ROSA)
    for kind in (Kind.DUE_SOON, Kind.PAYMENT_FAILED):
        token = stop_token(wired.proof_key, Stop(Person(customer_id=holder), kind.value, today), digest)
        stop = _path(stop_link(wired.settings.base_url, token), wired)
        yield f"stop {kind.value}", _text(client, stop, 200)
        client.post(stop)
        yield f"stopped {kind.value}", _text(client, f"{stop}?then=done", 200)
        yield f"undone {kind.value}", _text(client, f"{stop}?then=undone", 200)
    about = About(account, Person(customer_id=holder), Request("Rosa Díaz", "phone"))
    words = paperless_words(wired.city().city, "es")
    by = staff_person(wired.sessions, "clerk")
    asked = ask_paperless(wired.sessions, by, about, words, sealed="sealed", now=wired.clock.now())
    paper = _path(paper_link(wired.proof_key, wired.settings.base_url, asked), wired)
    yield "bills without paper", _text(client, paper, 200)
    yield "bills without paper, no box", client.post(paper, data={}).text
    client.post(paper, data={"agrees": "y", "can_open": "y"})
    yield "bills without paper, agreed", _text(client, paper, 200)


def _text(client: FlaskClient, address: str, status: int) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


def _path(link: str, wired: Wiring) -> str:
    return link.removeprefix(wired.settings.base_url.rstrip("/"))
