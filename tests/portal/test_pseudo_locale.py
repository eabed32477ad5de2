"""No page, mail or paper holds a word that nobody can translate.

A made-up language stands in for Spanish: every string of the catalog and every Spanish text of the city is put in
⟦…⟧, and what a formatter wrote (money, dates, numbers) in ⟪…⟫. Whatever a reader would see outside of both, and
that is not a fact known to the scene (a name, a number, an address), was never marked.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from bs4 import BeautifulSoup, NavigableString, Tag
from flask import Flask, abort, render_template, template_rendered
from flask.testing import FlaskClient
from flask_babel import Babel, force_locale
from flask_wtf.csrf import CSRFError
from jinja2 import ChoiceLoader, DictLoader
from pypdf import PdfReader
from sqlalchemy import select

from accounts.actors.service import actor_id
from accounts.charges.models import Bill, Charge
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.citations.models import Citation
from accounts.citations.service import assess_penalties as fine_late_citations
from accounts.cities.rules import City
from accounts.cities.service import approve, propose
from accounts.clock import FixedClock, SystemClock
from accounts.customer_accounts.models import AccountKind, CustomerAccount
from accounts.customer_accounts.rules import shown
from accounts.customers.models import Customer
from accounts.customers.rules import masked_name
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.licenses.models import License, LicenseTerm
from accounts.licenses.service import Declared, assess_renewals, declare
from accounts.lookups.asking import Contact
from accounts.money import Money
from accounts.premises.models import Premises
from accounts.premises.rules import masked_address
from accounts.staff.rules import Authority, Permission
from accounts.utilities.service import assess_penalties as penalize_late_bills
from payments.attempts.queries import AttemptPage
from payments.attempts.rules import State
from payments.gateway.stripe import StripeGateway
from payments.receipts.rules import ReceiptPage
from portal import create_app, demo_pages, i18n, jobs, receipts
from portal.config import Mode, Settings
from portal.documents.receipt import receipt_pdf, receipt_view, reversed_sentence
from portal.i18n import locale_name
from portal.languages import language_name
from portal.messages import SENTENCES
from portal.permissions import anyone
from portal.public.visitors import PROVEN
from portal.receipts import receipt_mail, receipt_text
from portal.wiring import Wiring
from portal.words import values
from scripts.translations import extracted
from tests.accounts.assessments.city import clerk, house, open_account
from tests.database import TestDatabase
from tests.factories import promise
from tests.factories.bills import bill_all
from tests.payments.receipts import samples
from tests.portal.mailed_pages import asking_pages, message_pages
from tests.portal.scene import Outbox, shipped_city
from tests.portal.staff.busy_desk import sends_link
from tests.portal.staff.people import PROVIDER

pytestmark = pytest.mark.long

LANGUAGES = ("en", "es")
BILL_DATES = (date(2026, 10, 16), date(2026, 11, 16))
NOW = datetime(2026, 12, 29, 18, 0, tzinfo=UTC)
"""Late enough for penalties of the first bill."""
READS = {date(2026, 9, 14): 80, date(2026, 10, 13): 100, date(2026, 11, 12): 112}
BASE_URL = "http://localhost"
_KEPT = re.compile(r"(%\(\w+\)[sd]|\{\w*\}|</?[a-z][^>]*>)")
_ACCENTED = str.maketrans("aeioucnyAEIOUCNY", "áéíóúçñýÁÉÍÓÚÇÑÝ")
_OPENING, _CLOSING = "⟦⟪", "⟧⟫"
_INLINE = {"a", "abbr", "b", "br", "em", "i", "small", "span", "strong", "svg", "use"}
_UNSEEN = {"script", "style", "[document]"}
_SPOKEN = ("title", "alt", "aria-label", "placeholder", "data-label", "aria-description")
_FORMATTERS = (
    (i18n, "format_currency"),
    (i18n, "format_date"),
    (i18n, "format_decimal"),
    (i18n, "format_time"),
    (values, "format_timedelta"),
)
_TYPED = re.compile(r"submit|button|reset")


# The made-up language.


def pseudo(text: str) -> str:
    """``Due %(date)s`` → ``⟦Dúé %(date)s⟧``: placeholders and tags stay as they are."""
    parts = _KEPT.split(text)
    return "⟦" + "".join(part if place % 2 else part.translate(_ACCENTED) for place, part in enumerate(parts)) + "⟧"


def pseudo_texts(value: Any) -> Any:
    """Every ``{"en": …, "es": …}`` of a JSON value with its Spanish in brackets."""
    if isinstance(value, dict):
        if set(value) == set(LANGUAGES) and all(isinstance(words, str) for words in value.values()):
            return {"en": value["en"], "es": pseudo(value["en"])}
        return {key: pseudo_texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [pseudo_texts(part) for part in value]
    return value


def write_catalog(folder: Path) -> None:
    """A Spanish catalog in which each string is its own English, in brackets."""
    catalog = Catalog(locale="es", fuzzy=False)
    for message in extracted():
        if message.id:
            words = tuple(map(pseudo, message.id)) if isinstance(message.id, tuple | list) else pseudo(message.id)
            catalog.add(message.id, words, context=message.context)
    path = folder / "translations" / "es" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


# What a reader sees.


def outside(text: str, data: Collection[str] = ()) -> list[str]:
    """Pieces of ``text`` that stand in no brackets and are no known fact; all of it when brackets do not match."""
    depth, pieces = 0, [""]
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            break
        if depth == 0 and character not in _CLOSING:
            pieces[-1] += character
        elif pieces[-1]:
            pieces.append("")
    if depth:
        return [f"brackets do not match: {text!r}"]
    return [piece.strip() for piece in pieces if any(map(str.isalnum, without(piece, data)))]


def without(piece: str, data: Collection[str]) -> str:
    for fact in sorted((fact for fact in data if fact and fact in piece), key=len, reverse=True):
        piece = re.sub(rf"(?<!\w){re.escape(fact)}(?!\w)", " ", piece)
    return piece


def naked(html: str, data: Collection[str] = ()) -> list[str]:
    """Everything that a page shows or says aloud outside of brackets, but what it says is no language itself."""
    soup = BeautifulSoup(html, "html.parser")
    for code in soup.select('[translate="no"]'):
        code.clear()
    found = [piece for block in _blocks(soup) for piece in outside(block, data)]
    for tag in soup.select("*"):
        for words in _attributes(tag):
            found += outside(words, data)
    return found


def _blocks(soup: BeautifulSoup) -> Iterator[str]:
    """The words of each element that is a block of its own, with those of the inline elements in it."""
    blocks: dict[int, list[str]] = {}
    for line_break in soup.find_all("br"):
        line_break.replace_with(" ")
    for node in soup.find_all(string=True):
        if type(node) is not NavigableString or node.parent is None or node.parent.name in _UNSEEN:
            continue
        block = next(tag for tag in node.parents if tag.name not in _INLINE)
        blocks.setdefault(id(block), []).append(str(node))
    return ("".join(words) for words in blocks.values())


def _attributes(tag: Tag) -> Iterator[str]:
    yield from (str(tag[name]) for name in _SPOKEN if tag.get(name))
    if tag.name == "input" and _TYPED.fullmatch(str(tag.get("type", ""))):
        yield str(tag.get("value", ""))


# The city in that language, and people who owe it something.


@dataclass
class Town:
    """The pseudo city: its application, a browser, what is not language, and which templates were shown."""

    app: Flask
    client: FlaskClient
    wired: Wiring
    city: City
    accounts: dict[str, int]
    data: set[str]
    outbox: Outbox
    shown: set[str] = field(default_factory=set)

    def seen(self, html: str) -> list[str]:
        return naked(html, self.data)


@pytest.fixture
def town(db: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    write_catalog(tmp_path)
    monkeypatch.setattr(i18n, "CHECKOUT", tmp_path)
    monkeypatch.setattr(i18n, "babel", Babel())  # the real one keeps the catalogs that it has read
    for name in ("_dollars", "_marked_dollars", "_number", "_day", "_hour"):  # they remember what they wrote before
        monkeypatch.setattr(i18n, name, getattr(i18n, name).__wrapped__)
    for module, name in _FORMATTERS:
        monkeypatch.setattr(module, name, _marked(getattr(module, name)))
    city = City.model_validate(pseudo_texts(shipped_city().model_dump(mode="json")))
    made = _town(db, city, tmp_path)
    with reading(db.sessions) as session:
        made.data |= facts_of(session, city)

    def note(_app: Flask, template: Any, **_: Any) -> None:
        made.shown.add(template.name)

    with template_rendered.connected_to(note, made.app):
        yield made


def _marked(format_: Callable[..., str]) -> Callable[..., str]:
    return lambda *given, **named: f"⟪{format_(*given, **named)}⟫"


def _town(db: TestDatabase, city: City, state: Path, *, training: bool = False) -> Town:
    approve(db.sessions, propose(db.sessions, city, "staff:maker"), "staff:checker")
    settings = Settings(
        mode=Mode.DEMO,
        database_url=db.app_url,
        secret_key="a secret key for tests, long enough to count",
        proof_key="a key of proofs for tests, long enough",
        base_url=BASE_URL,
        stripe_key="sk_test_none",
        stripe_api_base="http://127.0.0.1:9",
        state=state,
        staff_oidc=(PROVIDER,),
        training=training,
    )
    outbox = Outbox()
    gateway = StripeGateway(settings.stripe_key, ("whsec_none",), settings.stripe_api_base)
    wired = Wiring(
        settings, db.app, db.sessions, FixedClock(NOW), gateway, outbox, outbox,  # type: ignore[arg-type]
        city_seconds=math.inf,  # no page runs a statement more because the machine was slow
    )  # fmt: skip
    app = create_app(settings, wired)
    app.config["WTF_CSRF_ENABLED"] = False
    accounts = _people(db.sessions, wired)
    _add_broken_pages(app)
    client = app.test_client()
    client.set_cookie("language", "es")
    with reading(db.sessions) as session, client.session_transaction() as visit:
        references = session.execute(select(CustomerAccount.reference, CustomerAccount.id)).all()
        visit[PROVEN] = {row.reference: row.id for row in references}
    return Town(app, client, wired, city, accounts, set(map(language_name, LANGUAGES)), outbox)


def _people(sessions: Sessions, wired: Wiring) -> dict[str, int]:
    """A house with two bills, one of them late, a shop that renews too late, and a ticket."""
    actor, rules = clerk(sessions), wired.city()
    home = house(sessions, reads=READS)
    for day in BILL_DATES:
        bill_all(sessions, rules, day)
    penalize_late_bills(sessions, rules, NOW.date(), actor)
    shop = _shop(sessions)
    assess_renewals(sessions, rules, NOW.date(), actor)
    ticket = _ticket(sessions)
    fine_late_citations(sessions, rules, NOW.date(), actor)
    with transaction(sessions) as session:
        promise(session, {home: Money(10_00)}, now=NOW - timedelta(minutes=5))
    return {"home": home, "shop": shop, "ticket": ticket}


def _shop(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        new = open_account(session, AccountKind.LICENSE)
        session.add(License(customer_account_id=new.id, business_name="Panadería Luz", license_class="retail"))
        session.flush()
        term = LicenseTerm(customer_account_id=new.id, starts_on=date(2026, 7, 1), expires_on=date(2027, 6, 30))
        session.add(term)
        session.flush()
        declare(session, [Declared(term.id, Money(700_000_00))])
        return new.id


def _ticket(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        new = open_account(session, AccountKind.CITATION)
        session.add(
            Citation(
                customer_account_id=new.id, issued_at=datetime(2026, 9, 1, 17, 5, tzinfo=UTC),
                violation_code="88.13B", violation="Expired meter", location="200 Plaza Way", plate="8ABC123",
            )
        )  # fmt: skip
        session.flush()
        due = date(2026, 9, 22)
        fine = NewCharge(
            new.id, "parking", "fine", "100", "100-1210", "100-2900", Money(63_00),
            {"en": "Expired meter", "es": "⟦Éxpíréd métér⟧"}, due, due, due,
        )  # fmt: skip
        source = Source("test-bill", "ticket", "raise")
        raise_charges(
            session, [fine], source=source, kind="bill", effective_on=due, actor_id=actor_id(session, "system")
        )
        return new.id


def facts_of(session: Any, city: City) -> set[str]:
    """What is not language: names, numbers, addresses, authorities, and what the pricing engine says in Spanish."""
    identity = city.identity
    known = {
        "ana@example.com",
        identity.phone,
        identity.email,
        PROVIDER.label,
        *identity.address,
        ", ".join(identity.address),
        "8ABC123",
    }
    known |= {lookup.reference_example for lookup in city.lookups.values()}
    known |= {name for (name,) in session.execute(select(Customer.name))}
    known |= {masked_name(name) for name in known}
    cards = json.loads((Path(demo_pages.__file__).parent / "demo_cards.json").read_text())
    known |= {words for card in cards for words in (card["number"], card["outcome"]["es"])}
    references = [reference for (reference,) in session.execute(select(CustomerAccount.reference))]
    known |= {written for reference in references for written in (shown(reference), f"•••{reference[-3:]}")}
    known |= {masked_address(address) for (address,) in session.execute(select(Premises.address))}
    known |= {number for (number,) in session.execute(select(Bill.number))}
    known |= {words for (row,) in session.execute(select(Citation)) for words in (row.violation, row.location)}
    for (working,) in session.execute(select(Charge.working)):
        known |= {version["authority"] for version in working.get("versions", ())}
        known |= set(_engine_words(working))
    return known


def _engine_words(value: Any) -> Iterator[str]:
    """Texts of the pricing engine: they have both languages by their type, and are in no catalog."""
    if isinstance(value, dict):
        if set(value) == set(LANGUAGES):
            yield value["es"]
        for part in value.values():
            yield from _engine_words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _engine_words(part)


def _add_broken_pages(app: Flask) -> None:
    """``/broken/<place>`` fails in the way that ``_failures`` has at that place."""

    @app.get("/broken/<int:place>")
    @anyone
    def broken(place: int) -> str:
        failure = _failures()[place]
        if isinstance(failure, int):
            abort(failure)
        raise failure


def _failures() -> list[int | Exception]:
    refusals = [kind("refused") for kind in SENTENCES]
    return [400, 403, 404, 405, 413, 429, 500, 502, CSRFError("old"), RuntimeError("broken"), *refusals]


# The pages.


def test_no_page_of_the_window_shows_an_unmarked_word(town: Town) -> None:
    found = {name: town.seen(html) for name, html in _pages(town)}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_account_page_shows_an_unmarked_word(town: Town) -> None:
    found = {name: town.seen(html) for name, html in _account_pages(town)}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_page_behind_a_mailed_link_shows_an_unmarked_word(town: Town) -> None:
    town.data |= {"Rosa Díaz", "rosa@example.com", "r•••@example.com"}
    found = {name: town.seen(html) for name, html in _mailed_pages(town)}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_page_after_paying_shows_an_unmarked_word(town: Town) -> None:
    town.data |= _receipt_facts()
    found = {name: town.seen(html) for name, html in [*_payment_pages(town), *_receipt_pages(town)]}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_error_page_shows_an_unmarked_word(town: Town) -> None:
    reference = "a-request-id-for-tests"
    town.data.add(reference)
    for place, failure in enumerate(_failures()):
        answer = town.client.get(f"/broken/{place}", headers={"X-Request-Id": reference})
        assert answer.status_code >= 400
        assert town.seen(answer.text) == [], failure


def test_every_template_was_shown(town: Town) -> None:
    for pages in (_pages, _mailed_pages, _account_pages, _payment_pages, _receipt_pages):
        list(pages(town))
    for place in range(len(_failures())):
        town.client.get(f"/broken/{place}")
    folder = Path(town.app.template_folder or "")
    pages_of = {
        str(path.relative_to(folder)) for part in ("public", "errors") for path in (folder / part).rglob("*.html")
    }
    assert {name for name in pages_of if not Path(name).name.startswith("_")} - town.shown == set()


def _pages(town: Town) -> Iterator[tuple[str, str]]:
    _leave_messages(town.wired.settings.state)
    found = ["/", "/help", "/privacy", "/pay", "/pay/code", "/pay/code/enter", "/find-my-number", "/basket"]
    for address in [*found, "/find-my-number/asked", "/demo", "/demo/messages/receipt", "/demo/messages/texts-0"]:
        answer = town.client.get(address)
        assert answer.status_code == 200, address
        yield address, answer.text
    long, card = "x" * 300, "4242 4242 4242 4242"
    forms = {
        "/pay": [
            {},
            {"number": long, "proof": card, "zip_code": long},
            {"number": "1", "proof": "2", "zip_code": card},
        ],
        "/pay/code": [{}, {"number": long}],
        "/pay/code/enter": [{}, {"number": "1", "code": "2"}, {"number": card, "code": long}],
        "/find-my-number": [{}, {"name": long, "address": card}],
    }
    for address, sent in forms.items():
        for data in sent:
            answer = town.client.post(address, data=data)
            assert answer.status_code == 422, address
            yield f"{address} {data}", answer.text
    town.wired.clock = SystemClock()  # misses are counted by the database's clock
    for _ in range(12):
        answer = town.client.post("/pay", data={"number": "10-000000-01", "proof": "2"})
    assert answer.status_code == 429
    yield "too many guesses", answer.text


def _mailed_pages(town: Town) -> Iterator[tuple[str, str]]:
    home = town.accounts["home"]
    yield from asking_pages(town.client, town.wired, home)
    yield from message_pages(town.client, town.wired, home)


def _account_pages(town: Town) -> Iterator[tuple[str, str]]:
    for name, account in town.accounts.items():
        address = _address_of(town, account)
        for query in ("", "?corrected=1"):
            answer = town.client.get(address + query)
            assert answer.status_code == 200, name
            yield name + query, answer.text
        for data in ({}, {"choice": "other"}, {"choice": "other", "other": "a lot"}, {"choice": "none of these"}):
            yield f"{name} {data}", town.client.post(address, data=data).text
        if name == "home":
            bill = town.client.get(f"{address}/bill")
            assert bill.status_code == 200, name
            yield f"{name}'s bill", bill.text
        paid = town.client.post(address, data={"choice": "total"})
        assert paid.status_code == 303, BeautifulSoup(paid.text, "html.parser").h1
    for data in ({}, {"email": "nobody"}, {"email": f"{'x' * 300}@example.com"}):
        answer = town.client.post("/basket", data=data) if data else town.client.get("/basket")
        yield f"basket {data}", answer.text


def _address_of(town: Town, account: int) -> str:
    with reading(town.wired.sessions) as session:
        return f"/accounts/{session.get_one(CustomerAccount, account).reference}"


def _payment_pages(town: Town) -> Iterator[tuple[str, str]]:
    attempt = AttemptPage(
        attempt_id="pa_1", token="token", state=State.OPEN, total=Money(10_00), language="es",
        session_url=None, expires_at=NOW, created_at=NOW, receipt_token=None, basket_digest=None,
    )  # fmt: skip
    for state in State:
        for unheard in (False, True):
            words = {"attempt": replace(attempt, state=state), "unheard": unheard, "resume": None}
            yield f"{state} {unheard}", _rendered(town, "public/payments/show.html", **words)
    yield from _link_pages(town)
    yield "canceled", _rendered(town, "public/payments/canceled.html", attempt=attempt, resume=None)


def _link_pages(town: Town) -> Iterator[tuple[str, str]]:
    """A link to pay, as who was sent it finds it."""
    with transaction(town.wired.sessions) as session:
        may = frozenset({Permission.WINDOW_TAKE, Permission.ACCOUNTS_SEE})
        clerk = Authority(actor_id(session, "staff:clara"), "staff:clara", may)
    _id, token = sends_link(town.wired, clerk, town.accounts["ticket"], 10_00)
    answer = town.client.get(f"/l/{token}")
    assert answer.status_code == 200
    yield "link to pay", answer.text


def _receipt_pages(town: Town) -> Iterator[tuple[str, str]]:
    with town.app.test_request_context("/", headers={"Cookie": "language=es"}):
        views = [receipt_view(receipt, town.city, "es", BASE_URL) for receipt in _receipts()]
        sentences = [reversed_sentence(view) for view in views]
    for view, sentence in zip(views, sentences, strict=True):
        words = {"receipt": view, "reversed_sentence": sentence, "just_paid": True}
        yield f"receipt {view.tender}", _rendered(town, "public/receipts/show.html", **words)
        yield f"verify {view.tender}", _rendered(town, "public/receipts/verify.html", **words)
    yield "no receipt", _rendered(town, "public/receipts/verify.html", receipt=None, reversed_sentence="")


def _rendered(town: Town, template: str, **words: Any) -> str:
    with town.app.test_request_context("/", headers={"Cookie": "language=es"}):
        return render_template(template, **words)


def _receipts() -> list[ReceiptPage]:
    """By card, bank and cash, chosen and not, one of them reversed."""
    tenders: Sequence[dict[str, str]] = (
        {"kind": "card", "brand": "visa", "last4": "4242"},
        {"kind": "card", "brand": "unknown", "last4": "4242"},
        {"kind": "bank_debit", "last4": "6789"},
        {"kind": "card"},
        {"kind": "bank_debit"},
        {"kind": "cash"},
        {"kind": "check"},
    )
    pages = [
        samples.page(pseudo_texts(samples.three_kinds() | {"tender": tender}), language="es", channel=channel)
        for tender in tenders
        for channel in ("web", "counter")
    ]
    no_authority = pseudo_texts(samples.three_kinds() | {"policy": {"version": "2020-1", "authority": ""}})
    return [*pages, samples.page(no_authority, language="es", reversed_at=NOW)]


def _receipt_facts() -> set[str]:
    page = _receipts()[0]
    return {page.number, "Visa", "4242", page.content.policy_authority}


# Mail, texts and paper.


def test_no_receipt_by_mail_or_on_paper_holds_an_unmarked_word(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "gsm_7", lambda text: text)
    addresses = {part for receipt in _receipts() for part in _links(town, receipt)}
    contact = {"www.rioclaro.example", town.city.identity.phone}
    for receipt in _receipts():
        with town.app.app_context():
            mail = receipt_mail(receipt, town.city, BASE_URL)
            text = receipt_text(receipt, town.city, BASE_URL)
            paper = receipt_pdf(receipt, town.city, "es", BASE_URL)
        data = town.data | _receipt_facts() | addresses | contact
        assert _mail_naked(mail, data) == []
        assert outside(text, data) == []
        assert _paper_naked(paper, data) == []


@pytest.mark.parametrize("code", ["12345678", ""])
def test_no_answer_to_a_look_up_holds_an_unmarked_word(town: Town, code: str) -> None:
    contact = Contact(1, "utility", "U0000000017", "ana@example.com", "", "es")
    with town.app.app_context(), force_locale(locale_name("es")):
        jobs._tell(town.wired, contact, code, 1)
        jobs._tell(town.wired, replace(contact, email="", phone="(209) 555-0101"), code, 2)
    data = town.data | {code, shown(contact.reference), f"{BASE_URL}/pay"}
    (mail,), ((_, text),) = town.outbox.mails, town.outbox.texts
    assert _mail_naked(mail, data) == []
    assert outside(text, data) == []


def _links(town: Town, receipt: ReceiptPage) -> set[str]:
    with town.app.app_context():
        view = receipt_view(receipt, town.city, "es", BASE_URL)
    return {view.page_url, view.pdf_url, view.verify_url}


def _mail_naked(mail: EmailMessage, data: Collection[str]) -> list[str]:
    found = outside(str(mail["Subject"]), data)
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            found += naked(part.get_content(), data)
        elif part.get_content_type() == "text/plain":
            found += outside(part.get_content(), data)
        elif part.get_filename():
            found += outside(part.get_filename(), data)
    return found


def _paper_naked(paper: bytes, data: Collection[str]) -> list[str]:
    reader = PdfReader(io.BytesIO(paper))
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    return outside(words, data)


# It can fail.


CAUGHT = {
    "<p>Nobody marked this.</p>": ["Nobody marked this."],
    "<p>{{ _('Help') }} <a href='/'>and this</a></p>": ["and this"],
    "<p>{{ _('Help') }}<br>and that</p>": ["and that"],
    "<img src='/seal.svg' alt='A seal'>": ["A seal"],
    "<nav aria-label='Menu'></nav>": ["Menu"],
    "<input type='submit' value='Send'>": ["Send"],
    "<table><tr><td data-label='Amount'>$1</td></tr></table>": ["$1", "Amount"],
    "<p>{{ _('Help') }} {{ city.phone }} {{ today|long_date }}</p>": [],
}


def test_an_unmarked_word_is_caught(town: Town) -> None:
    begin, end = "{% extends 'layouts/public.html' %}{% block content %}<h1>{{ _('Help') }}</h1>", "{% endblock %}"
    pages = {f"broken{place}.html": begin + markup + end for place, markup in enumerate(CAUGHT)}
    town.app.jinja_env.loader = ChoiceLoader([DictLoader(pages), town.app.jinja_env.loader])
    for page, caught in zip(pages, CAUGHT.values(), strict=True):
        assert town.seen(_rendered(town, page, today=date(2026, 6, 3))) == caught


def test_a_text_of_the_city_without_spanish_is_caught(town: Town) -> None:
    assert outside("⟦Dúé⟧ Water", town.data) == ["Water"]
    assert outside("⟦cut off", town.data) == ["brackets do not match: '⟦cut off'"]


def _leave_messages(state: Path) -> None:
    """A mail and a text for the demo's page, in the made-up language."""
    (state / "mail").mkdir(exist_ok=True)
    (state / "texts").mkdir(exist_ok=True)
    mail = EmailMessage()
    mail["To"], mail["Subject"] = "ana@example.com", "⟦Réçéípt⟧"
    mail.set_content("⟦Thánk ýóú.⟧")
    (state / "mail" / "receipt.eml").write_bytes(bytes(mail))
    (state / "texts" / "texts.jsonl").write_text('{"to": "⟪+12095550101⟫", "body": "⟦Ýóúr çódé⟧"}\n')
