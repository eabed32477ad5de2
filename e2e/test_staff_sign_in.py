"""Sign in, go about by keys and take turns at a window, all without a mouse, in both languages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from e2e.conftest import Guests
from e2e.people import Person
from e2e.window import Window
from tests.portal.identity.people import PASSWORD, hire
from tests.portal.identity.people import Person as Colleague

FORM = "/staff/people/new"
NAMES = {"en": "María at the window", "es": "María en la ventanilla"}


def tabs_to(person: Person, selector: str) -> None:
    """Press Tab until the field has the focus, as who has no mouse does."""
    for _ in range(25):
        if person.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        person.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def signs_in(person: Person, colleague: Colleague, *, code: bool = True) -> None:
    """Name, password and code, and Enter."""
    keys = person.page.keyboard
    colleague.scene.clock.advance(seconds=31)
    tabs_to(person, "#username")
    keys.type(colleague.username)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Tab")
    if code:
        keys.type(colleague.code())
    with person.page.expect_navigation():
        keys.press("Enter")


def presses_keys(person: Person, *keys: str, leads_on: bool = True) -> None:
    """The keys of the page, one after the other."""
    *first, last = keys
    for key in first:
        person.page.keyboard.press(key)
    if leads_on:
        with person.page.expect_navigation():
            person.page.keyboard.press(last)
    else:
        person.page.keyboard.press(last)


def dialog(person: Person) -> Any:
    return person.page.get_by_role("dialog", name=person.say("Keys on this page"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_day_at_a_window_without_a_mouse(window: Window, guests: Guests, language: str) -> None:
    assert window.scene is not None
    ana = hire(window.scene, "ana", language, roles=("administrator",))
    ben = hire(window.scene, "ben", language, roles=("administrator", "clerk"))
    person = guests(language)
    person.opens(FORM)
    person.sees("Staff sign-in")
    signs_in(person, ana)
    person.sees("Add a person")

    expect(person.page.locator("#name")).to_be_focused()
    person.page.keyboard.type(NAMES[language])
    person.page.keyboard.press("?")
    expect(dialog(person)).to_be_hidden()  # in a field a question mark is a question mark
    person.page.keyboard.press("Escape")
    presses_keys(person, "?", leads_on=False)
    expect(dialog(person)).to_be_visible()
    expect(dialog(person)).to_contain_text(person.say("Change user"))
    person.looks()
    person.page.keyboard.press("Escape")
    expect(dialog(person)).to_be_hidden()

    presses_keys(person, "g", "u")
    person.sees("Staff sign-in")
    signs_in(person, ben)
    person.sees("Add a person")
    expect(person.page.locator("#name")).to_have_value("")
    person.page.keyboard.press("Escape")
    presses_keys(person, "g", "t")
    person.sees("Today")
    presses_keys(person, "g", "p")
    person.sees("People")
    presses_keys(person, "1")
    person.sees("Add a person")
    person.page.keyboard.press("Escape")
    presses_keys(person, "g", "u")
    person.sees("Staff sign-in")

    signs_in(person, ana, code=False)  # this window saw her second factor today
    person.sees("Add a person")
    expect(person.page.locator("#name")).to_have_value(f"{NAMES[language]}?")
    assert urlsplit(person.page.url).path == FORM


def test_keys_that_are_switched_off_do_nothing(window: Window, guests: Guests) -> None:
    assert window.scene is not None
    ana = hire(window.scene, "ana", roles=("administrator",))
    person = guests("en")
    person.opens("/staff/keys")
    signs_in(person, ana)
    person.sees("Keys")
    person.presses("Switch these keys off")
    presses_keys(person, "?", leads_on=False)
    presses_keys(person, "g", "t", leads_on=False)
    expect(dialog(person)).to_be_hidden()
    person.sees("Keys")
    person.presses("Switch these keys on")
    presses_keys(person, "g", "t")
    person.sees("Today")
