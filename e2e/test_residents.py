"""A resident's first errand: register, add the account, pay. By phone and at a desk, in both languages, without a
script, and by keyboard alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Response

from e2e.conftest import Guests
from e2e.keyboard import enters, types_at
from e2e.people import LEAVE, Person
from e2e.window import Window

PASSWORD = "siete mesas azules vuelan"
PHONE, DESK = (360, 740), (1280, 860)
MOST_PAGES, MOST_ANSWERS = 5, 8
FIRST_VISIT = 150_000
"""Bytes, as they travel."""


@dataclass
class Count:
    """What an errand asks of a person: pages on which they do something, and what they type or choose there."""

    pages: int = 0
    answers: int = 0
    done: list[str] = field(default_factory=list)

    def page(self, heading: str, *answers: str) -> None:
        self.pages += 1
        self.answers += len(answers)
        self.done.append(f"{heading}: {', '.join(answers)}")


def link_in_mail(window: Window) -> str:
    """The address in the newest mail."""
    window.work()
    body = window.mails[-1].get_body(("plain",))
    assert body is not None
    (address,) = [word for word in body.get_content().split() if "/my/links/" in word]
    return address


def registers(person: Person, count: Count) -> None:
    person.opens("/my/register")
    person.sees("Make a sign-in")
    person.types("E-mail", "ana@example.com")
    person.presses("Send me the link")
    count.page("Make a sign-in", "E-mail")
    person.sees("Look into your e-mail")
    person.opens(link_in_mail(person.window))
    person.sees("Your sign-in is almost ready")
    person.page.get_by_label(person.say("Password")).fill(PASSWORD)
    person.presses("Finish and sign in")
    count.page("Your sign-in is almost ready", "Password")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_registering_adding_and_paying_take_five_pages_and_eight_answers(
    window: Window, guests: Guests, language: str, size: tuple[int, int]
) -> None:
    person, count = guests(language, size=size), Count()
    account = window.accounts.agua if language == "es" else window.accounts.water
    registers(person, count)
    person.sees("My accounts")
    person.types("Account, license or citation number", account.number)
    person.types("Something only you would know", account.proof)
    person.presses("Add this account")
    count.page("My accounts", "number", "proof")
    person.sees("Utility account")
    person.presses("Continue")
    count.page("Utility account", "how much")
    person.sees("Check before you pay")
    person.presses(LEAVE)
    count.page("Check before you pay")
    assert count.pages <= MOST_PAGES, count.done
    assert count.answers <= MOST_ANSWERS, count.done
    person.is_at_processor()
    person.pays_with()
    number = person.has_receipt()
    window.work()
    assert number in "".join(str(mail["Subject"]) for mail in window.mails if mail["To"] == "ana@example.com")
    person.opens("/my/payments")
    person.sees("What was paid")
    person.reads(number)
    person.opens("/my")
    person.reads(person.say("Nothing to pay"))


def test_it_works_without_a_script(window: Window, guests: Guests) -> None:
    person = guests("es", size=PHONE, java_script_enabled=False, is_mobile=True, has_touch=True)
    registers(person, Count())
    for account in (window.accounts.agua, window.accounts.ticket):
        person.opens("/my/accounts/add")
        person.types("Account, license or citation number", account.number)
        person.types("Something only you would know", account.proof)
        person.presses("Add this account")
    person.opens("/my")
    owed = account_sum(window)
    with person.page.expect_navigation():
        person.page.get_by_role(
            "button", name=person.say("Pay all %(count)s: %(amount)s", count=2, amount=owed)
        ).click()
    person.sees("Check before you pay")
    person.presses(LEAVE)
    person.is_at_processor()
    person.pays_with()
    person.has_receipt()


def account_sum(window: Window) -> str:
    """What the two accounts of the errand without a script owe."""
    return f"${(window.accounts.agua.owed + window.accounts.ticket.owed)}"


def test_by_keyboard_alone(window: Window, guests: Guests) -> None:
    person = guests("en")
    account = window.accounts.water

    person.opens("/my/register")
    types_at(person.page, "E-mail", "ana@example.com")
    enters(person.page, "Send me the link")
    person.opens(link_in_mail(window))
    types_at(person.page, "Password", PASSWORD)
    enters(person.page, "Finish and sign in")
    types_at(person.page, "Account, license or citation number", account.number)
    types_at(person.page, "Something only you would know", account.proof)
    enters(person.page, "Add this account")
    person.sees("Utility account")
    enters(person.page, "Who else sees it")
    person.sees("Who sees this account")
    enters(person.page, "Invite somebody")
    person.sees("Invite somebody")
    types_at(person.page, "Their e-mail address", "tom@example.com")
    enters(person.page, "Send the invitation")
    person.sees("Who sees this account")
    person.reads("t•••@example.com")


def test_a_first_visit_is_light(window: Window, guests: Guests) -> None:
    person = guests("es", size=PHONE)
    travelled: list[int] = []

    def note(answer: Response) -> None:
        sizes: dict[str, Any] = answer.request.sizes()
        travelled.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    person.page.on("requestfinished", lambda request: note(request.response()))
    for path in ("/", "/pay", "/ask", "/my/sign-in", "/my/register"):
        travelled.clear()
        person.page.context.clear_cookies()
        person.opens(path)
        person.page.wait_for_load_state("networkidle")
        assert travelled
        assert sum(travelled) < FIRST_VISIT, travelled
