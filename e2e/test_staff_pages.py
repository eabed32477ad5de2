"""Every page of the back office is for everybody: axe, the right language, one heading, no scrolling sideways.

Pages come from the table of routes and things from a busy office, so that a new route is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from demo.city import Size
from e2e import looking
from e2e.clerks import gets_session
from e2e.conftest import LOCALES
from e2e.people import Person
from e2e.window import Window
from tests.portal.staff.busy_office import Office, furnish, places_in
from tests.portal.staff.busy_seats import NO_PAGES, SEATS, seat_of
from tests.portal.staff.routes import STAFF_ROUTES

CITY = Size(utilities=60, licenses=12, citations=12)
WIDTHS = {"desk": (1280, 900), "tablet": (820, 1180), "phone": (360, 740)}
PAGES = [name for name, route in STAFF_ROUTES.items() if "GET" in route.methods.split() and name not in NO_PAGES]
CARD = "4242 4242 4242 4242"
_FILL = """card => [...document.querySelectorAll("main form[method=post]")].some(form => {
  const fields = [...form.querySelectorAll("input[type=text], input:not([type]), input[type=email], textarea")];
  for (const field of fields) field.value = card;
  if (fields.length) form.dataset.filled = "";
  return fields.length > 0;
})"""


@dataclass
class Busy:
    """An office in the middle of its day, and people who look at it: in each language one at each of its seats."""

    window: Window
    office: Office
    people: dict[tuple[str, str], Person]


@pytest.fixture(scope="module")
def busy(servers: Window, browser: Browser) -> Iterator[Busy]:
    servers.open_demo(CITY)
    assert servers.scene is not None
    office = furnish(servers.scene.wired, places_in(servers.scene.wired))
    made = Busy(servers, office, {})
    for language, locale in LOCALES.items():
        for seat in SEATS:
            context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
            made.people[seat, language] = Person.sits_down(servers, context, language)
            if seat:
                gets_session(servers, context, name=seat, language=language)
    yield made
    servers.prove()


@pytest.fixture(autouse=True)
def _no_complaints(busy: Busy) -> Iterator[None]:
    yield
    complaints = [complaint for person in busy.people.values() for complaint in person.complaints]
    for person in busy.people.values():
        person.complaints.clear()
    assert complaints == []


@pytest.mark.parametrize("language", list(LOCALES))
@pytest.mark.parametrize("endpoint", PAGES)
def test_nothing_on_this_page_stands_in_anybodys_way(busy: Busy, endpoint: str, language: str) -> None:
    for path in busy.office.paths(endpoint):
        _look(busy, endpoint, path, language, "desk")


@pytest.mark.parametrize("language", list(LOCALES))
@pytest.mark.parametrize("width", ["tablet", "phone"])
@pytest.mark.parametrize("endpoint", ["staff.accounts_show", "staff.searches_show", "staff.contacts_new"])
def test_nor_on_a_tablet_or_a_phone(busy: Busy, endpoint: str, width: str, language: str) -> None:
    for path in busy.office.paths(endpoint):
        _look(busy, endpoint, path, language, width)


@pytest.mark.parametrize("endpoint", [name for name in PAGES if "POST" in STAFF_ROUTES[name].methods])
def test_nor_on_a_form_that_was_refused(busy: Busy, endpoint: str) -> None:
    person = _look(busy, endpoint, busy.office.paths(endpoint)[0], "es", "desk")
    if not person.page.evaluate(_FILL, CARD):
        return
    with person.page.expect_navigation():
        person.page.locator("form[data-filled] button").first.press("Enter")
    expect(person.page.locator(".error-summary")).to_be_visible()
    looking.examine(person.page, "es")


def _look(busy: Busy, endpoint: str, path: str, language: str, width: str) -> Person:
    person = busy.people[seat_of(endpoint), language]
    size = WIDTHS[width]
    person.page.set_viewport_size({"width": size[0], "height": size[1]})
    answer = person.page.goto(f"{busy.window.url}{path}")
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"
    assert person.page.url.endswith(path), f"{path} leads to {person.page.url}"
    is_theirs = endpoint == "staff.as_resident_show"  # in the language of the resident
    spoken = person.page.locator("html").get_attribute("lang") if is_theirs else language
    looking.examine(person.page, spoken or "")
    return person
