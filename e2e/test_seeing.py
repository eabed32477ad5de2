"""Paper, large type, forced colors, less motion, and pages that say that something went wrong."""

from __future__ import annotations

import pytest

from e2e import looking
from e2e.conftest import Guests
from e2e.people import CONTINUE, Person
from e2e.window import Window

BLACK = ("rgb(0, 0, 0)", "rgba(0, 0, 0, 0)")
WHITE = ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
_COLORS = """() => [...document.querySelectorAll(".receipt, .receipt *")].filter(one => one.checkVisibility())
  .map(one => getComputedStyle(one)).map(style => [style.color, style.backgroundColor])"""
_HIDDEN = """() => [...document.querySelectorAll("main :is(h1, p, dt, dd, th, td, a, button, label)")]
  .filter(one => one.checkVisibility() && one.textContent.trim())
  .filter(one => getComputedStyle(one).color === getComputedStyle(one).backgroundColor).map(one => one.outerHTML)"""

_MOVING = """() => [...document.querySelectorAll("*")]
  .filter(one => getComputedStyle(one).transitionDuration !== "0s").length"""


def test_a_receipt_on_paper(window: Window, guests: Guests) -> None:
    guest = _with_receipt(window, guests("en"))
    guest.page.emulate_media(media="print")
    for away in (".site-nav", ".languages", ".site-footer", ".actions", "h1"):
        assert not guest.page.locator(away).first.is_visible(), f"{away} is on the paper"
    assert guest.page.locator(".receipt").is_visible()
    colors = guest.page.evaluate(_COLORS)
    assert {color for color, _ in colors} <= set(BLACK)
    assert {ground for _, ground in colors} <= set(WHITE)
    assert len(guest.page.pdf()) > 10_000


def test_type_at_twice_the_size(window: Window, guests: Guests) -> None:
    """At 200 % a window of 1280 px has room for 640; at 400 % for 320, which every page proves in every journey."""
    guest = guests("es", size=(640, 400), device_scale_factor=2)
    _with_receipt(window, guest)
    assert looking.too_wide(guest.page) == []


def test_forced_colors_lose_no_words(window: Window, guests: Guests) -> None:
    guest = guests("en", forced_colors="active")
    guest.finds_at_home(window.accounts.water)
    assert guest.page.evaluate(_HIDDEN) == []
    guest.presses(CONTINUE)
    assert guest.page.evaluate(_HIDDEN) == []
    border = guest.button("Go to the payment page").evaluate("one => getComputedStyle(one).borderStyle")
    assert border != "none"  # a button is still seen to be one
    assert len(guest.page.screenshot()) > 5_000


def test_less_motion(window: Window, guests: Guests) -> None:
    guest = guests("en", reduced_motion="reduce")
    guest.opens("/")
    moving = guest.page.evaluate(_MOVING)
    assert moving == 0


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_that_is_not_there(guests: Guests, language: str) -> None:
    guest = guests(language)
    for path in ("/nowhere", "/receipts/none", "/payments/none", "/accounts/100000011"):
        guest.opens(path)
        guest.sees("We could not find that page")
    guest.opens("/receipts/none/verify")
    guest.sees("We did not find this receipt")
    guest.opens("/nowhere")
    guest.follows("Go to the home page")
    guest.sees("Pay the city")


def test_a_form_that_was_open_for_too_long(window: Window, guests: Guests) -> None:
    guest = guests("es")
    guest.fills_basket(window.accounts.agua)
    guest.page.context.clear_cookies()
    guest.presses("Go to the payment page")
    guest.sees("This page was open for too long")


def test_when_the_processor_does_not_answer(window: Window, guests: Guests) -> None:
    guest = guests("en")
    guest.fills_basket(window.accounts.water)
    window.sandbox.fault("after", match="POST /v1/checkout/sessions", count=9)
    guest.presses("Go to the payment page")
    guest.sees("We are checking your payment")
    window.sandbox.server.app.extensions["faults"].clear()
    guest.presses("Go on with this payment")
    guest.is_at_processor()
    guest.pays_with()
    guest.has_receipt()


def _with_receipt(window: Window, guest: Person) -> Person:
    guest.fills_basket(window.accounts.of(guest.language)[0])
    guest.leaves_to_pay()
    guest.pays_with()
    guest.has_receipt()
    return guest
