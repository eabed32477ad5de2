"""People at the window. They know what they see: headings, labels and the words on buttons and links.

A journey is written in English words; a person who reads Spanish looks for the same words in Spanish.
"""

from __future__ import annotations

import gettext
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

from e2e import looking
from e2e.window import MERCHANT, Window
from portal.config import CHECKOUT
from sandbox.words import LANGUAGES as HOSTED_WORDS
from tests.portal.scene import Known

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
CARD_THAT_ASKS = "4000 0027 6000 3184"
SEE, CONTINUE, LEAVE = "See what you owe", "Continue", "Go to the payment page"
NUMBER = re.compile(r"W\d-\d{4}-\d{6}")
GO_ON = "Go on with this payment"


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The words of our pages in a language."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("messages", str(CHECKOUT / "translations"), [language])


@dataclass
class Person:
    """One person with one tab. ``complaints`` is what the browser grumbled about on our pages."""

    window: Window
    page: Page
    language: str
    has_scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def sits_down(cls, window: Window, context: BrowserContext, language: str, *, has_scripts: bool = True) -> Self:
        """Open a tab."""
        person = cls(window, context.new_page(), language, has_scripts)
        person.page.set_default_timeout(10_000)
        person.page.on("console", person._heard)
        person.page.on("pageerror", lambda error: person.complaints.append(f"script: {error}"))
        person.page.on("requestfailed", person._failed)
        person.page.on("response", person._answered)
        return person

    # Words

    def say(self, words: str, context: str = "", **values: object) -> str:
        """These words in the person's language."""
        known = catalog(self.language)
        said = known.pgettext(context, words) if context else known.gettext(words)
        return said % values if values else said

    def hosted(self, name: str, **values: object) -> str:
        """Words of the processor's page."""
        return HOSTED_WORDS[self.language][name].format(merchant=MERCHANT, **values)

    # Seeing

    @property
    def text(self) -> str:
        """All that stands in the main part."""
        return self.page.locator("main").inner_text()

    @property
    def is_here(self) -> bool:
        """On the city's pages, not the processor's?"""
        return self.page.url.startswith(self.window.url)

    def sees(self, heading: str, **values: object) -> None:
        """The page with this heading, which nobody has trouble with."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.say(heading, **values))
        self.looks()

    def reads(self, *texts: str) -> None:
        """These words stand on the page, in this very form."""
        for each in texts:
            expect(self.page.locator("main")).to_contain_text(each)

    def looks(self) -> None:
        """Examine the page; the processor's own pages are theirs."""
        if self.is_here:
            looking.examine(self.page, self.language, has_scripts=self.has_scripts)

    # Acting

    def opens(self, path: str = "/") -> None:
        """Type an address."""
        self.page.goto(path if "://" in path else f"{self.window.url}{path}")
        self.looks()

    def types(self, label: str, value: str) -> None:
        """Fill in the field of this label."""
        self.page.get_by_role("textbox", name=self.say(label)).fill(value)

    def chooses(self, option: str, **values: object) -> None:
        """One of a few."""
        self.page.get_by_text(self.say(option, **values), exact=True).click()

    def presses(self, button: str, about: str = "") -> None:
        """A button, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.button(button, about).click()
        self.looks()

    def follows(self, link: str, about: str = "") -> None:
        """A link in the main part, and wait for its page."""
        name = f"{self.say(link)} {about}".strip()
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=name).first.click()
        self.looks()

    def button(self, label: str, about: str = "") -> Any:
        """A button by its words."""
        return self.page.get_by_role("button", name=f"{self.say(label)} {about}".strip())

    def goes_back(self) -> None:
        """The browser's back button."""
        self.page.go_back()
        self.looks()

    def switches_to(self, language: str) -> None:
        """The switch of language at the top of every page."""
        names = {"en": "English", "es": "Español"}
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=names[language], exact=True).click()
        self.language = language
        self.looks()

    # The journey

    def finds(self, number: str, proof: str) -> None:
        """Number and proof into the form that is here: at home, or at "Find what you owe"."""
        self.types("Account, license or citation number", number)
        self.types("Something only you would know", proof)
        self.presses(SEE)

    def finds_at_home(self, account: Known) -> None:
        """From the home page to what is owed."""
        self.opens("/")
        self.sees("Pay the city")
        self.finds(account.number, account.proof)
        self.sees("What you owe")

    def adds(self, account: Known) -> None:
        """One more account, from the check page and back to it."""
        self.follows("Add another account")
        self.sees("Find what you owe")
        self.finds(account.number, account.proof)
        self.sees("What you owe")
        self.presses(CONTINUE)
        self.sees("Check before you pay")

    def fills_basket(self, *accounts: Known) -> None:
        """From home to the check page, with these accounts."""
        first, *others = accounts
        self.finds_at_home(first)
        self.presses(CONTINUE)
        self.sees("Check before you pay")
        for other in others:
            self.adds(other)

    def leaves_to_pay(self, email: str = "") -> None:
        """To the processor's page, which is in the person's language."""
        if email:
            self.types("Email for your receipt", email)
        self.presses(LEAVE)
        self.is_at_processor()

    def is_at_processor(self) -> None:
        """The hosted page, in the person's language."""
        assert self.page.url.startswith(self.window.sandbox.url), self.page.url
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.hosted("pay_title"))
        assert self.page.locator("html").get_attribute("lang") == self.language

    def pays_with(self, card: str = GOOD_CARD, *, then_reads: str = "") -> None:
        """Fill in the hosted form and press pay; ``then_reads`` is the language at home, where it is another."""
        self.fills_card(card)
        with self.page.expect_navigation():
            self.pay_button().click()
        self.language = then_reads or self.language
        self.looks()

    def fills_card(self, card: str = GOOD_CARD) -> None:
        """What is asked for on the hosted page."""
        for name, value in (
            ("number", card),
            ("exp", "12 / 34"),
            ("cvc", "123"),
            ("name", "Ana Prueba"),
            ("zip", "93706"),
        ):
            self.page.get_by_label(self.hosted(name)).fill(value)

    def pay_button(self) -> Any:
        """The hosted page's button, whatever the amount."""
        return self.page.get_by_role("button", name=self.hosted("pay", total=""))

    def comes_back(self) -> None:
        """From the processor, which may answer the second of two presses by saying that all is done."""
        over = self.page.get_by_role("heading", level=1, name=self.hosted("complete_title"))
        expect(over.or_(self.page.get_by_role("heading", level=1, name=NUMBER))).to_be_visible()
        if over.is_visible():
            self.page.get_by_role("link", name=self.hosted("continue")).click()

    def has_receipt(self) -> str:
        """The person is at the receipt; its number."""
        heading = self.page.get_by_role("heading", level=1, name=NUMBER)
        expect(heading).to_be_visible()
        (number,) = NUMBER.findall(heading.inner_text())
        self.sees("Receipt %(number)s", number=number)
        return str(number)

    # What the browser says

    def _heard(self, message: ConsoleMessage) -> None:
        at = str(message.location.get("url", ""))
        # That a page came with a status of 4xx is said by the page itself, and asserted where it is meant.
        if (
            message.type in ("error", "warning")
            and at.startswith(self.window.url)
            and "Failed to load" not in message.text
        ):
            self.complaints.append(f"console at {at}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.url.startswith(self.window.url) and "ERR_ABORTED" not in str(request.failure):
            self.complaints.append(f"failed: {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        ours = response.url.startswith(self.window.url)
        if ours and (
            response.status >= 500 or (response.status >= 400 and not response.request.is_navigation_request())
        ):
            self.complaints.append(f"{response.status}: {response.url}")
