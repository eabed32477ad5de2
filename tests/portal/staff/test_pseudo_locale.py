"""No page of the back office shows a word that nobody can translate: as ``tests.portal.test_pseudo_locale``, over
every page of every route, and over every form that is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import text

from accounts.cities.rules import City
from accounts.database import reading
from portal.documents.receipt_words import BRANDS
from tests.portal.staff.busy_office import Office, Places, everything, furnish
from tests.portal.staff.busy_seats import SEATS
from tests.portal.staff.people import signed_in
from tests.portal.test_pseudo_locale import Town, facts_of, pseudo, town, without

pytestmark = pytest.mark.long

__all__ = ["town"]
_NOT_LANGUAGE = re.compile(r"<kbd[^>]*>[^<]*</kbd>|<code[^>]*>.*?</code>|<(\w+) translate=\"no\">.*?</\1>", re.DOTALL)
"""Keys, what is to be copied to the letter, and words of the machine."""
_FACTS = text("""
    SELECT display_name FROM actors UNION SELECT phone FROM customers UNION SELECT address FROM premises
     UNION SELECT concat(address, ', ', state, ' ', zip_code) FROM premises
     UNION SELECT concat(series, '-', year, '-', lpad(number::text, 6, '0')) FROM receipts
     UNION SELECT last_name FROM customers UNION SELECT username FROM staff_sign_ins UNION SELECT serial FROM meters
     UNION SELECT bank_reference FROM lockbox_files UNION SELECT number FROM cases
     UNION SELECT reason FROM staff_grants UNION SELECT handle FROM actors""")
_NOT_OURS = {
    "BAI2",
    "CCF",
    "CF",
    "CSV",
    "GAL",
    "JSON",
    "PDF",
    "POST",
    "XLSX",
    "PK-101",
    "PK-102",
    "usd",
    "pi_3Px",
    "W1-2026-000018",
    "Días cobrados",
    "Cuántos días",
}
"""Units of meters, forms of files, words of protocols, and texts that have both languages by their type."""
CARD = "4242 4242 4242 4242"


@dataclass
class Busy:
    """The office in the made-up city, and a browser for each of its seats."""

    town: Town
    office: Office
    seats: Mapping[str, FlaskClient]

    def opened(self) -> Iterator[tuple[str, str, Any]]:
        """Every page with the seat that opens it; what a resident reads is read in Spanish too."""
        for seat, path in self.office.pages():
            address = f"{path}?language=es" if path.endswith("/as-resident") else path
            answer = self.seats[seat].get(address)
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            yield seat, path, answer


@pytest.fixture
def busy(town: Town) -> Busy:
    places = Places(town.accounts["home"], town.accounts["shop"], town.accounts["ticket"])
    office = furnish(town.wired, places, pseudo)
    seats = {name: _seat(town, name) for name in SEATS}
    with reading(town.wired.sessions) as session:
        town.data |= facts_of(session, town.city) | {fact for fact in session.scalars(_FACTS) if fact}
    town.data |= set(everything(office).values()) | set(BRANDS.values()) | _NOT_OURS | _named_by(town.city)
    return Busy(town, office, seats)


def _named_by(city: City) -> set[str]:
    """The city's names for tills and for why a bank sends something back, and by which authority its figures are."""
    reasons = {reason.code for policy in city.return_policies for reason in policy.reasons}
    return {till.code for till in city.tills} | reasons | set(_authorities(city.model_dump(mode="json")))


def _authorities(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(part) for name, part in value.items() if name == "authority" and isinstance(part, str))
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _authorities(part)


def _seat(town: Town, name: str) -> FlaskClient:
    client = town.app.test_client()
    client.set_cookie("language", "es")
    if name:
        began = signed_in(town.wired.sessions, town.wired.clock, name=name)
        with client.session_transaction() as kept:
            kept["_user_id"], kept["last_actor"] = began.token, began.actor_id
    return client


def test_no_page_of_the_back_office_shows_an_unmarked_word(busy: Busy) -> None:
    found = {path: _naked(busy.town, answer.text) for _seat, path, answer in busy.opened()}
    assert {path: words for path, words in found.items() if words} == {}


def test_no_refused_form_shows_an_unmarked_word(busy: Busy) -> None:
    found, refused = {}, 0
    for seat, _path, page in busy.opened():
        for action, data in _filled(page.text):
            answer = busy.seats[seat].post(action, data=data)
            assert answer.status_code == 422, (action, answer.status_code)
            found[action] = _naked(busy.town, answer.text)
            refused += 1
    assert refused > 20
    assert {path: words for path, words in found.items() if words} == {}


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
    apart = _NOT_LANGUAGE.sub("", html).replace("</span>", "</span> ").replace("</a>", "</a> ")
    return [words for words in town.seen(apart) if any(map(str.isalpha, without(words, town.data)))]
