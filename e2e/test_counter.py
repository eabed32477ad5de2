"""A clerk with somebody on the telephone: found by a few letters, read at one glance, by keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from e2e.conftest import Guests
from e2e.people import Person
from e2e.window import Window
from tests.portal.staff.people import staff_of

CARD = "4242 4242 4242 4242"
SEARCHES = "SELECT details ->> 'asked' AS asked FROM audit_entries WHERE act = 'accounts-searched' ORDER BY id"


def clerk(window: Window, guests: Guests, language: str = "en", **habits: Any) -> Person:
    """Somebody who works here sits down and is signed in already."""
    person = guests(language, size=(1280, 900), **habits)
    assert window.scene is not None
    signed_in = staff_of(window.scene, "clerk", lang=language)
    (cookie,) = (signed_in.browser.get_cookie(name) for name in ("ventanilla",))
    assert cookie is not None
    person.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": window.url}])
    return person


def keys(person: Person, *pressed: str) -> None:
    """Keys that lead to another page."""
    with person.page.expect_navigation():
        for key in pressed:
            person.page.keyboard.press(key)
    person.looks()


@pytest.mark.parametrize("language", ["en", "es"])
def test_nine_calls_of_ten_are_answered_without_a_mouse(window: Window, guests: Guests, language: str) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    known = window.accounts.of(language)[0]
    person = clerk(window, guests, language)
    page = person.page
    person.opens("/staff/")
    page.keyboard.press("/")
    page.keyboard.type("elm", delay=30)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    assert "Elm" not in page.locator("#suggestions").inner_text(), "other people look over the counter"
    person.looks()
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator("#staff-search")).to_have_value("elm")
    page.keyboard.type(f" {known.number}")
    page.locator("#staff-search").fill(known.number)
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    keys(person, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("María López Ruiz")
    for part in (".strip", ".file-grid table >> nth=0", "text=holder"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, f"{part} is only seen after scrolling"
    keys(person, "v", "b")
    keys(person, "v", "p")
    keys(person, "v", "t")
    keys(person, "v", "o")
    person.follows("water for a month" if language == "en" else "water por un mes")
    assert page.url.rsplit("/", 1)[0].endswith("/charges")
    with page.expect_navigation():
        page.keyboard.press("v")
        page.keyboard.press("r")
    expect(page.locator(".as-resident")).to_be_visible()
    person.looks()
    asked = [row.asked for row in window.scene.rows(SEARCHES)]
    assert asked.count(known.number) == 1
    assert "e" not in asked
    assert "el" not in asked


def test_a_card_number_never_leaves_the_browser(window: Window, guests: Guests) -> None:
    person = clerk(window, guests)
    sent: list[str] = []
    person.page.on("request", lambda request: sent.append(request.url))
    person.opens("/staff/")
    person.page.keyboard.press("/")
    person.page.keyboard.type(CARD)
    expect(person.page.get_by_role("alert")).to_contain_text("Never type a card number here.")
    expect(person.page.locator("#staff-search")).to_have_value("")
    person.looks()
    assert not [url for url in sent if "4242424242424242" in "".join(filter(str.isdecimal, url))]


def test_the_same_without_a_script(window: Window, guests: Guests) -> None:
    assert window.accounts is not None
    person = clerk(window, guests, "es", java_script_enabled=False)
    person.opens("/staff/")
    person.page.locator("#staff-search").fill("lopez ruiz")
    with person.page.expect_navigation():
        person.page.locator("#staff-search").press("Enter")
    person.looks()
    with person.page.expect_navigation():
        person.page.get_by_role("link", name=window.accounts.agua.number).click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text("María López Ruiz")
    person.looks()
