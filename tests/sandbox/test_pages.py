"""The hosted page as a person without JavaScript meets it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from bs4 import BeautifulSoup

from sandbox import words
from tests.sandbox.sessions import CANCEL, open_session
from tests.sandbox_server import GOOD_CARD, TIMEOUT, Sandbox, card_fields, pay_hosted_page


def fetch(url: str, language: str = "en") -> BeautifulSoup:
    """A page, with the house rules checked."""
    answer = requests.get(url, headers={"Accept-Language": language}, timeout=TIMEOUT)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "script-src" not in policy
    page = BeautifulSoup(answer.text, "html.parser")
    assert len(page.find_all("h1")) == 1
    assert page.title
    assert page.find("h1").text in page.title.text
    for field in page.select("input:not([type=hidden])"):
        assert page.find("label", attrs={"for": field["id"]})
        assert field["autocomplete"] == "off"
    assert page.find("script") is None
    return page


def test_phrases_are_the_same_in_both_languages() -> None:
    assert words.EN.keys() == words.ES.keys()
    for name, phrase in words.EN.items():
        blanks = re.findall(r"\{\w+\}", phrase)
        assert sorted(blanks) == sorted(re.findall(r"\{\w+\}", words.ES[name]))


@pytest.mark.parametrize(
    ("locale", "browser", "lang"),
    [("es-419", "en", "es"), ("es", "en", "es"), ("en", "es", "en"), ("auto", "es-US", "es"), (None, "fr", "en")],
)
def test_language(sandbox: Sandbox, locale: str | None, browser: str, lang: str) -> None:
    session = open_session(sandbox, **({"locale": locale} if locale else {}))
    page = fetch(session.url, browser)
    assert page.html
    assert page.html["lang"] == lang
    assert words.LANGUAGES[lang]["sandbox"] in page.text
    assert page.find("button").text == words.LANGUAGES[lang]["pay"].format(total="$123.45")


def test_shows_merchant_lines_and_total(sandbox: Sandbox) -> None:
    items = [
        {"quantity": 2, "price_data": {"currency": "usd", "unit_amount": 1_150, "product_data": {"name": "Permit"}}},
        {"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 100_000, "product_data": {"name": "Tax"}}},
    ]
    page = fetch(open_session(sandbox, line_items=items).url)
    text = page.find("main").get_text(" ", strip=True)
    for piece in ("Example City", "Permit", "Quantity: 2", "$23.00", "$1,000.00", "$1,023.00"):
        assert piece in text
    assert page.find("a", href=CANCEL)


def test_success_leads_back_with_the_session_id(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    assert pay_hosted_page(session.url) == f"http://localhost:8000/return?session_id={session.id}"
    found = sandbox.client().v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    assert found.payment_intent.metadata.to_dict() == {"attempt_id": "A1"}
    assert sandbox.charges_by_attempt() == {"A1": 1}


@pytest.mark.parametrize(
    ("card", "phrase"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000009987", "generic_decline"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4000000000000119", "processing_error"),
        ("4000000000006975", "card_velocity_exceeded"),
        ("4000008400001629", "generic_decline"),
    ],
)
def test_decline_leaves_the_session_open(sandbox: Sandbox, card: str, phrase: str) -> None:
    session = open_session(sandbox, locale="es")
    with pytest.raises(AssertionError, match=re.escape(words.ES[phrase])):
        pay_hosted_page(session.url, card)
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).status == "open"
    assert pay_hosted_page(session.url)
    assert sandbox.charges_by_attempt() == {"A1": 1}


def test_a_real_looking_number_is_refused_and_not_repeated(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    answer = requests.post(session.url, data=card_fields("4539578763621486"), timeout=TIMEOUT)
    assert answer.status_code == 422
    assert words.EN["number_wrong"] in answer.text.replace("&#39;", "'")
    assert "4539578763621486" not in answer.text
    assert "Ana Prueba" in answer.text


def test_wrong_fields_are_named_in_a_summary(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    typed = card_fields(exp="01 / 20", cvc="1", name="", zip="9")
    answer = requests.post(session.url, data=typed, timeout=TIMEOUT)
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.title
    assert page.title.text.startswith("Error:")
    assert [link["href"] for link in page.select(".summary a")] == ["#exp", "#cvc", "#name", "#zip"]
    for name in ("exp", "cvc", "name", "zip"):
        assert page.find(id=name)["aria-invalid"] == "true"


def test_authentication(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    with pytest.raises(AssertionError, match="could not confirm"):
        pay_hosted_page(session.url, "4000002760003184", authenticate=False)
    assert session.id in pay_hosted_page(session.url, "4000000000003220")


def test_two_tabs_pay_once(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    assert pay_hosted_page(session.url)
    answer = requests.post(session.url, data=card_fields(), timeout=TIMEOUT, allow_redirects=False)
    assert "already been made" in answer.text
    assert sandbox.charges_by_attempt() == {"A1": 1}


def test_tabs_at_the_same_moment_pay_once(sandbox: Sandbox) -> None:
    session = open_session(sandbox)

    def post(_: int) -> int:
        return requests.post(session.url, data=card_fields(), timeout=TIMEOUT, allow_redirects=False).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(post, range(4)))
    assert statuses == [200, 200, 200, 303]
    assert sandbox.charges_by_attempt() == {"A1": 1}


def test_expired_page_says_so_and_leads_back(sandbox: Sandbox) -> None:
    session = open_session(sandbox, locale="es-419")
    sandbox.advance(days=1, minutes=1)
    page = fetch(session.url)
    assert page.find("h1").text == words.ES["expired_title"]
    assert page.find("a", href=CANCEL)
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_unknown_session(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/c/pay/cs_test_none", timeout=TIMEOUT).status_code == 404


def test_setup_keeps_the_card(sandbox: Sandbox) -> None:
    client = sandbox.client()
    customer = client.v1.customers.create({})
    params = {
        "mode": "setup",
        "currency": "usd",
        "customer": customer.id,
        "success_url": "http://localhost:8000/kept",
    }
    session = client.v1.checkout.sessions.create(params)
    assert words.EN["save"] in fetch(session.url).find("button").text
    assert pay_hosted_page(session.url, "4000002500003155") == "http://localhost:8000/kept"
    (kept,) = client.v1.payment_methods.list({"customer": customer.id}).data
    params = {"amount": 500, "currency": "usd", "customer": customer.id, "payment_method": kept.id}
    paid = client.v1.payment_intents.create({**params, "off_session": True, "confirm": True})
    assert paid.status == "succeeded"


def test_policy_lets_the_form_lead_to_the_success_page(sandbox: Sandbox) -> None:
    answer = requests.get(open_session(sandbox).url, timeout=TIMEOUT)
    assert "form-action 'self' http://localhost:8000" in answer.headers["Content-Security-Policy"]


def test_no_card_number_is_kept(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    pay_hosted_page(open_session(sandbox).url)
    files = sandbox.server.world.settings.store.parent.glob("sandbox.sqlite3*")
    assert all(GOOD_CARD.encode() not in file.read_bytes() for file in files)
    assert GOOD_CARD not in caplog.text
