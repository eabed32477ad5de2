"""Back buttons, double clicks, two tabs, reloads: one charge, one receipt."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.conftest import Guests
from e2e.people import LEAVE
from e2e.window import Window


def test_the_back_button_after_paying(window: Window, guests: Guests) -> None:
    guest = guests("es")
    guest.fills_basket(window.accounts.agua)
    guest.leaves_to_pay()
    guest.pays_with()
    number = guest.has_receipt()
    guest.goes_back()
    guest.reads(guest.hosted("complete_title"))
    guest.goes_back()
    guest.sees("Your basket is empty")
    guest.page.go_forward()
    guest.page.go_forward()
    assert guest.has_receipt() == number
    assert window.count("receipts") == 1


def test_a_double_click_at_every_button(window: Window, guests: Guests) -> None:
    guest = guests("en")
    guest.fills_basket(window.accounts.water)
    guest.button(LEAVE).dblclick()
    expect(guest.page).to_have_url(re.compile(re.escape(window.sandbox.url)))  # the first navigation may be cut short
    guest.is_at_processor()
    guest.fills_card()
    guest.pay_button().dblclick()
    guest.comes_back()
    guest.has_receipt()
    assert window.count("receipts") == 1
    assert window.count("attempts") == 1


def test_two_tabs_pay_once(window: Window, guests: Guests) -> None:
    first = guests("en")
    first.fills_basket(window.accounts.water)
    second = guests("en", beside=first)
    second.opens("/basket")
    first.leaves_to_pay()
    second.leaves_to_pay()
    first.pays_with()
    number = first.has_receipt()
    second.page.reload()
    second.reads(second.hosted("complete_title"))
    with second.page.expect_navigation():
        second.page.get_by_role("link", name=second.hosted("continue")).click()
    assert second.has_receipt() == number
    assert window.count("receipts") == 1


def test_reloading_what_comes_after_the_payment(window: Window, guests: Guests) -> None:
    guest = guests("en")
    guest.fills_basket(window.accounts.ticket)
    window.sandbox.webhook_mode("hold")
    guest.leaves_to_pay("ana@example.com")
    guest.pays_with()
    number = guest.has_receipt()
    for _ in range(2):
        guest.page.reload()
        assert guest.has_receipt() == number
    window.sandbox.release_webhooks()
    window.work()
    assert window.count("receipts") == 1
    assert len(window.mails) == 1
