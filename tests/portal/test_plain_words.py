"""Every page can be read by anybody: measured over its sentences of eight words or more, in both languages.

English by the automated readability index (at most 7: a reader of twelve), Spanish by Fernández-Huerta (at least 70:
"fairly easy"). Legal texts are left out: they stand in an element with ``data-legal``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import textstat
from bs4 import BeautifulSoup, NavigableString
from flask import render_template

from accounts.customer_accounts.models import CustomerAccount
from accounts.database import reading
from payments.attempts.queries import AttemptPage
from payments.attempts.rules import State
from portal.documents.receipt import receipt_view, reversed_sentence
from portal.messages import SENTENCES, sentence
from portal.receipts import receipt_mail
from tests.database import TestDatabase
from tests.payments.receipts import samples
from tests.portal.scene import shipped_city
from tests.portal.test_pseudo_locale import BASE_URL, NOW, Town, _town

EASY_ENGLISH = 7.0
EASY_SPANISH = 70.0
SHORTEST = 8
CITATIONS = ("Rule:", "Norma:")
BLOCKS = {"p", "li", "h1", "h2", "h3", "dd", "dt", "td", "th", "label", "legend", "span", "caption", "div", "a"}
"""Elements whose words make sentences of their own; what is inline in them belongs to them."""
OF_THE_LAYOUT = "header, footer, nav, .demo-banner, script, style"
"""The same on every page: measured once, with the home page."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def sentences(html: str, *, whole: bool = False) -> list[str]:
    """Sentences of a page, of eight words or more."""
    soup = BeautifulSoup(html, "html.parser")
    for part in soup.select("[data-legal], script, style" if whole else f"[data-legal], head, {OF_THE_LAYOUT}"):
        part.decompose()
    found: list[str] = []
    for block in _blocks(soup):
        found += plain_sentences(block)
    return list(dict.fromkeys(found))


def plain_sentences(text: str) -> list[str]:
    """Sentences of a text, of eight words or more. A period inside of a number or of ``a.m.`` ends none.

    A citation of law ("Rule: Resolution 2019-102 …") is a reference, not a sentence.
    """
    folded = re.sub(r"\b([ap])\.m\.", r"\1m", " ".join(text.split()))
    pieces = re.split(r"(?<=[.!?])\s+(?=[¿¡\w])", folded)
    return [piece for piece in pieces if len(_WORD.findall(piece)) >= SHORTEST and not piece.startswith(CITATIONS)]


def _blocks(soup: BeautifulSoup) -> Iterator[str]:
    blocks: dict[int, list[str]] = {}
    for node in soup.find_all(string=True):
        if type(node) is NavigableString and node.parent is not None:
            owner = next(tag for tag in node.parents if tag.name not in {"a", "strong", "em", "b", "span", "br"})
            blocks.setdefault(id(owner), []).append(str(node))
    return (" ".join(words) for words in blocks.values())


def measure(found: list[str], language: str) -> float:
    """The page's figure: of all its sentences together."""
    textstat.set_lang(language)
    text = " ".join(sentence if sentence[-1] in ".!?" else f"{sentence}." for sentence in found)
    if language == "en":
        return float(textstat.automated_readability_index(text))
    return float(textstat.fernandez_huerta(text))


def is_plain(figure: float, language: str) -> bool:
    return figure <= EASY_ENGLISH if language == "en" else figure >= EASY_SPANISH


@pytest.fixture
def town(db: TestDatabase, tmp_path: Path) -> Town:
    return _town(db, shipped_city(), tmp_path)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_in_plain_words(town: Town, language: str) -> None:
    figures = {name: (measure(found, language), found) for name, found in _pages(town, language) if found}
    assert len(figures) > 12
    for name, (figure, _) in sorted(figures.items()):
        print(f"{language} {name}: {figure:.1f}")  # noqa: T201 - shown with -s: the figures of each page
    assert {name: found for name, found in figures.items() if not is_plain(found[0], language)} == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_refusal_is_in_plain_words(town: Town, language: str) -> None:
    with town.app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        found = {kind.__name__: plain_sentences(sentence(kind("refused"))) for kind in SENTENCES}
    figures = {name: (measure(words, language), words) for name, words in found.items() if words}
    everything = [words for refusal in found.values() for words in refusal]
    assert is_plain(measure(everything, language), language), figures


