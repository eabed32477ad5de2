"""Every page of the back office keeps the rules of the house, in both languages, with something real on it.

The browser's tests look at the same pages with axe; this is what needs no browser: markup, names of fields, words,
keys, and that no page asks the database too often.
"""

from __future__ import annotations

import pytest

from portal.config import STRIPE_ORIGIN
from tests.page_client import PageClient
from tests.portal.staff.busy_seats import NO_PAGES
from tests.portal.staff.routes import STAFF_ROUTES
from tests.portal.staff.test_pseudo_locale import Busy, busy, town

pytestmark = pytest.mark.long

__all__ = ["busy", "town"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_keeps_the_rules_of_the_house(busy: Busy, language: str) -> None:
    busy.town.app.config["WTF_CSRF_ENABLED"] = True
    clients = {seat: PageClient(busy.town.app, busy.town.wired.engine, STRIPE_ORIGIN) for seat in busy.seats}
    for seat, browser in busy.seats.items():
        browser.set_cookie("language", language)
        clients[seat].browser = browser
    for seat, path in busy.office.pages():
        is_theirs = path.endswith("/as-resident")  # in the language of the resident
        clients[seat].get(path, lang=language, reads="en" if is_theirs else None)


def test_what_is_no_page_is_a_route() -> None:
    assert NO_PAGES.keys() <= STAFF_ROUTES.keys()
