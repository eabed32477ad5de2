"""Cards that are declined, cards whose bank asks, and payments that are left and taken up again."""

from __future__ import annotations

from e2e.conftest import Guests
from e2e.people import CARD_THAT_ASKS, CONTINUE, DECLINED_CARD, GO_ON, Person
from e2e.window import Window


def test_a_declined_card_and_then_a_good_one(window: Window, guests: Guests) -> None:
    guest = guests("es")
    _leaves(guest, window)
    guest.pays_with(DECLINED_CARD)
    guest.reads(guest.hosted("generic_decline"))
    guest.pays_with()
    guest.has_receipt()


def test_the_bank_asks(window: Window, guests: Guests) -> None:
    guest = guests("en")
    _leaves(guest, window)
    guest.pays_with(CARD_THAT_ASKS)
    guest.reads(guest.hosted("challenge_title"))
    with guest.page.expect_navigation():
        guest.page.get_by_role("button", name=guest.hosted("challenge_fail")).click()
    guest.reads(guest.hosted("authentication_failed"))
    guest.pays_with(CARD_THAT_ASKS)
    with guest.page.expect_navigation():
        guest.page.get_by_role("button", name=guest.hosted("challenge_pass")).click()
    guest.has_receipt()


def test_leaving_the_payment_page_and_coming_back_by_the_same_link(window: Window, guests: Guests) -> None:
    guest = guests("es")
    _leaves(guest, window)
    hosted = guest.page.url
    _turns_back(guest)
    guest.sees("You left the payment page")
    guest.presses(GO_ON)
    assert guest.page.url == hosted
    _turns_back(guest)
    link = guest.page.url.removesuffix("/canceled")

    elsewhere = guests("en", size=(360, 740))
    elsewhere.language = "es"  # the payment's language, until its reader chooses another
    elsewhere.opens(link)
    elsewhere.sees("Your payment is not completed")
    elsewhere.presses(GO_ON)
    elsewhere.pays_with()
    number = elsewhere.has_receipt()
    guest.opens(link)
    assert guest.has_receipt() == number


def test_changing_what_to_pay_after_leaving(window: Window, guests: Guests) -> None:
    guest = guests("en")
    _leaves(guest, window)
    _turns_back(guest)
    guest.follows("Change what I pay")
    guest.sees("Check before you pay")
    guest.follows("Change", window.accounts.ticket.number)
    guest.sees("What you owe")
    guest.chooses("Another amount")
    guest.types("Other amount", "20")
    guest.presses(CONTINUE)
    guest.reads("$20.00")
    guest.leaves_to_pay()
    guest.pays_with()
    guest.has_receipt()
    assert window.scene.balance(window.accounts.ticket).cents == 38_00


def test_a_payment_page_that_has_expired(window: Window, guests: Guests) -> None:
    guest = guests("en")
    _leaves(guest, window)
    _turns_back(guest)
    link = guest.page.url.removesuffix("/canceled")
    window.sandbox.advance(hours=25)
    window.scene.clock.advance(hours=25)
    guest.opens(link)
    guest.sees("Nothing was paid")
    guest.follows("Start again")
    guest.sees("Check before you pay")
    guest.leaves_to_pay()
    guest.pays_with()
    guest.has_receipt()


def test_an_amount_that_cannot_be_read(window: Window, guests: Guests) -> None:
    guest = guests("es")
    guest.finds_at_home(window.accounts.agua)
    guest.chooses("Another amount")
    guest.types("Other amount", "cien")
    guest.presses(CONTINUE)
    assert guest.page.locator(".error-summary").evaluate("one => one === document.activeElement")
    guest.page.locator(".error-summary a").click()
    assert guest.page.get_by_role("textbox").evaluate("one => one === document.activeElement")
    guest.types("Other amount", "50.5")
    guest.presses(CONTINUE)
    guest.sees("Check before you pay")
    guest.reads("$50.50")


def _leaves(guest: Person, window: Window) -> None:
    guest.fills_basket(window.accounts.ticket)
    guest.leaves_to_pay()


def _turns_back(guest: Person) -> None:
    with guest.page.expect_navigation():
        guest.page.get_by_role("link", name=guest.hosted("back")).click()
    guest.looks()