def _pages(town: Town, language: str) -> Iterator[tuple[str, list[str]]]:
    town.client.set_cookie("language", language)
    addresses = ["/help", "/privacy", "/pay", "/pay/code", "/pay/code/enter", "/find-my-number", "/basket", "/demo"]
    yield "/", sentences(town.client.get("/").text, whole=True)
    for address in [*addresses, "/find-my-number/asked", "/nowhere", "/broken/6", "/broken/8"]:
        yield address, sentences(town.client.get(address, headers={"X-Request-Id": "12345678"}).text)
    for name, account in town.accounts.items():
        with reading(town.wired.sessions) as session:
            address = f"/accounts/{session.get_one(CustomerAccount, account).reference}"
        yield name, sentences(town.client.get(f"{address}?corrected=1").text)
        assert town.client.post(address, data={"choice": "total"}).status_code == 303
    yield "full basket", sentences(town.client.get("/basket").text)
    yield from _payments(town, language)
    yield from _receipts(town, language)


def _payments(town: Town, language: str) -> Iterator[tuple[str, list[str]]]:
    for state in (State.OPEN, State.PROCESSING, State.UNKNOWN, State.EXPIRED, State.FAILED):
        attempt = AttemptPage("pa_1", "token", state, samples.page().total, language, None, NOW, NOW, None, None)
        words = {"attempt": attempt, "unheard": False, "resume": None}
        yield f"payment {state.value}", sentences(_rendered(town, language, "public/payments/show.html", **words))
    yield "canceled", sentences(_rendered(town, language, "public/payments/canceled.html", **words))


def _receipts(town: Town, language: str) -> Iterator[tuple[str, list[str]]]:
    for name, receipt in (("good", samples.page(language=language)), ("reversed", samples.page(reversed_at=NOW))):
        with town.app.test_request_context("/", headers={"Cookie": f"language={language}"}):
            view = receipt_view(receipt, town.city, language, BASE_URL)
            words = {"receipt": view, "reversed_sentence": reversed_sentence(view), "just_paid": True}
        yield f"receipt {name}", sentences(_rendered(town, language, "public/receipts/show.html", **words))
        yield f"verify {name}", sentences(_rendered(town, language, "public/receipts/verify.html", **words))
        with town.app.app_context():
            mail = receipt_mail(replace(receipt, language=language), town.city, BASE_URL).get_body(("html",))
        yield f"mail {name}", sentences(mail.get_content() if mail else "", whole=True)
    nothing = {"receipt": None, "reversed_sentence": ""}
    yield "verify none", sentences(_rendered(town, language, "public/receipts/verify.html", **nothing))


def _rendered(town: Town, language: str, template: str, **words: Any) -> str:
    with town.app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        return render_template(template, **words)


# The measure itself.


def test_short_labels_and_legal_texts_are_not_measured() -> None:
    legal = "<p data-legal>Notwithstanding any other provision of law whatsoever, nothing herein shall be waived.</p>"
    assert sentences(f"<p>Pay your bill.</p>{legal}") == []
    assert sentences("<p>You can pay <a>here</a> with your number and <b>a code</b>. Do it.</p>") == [
        "You can pay here with your number and a code ."
    ]


@pytest.mark.parametrize(
    ("language", "hard", "easy"),
    [
        (
            "en",
            "Remuneration of outstanding obligations necessitates authentication of identifying documentation.",
            "You can pay what you owe with your number and a code.",
        ),
        (
            "es",
            "La regularización de obligaciones pecuniarias requiere autenticación de documentación identificativa.",
            "Usted puede pagar lo que debe con su número y un dato más.",
        ),
    ],
)
def test_hard_sentences_are_caught(language: str, hard: str, easy: str) -> None:
    assert not is_plain(measure([hard], language), language)
    assert is_plain(measure([easy], language), language)
