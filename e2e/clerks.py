"""People who work at the window, with both hands on the keyboard: whoever is a clerk here never touches a mouse."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, expect

from e2e import keyboard
from e2e.people import Person
from e2e.window import Window
from tests.portal.identity.people import PASSWORD
from tests.portal.identity.people import Person as SetUp
from tests.portal.scene import Known
from tests.portal.staff.people import staff_of

LOOK, ASK = "See what it comes to", "Ask a second person"


def gets_session(window: Window, context: BrowserContext, *roles: str, name: str = "", language: str = "en") -> None:
    """The browser is signed in already, as somebody with these roles; the same name is the same person."""
    assert window.scene is not None
    client = staff_of(window.scene, *roles, name=name, lang=language)
    cookie = client.browser.get_cookie("ventanilla")
    assert cookie is not None
    context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": window.url, "httpOnly": True, "sameSite": "Lax"}]
    )


@dataclass
class Clerk(Person):
    """A person with roles who uses the keyboard alone: fields, buttons and links are gone to by Tab, or by a key."""

    # Going about

    def goes_to(self, label: str, *, back: bool = False) -> None:
        """Tab to the field, button or link of this label."""
        keyboard.tabs_to(self.page, self.say(label), back=back)

    def strikes(self, *keys: str) -> None:
        """Keys one after the other, which do not leave the page."""
        for key in keys:
            self.page.keyboard.press(key)

    def jumps(self, keys: str) -> None:
        """Keys in a row ("g a") that lead to another page."""
        with self.page.expect_navigation():
            self.strikes(*keys.split())
        self.looks()

    def presses(self, button: str, about: str = "") -> None:
        """Tab to a button, then Enter."""
        self.goes_to(f"{self.say(button)} {about}".strip())
        self.jumps("Enter")

    def follows(self, link: str, about: str = "") -> None:
        """Tab to a link, then Enter."""
        self.presses(link, about)

    # Filling in

    def types(self, label: str, value: str) -> None:
        """Tab to a field and type, instead of what stands there."""
        self.goes_to(label)
        self.strikes("Control+a", "Delete")
        self.page.keyboard.type(value)

    def picks(self, label: str, option: str) -> None:
        """Tab to a list and go down to what begins so, as spoken in the person's language."""
        self.goes_to(label)
        wanted, seen = self.say(option), list[str]()
        chosen = "document.activeElement.selectedOptions[0].text"
        self.strikes("Home")
        while not (now := str(self.page.evaluate(chosen))).startswith(wanted):
            assert now not in seen, f"{wanted!r} is not in the list {seen}"
            seen.append(now)
            self.strikes("ArrowDown")

    def ticks(self, label: str) -> None:
        """Tab to a box, then Space."""
        self.goes_to(label)
        self.strikes("Space")

    def holds(self, label: str, value: str) -> None:
        """The field of this label has this in it."""
        expect(self.page.get_by_label(self.say(label), exact=False)).to_have_value(value)

    # At work

    @property
    def heading(self) -> Locator:
        """The first heading of the page."""
        return self.page.get_by_role("heading", level=1)

    def searches(self, words: str) -> None:
        """Into the search box, and wait for suggestions."""
        self.strikes("/")
        self.page.keyboard.type(words)
        expect(self.page.get_by_role("option").first).to_be_visible()

    def opens_file(self, account: Known) -> None:
        """By its number, in the search box of whatever page this is."""
        self.strikes("/")
        self.page.keyboard.type(account.number)
        self.jumps("Enter")

    def signs_in(self, person: SetUp, *, code: bool = True) -> None:
        """The real form; without a code where this window knows the person."""
        self.sees("Staff sign-in")
        self.types("User name", person.username)
        self.types("Password", PASSWORD)
        self.types("Code from your app", person.code() if code else "")
        self.jumps("Enter")
