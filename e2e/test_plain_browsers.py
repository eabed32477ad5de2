"""The same errand without JavaScript on a phone, and by keyboard alone."""

from __future__ import annotations

from e2e.conftest import Guests
from e2e.keyboard import focus, tabs_to
from e2e.people import CONTINUE, LEAVE, SEE, Person
from e2e.window import Window


def test_on_a_phone_without_javascript(window: Window, guests: Guests) -> None:
    guest = guests("es", size=(360, 740), java_script_enabled=False, is_mobile=True, has_touch=True)
    guest.fills_basket(window.accounts.agua, window.accounts.ticket)
    guest.leaves_to_pay("ana@example.com")
    guest.pays_with()
    guest.has_receipt()
    assert not guest.button("Print").is_visible()  # what needs the script is not offered without it
    window.work()
    assert len(window.mails) == 1


def test_two_presses_without_javascript_pay_once(window: Window, guests: Guests) -> None:
    guest = guests(java_script_enabled=False)
    guest.fills_basket(window.accounts.water)
    with guest.page.expect_navigation(url=f"{window.sandbox.url}/**"):
        guest.button(LEAVE).dblclick()
    guest.is_at_processor()
    guest.pays_with()
    guest.has_receipt()
    assert window.count("receipts") == 1


def test_by_keyboard_alone(window: Window, guests: Guests) -> None:
    guest = guests("en")
    account = window.accounts.water
    guest.opens("/")
    _types_at(guest, "Account, license or citation number", account.number)
    _types_at(guest, "Something only you would know", account.proof)
    _enters(guest, SEE)
    guest.sees("What you owe")
    tabs_to(guest.page, "Everything: $119.12")
    guest.page.keyboard.press("ArrowDown")
    tabs_to(guest.page, CONTINUE)
    with guest.page.expect_navigation():
        guest.page.keyboard.press("Space")
    guest.sees("Check before you pay")
    guest.reads("$31.20")  # the arrow chose what is past due
    _types_at(guest, "Email for your receipt", "ana@example.com")
    _enters(guest, LEAVE)
    guest.is_at_processor()
    typed = {"number": "4242424242424242", "exp": "1234", "cvc": "123", "name": "Ana", "zip": "93706"}
    for name, value in typed.items():
        _types_at(guest, guest.hosted(name), value)
    _enters(guest, guest.hosted("pay", total=""))
    guest.has_receipt()
    _enters(guest, "Show them that this receipt is genuine")
    guest.sees("This receipt is genuine")


def test_the_first_tab_skips_to_the_content(window: Window, guests: Guests) -> None:
    guest = guests("en")
    guest.opens("/help")
    guest.page.keyboard.press("Tab")
    assert focus(guest.page).label == "Skip to main content"
    guest.page.keyboard.press("Enter")
    assert guest.page.evaluate("document.activeElement.id") == "main"


def _types_at(guest: Person, label: str, value: str) -> None:
    tabs_to(guest.page, label)
    guest.page.keyboard.type(value)


def _enters(guest: Person, label: str) -> None:
    tabs_to(guest.page, label)
    with guest.page.expect_navigation():
        guest.page.keyboard.press("Enter")
