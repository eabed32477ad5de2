"""No page of the back office shows a word that nobody can translate: as ``tests.portal.test_pseudo_locale``, over
every page of every route, and over every form that is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import text

from accounts.database import reading
from tests.portal.staff.busy_office import CHIEF, Office, Places, everything, furnish
from tests.portal.staff.people import signed_in
from tests.portal.test_pseudo_locale import Town, facts_of, pseudo, town, without

pytestmark = pytest.mark.long

__all__ = ["town"]
_NOT_LANGUAGE = re.compile(r"<kbd[^>]*>[^<]*</kbd>|<code[^>]*>.*?</code>", re.DOTALL)
"""Keys, and what is to be copied to the letter."""
_FACTS = text("""
    SELECT display_name FROM actors UNION SELECT phone FROM customers UNION SELECT address FROM premises
     UNION SELECT concat(address, ', ', state, ' ', zip_code) FROM premises
     UNION SELECT concat(series, '-', year, '-', lpad(number::text, 6, '0')) FROM receipts
     UNION SELECT last_name FROM customers UNION SELECT username FROM staff_sign_ins UNION SELECT serial FROM meters
     UNION SELECT reason FROM staff_grants UNION SELECT handle FROM actors""")
_NOT_OURS = {
    "CCF",
    "Visa",
    "Mastercard",
    "PK-101",
    "PK-102",
    "usd",
    "pi_3Px",
    "W1-2026-000018",
    "Días cobrados",
    "Cuántos días",
}
"""Units of meters and of the processor, and texts that have both languages by their type."""
CARD = "4242 4242 4242 4242"


@pytest.fixture
def office(town: Town) -> Office:
    places = Places(town.accounts["home"], town.accounts["shop"], town.accounts["ticket"])
    made = furnish(town.wired, places, pseudo)
    with town.client.session_transaction() as kept:
        began = signed_in(town.wired.sessions, town.wired.clock, name=CHIEF)
        kept["_user_id"], kept["last_actor"] = began.token, began.actor_id
    with reading(town.wired.sessions) as session:
        town.data |= facts_of(session, town.city) | {fact for fact in session.scalars(_FACTS) if fact}
    town.data |= set(everything(made).values()) | _NOT_OURS
    return made


@pytest.mark.xfail(
    reason="some pages of the window still show codes and authorities of the city unmarked", strict=True
)
def test_no_page_of_the_back_office_shows_an_unmarked_word(town: Town, office: Office) -> None:
    found = {path: _naked(town, answer.text) for path, answer in _opened(town, office)}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.xfail(reason="some refusals at the window still show codes of the city unmarked", strict=True)
def test_no_refused_form_shows_an_unmarked_word(town: Town, office: Office) -> None:
    found, refused = {}, 0
    for path, page in _opened(town, office):
        for action, data in _filled(page.text):
            answer = _client(town, path).post(action, data=data)
            assert answer.status_code == 422, (action, answer.status_code)
            found[action] = _naked(town, answer.text)
            refused += 1
    assert refused > 20
    assert {path: words for path, words in found.items() if words} == {}


def _opened(town: Town, office: Office) -> Iterator[tuple[str, Any]]:
    """Every page; what a resident reads is read in Spanish too."""
    for route, path in office.pages():
        address = f"{path}?language=es" if path.endswith("/as-resident") else path
        answer = _client(town, path, is_open=route.is_open).get(address)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        yield path, answer


def _client(town: Town, path: str, *, is_open: bool = False) -> FlaskClient:
    if not is_open and not path.startswith(("/staff/sign-in", "/staff/invitations")):
        return town.client
    stranger = town.app.test_client()
    stranger.set_cookie("language", "es")
    return stranger


def _filled(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The page's own forms, with a card number in each field of words: nothing takes that."""
    for form in BeautifulSoup(html, "html.parser").select("main form[method=post]"):
        words = form.select('input[type="text"], input[type="email"], textarea')
        sent = form.select('input[type="hidden"], button[name]:first-of-type, input[type="radio"]:checked')
        given = {str(one["name"]): str(one.get("value", "")) for one in sent}
        for one in form.select("select"):
            chosen = one.select_one("option[selected]") or one.select_one("option")
            given[str(one["name"])] = str(chosen["value"]) if chosen else ""
        if words:
            yield str(form["action"]), given | {str(one["name"]): CARD for one in words}


def _naked(town: Town, html: str) -> list[str]:
    """Words outside of brackets; digits alone are the same in every language."""
    apart = _NOT_LANGUAGE.sub("", html).replace("</span>", "</span> ")
    return [words for words in town.seen(apart) if any(map(str.isalpha, without(words, town.data)))]
