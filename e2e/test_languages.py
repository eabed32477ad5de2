"""The switch of language is on every page, and keeps one's place and what one has chosen."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from e2e.conftest import Guests
from e2e.people import CONTINUE, GO_ON
from e2e.window import Window

OPEN_PAGES = ("/", "/help", "/privacy", "/pay", "/basket", "/find-my-number", "/find-my-number/asked", "/pay/code")


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_a_page_that_anyone_may_open(guests: Guests, path: str) -> None:
    guest = guests("en")
    guest.opens(path)
    heading = guest.page.locator("h1").inner_text()
    guest.switches_to("es")
    assert urlsplit(guest.page.url).path == path
    assert guest.page.locator("h1").inner_text() != heading
    guest.switches_to("en")
    assert guest.page.locator("h1").inner_text() == heading


def test_in_the_middle_of_an_errand(window: Window, guests: Guests) -> None:
    guest = guests("en")
    guest.finds_at_home(window.accounts.agua)
    guest.switches_to("es")
    guest.sees("What you owe")
    guest.presses(CONTINUE)
    guest.sees("Check before you pay")
    guest.switches_to("en")
    guest.reads(window.accounts.agua.number)
    guest.switches_to("es")
    guest.leaves_to_pay("ana@example.com")
    with guest.page.expect_navigation():
        guest.page.get_by_role("link", name=guest.hosted("back")).click()
    guest.switches_to("en")
    guest.sees("You left the payment page")
    guest.presses(GO_ON)
    guest.language = "es"  # the payment page was made in Spanish, and it is the same page
    guest.is_at_processor()
    guest.pays_with(then_reads="en")
    guest.has_receipt()
    guest.switches_to("es")
    guest.has_receipt()
    window.work()
    (mail,) = window.mails
    assert mail["Content-Language"] == "es"
