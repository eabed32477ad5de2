"""A caller pays on a telephone of their own while the clerk waits: by keyboard there, by thumb here."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import Clerks, Guests
from e2e.window import Window


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_clerks_screen_turns_when_the_caller_has_paid(
    window: Window, clerks: Clerks, guests: Guests, language: str
) -> None:
    """The clerk reads English, the caller may not: the link is in the caller's language."""
    assert window.scene is not None
    account = window.scene.open("utility", 64_20, name="Guadalupe Villaseñor")
    rosa = clerks("cashier", name="rosa")
    rosa.opens("/staff/")
    rosa.opens_file(account)
    rosa.follows("Send a link to pay")
    rosa.goes_to("E-mail")
    rosa.strikes("ArrowDown")
    if language == "es":
        rosa.goes_to("English")
        rosa.strikes("ArrowRight")
    rosa.presses("Send it")
    rosa.sees("Link to pay")
    rosa.reads("Not opened yet")
    address = rosa.page.get_by_text(re.compile(r"/l/")).first.inner_text().strip()
    drawn = rosa.page.locator(".link-code__drawing svg path").bounding_box()
    assert drawn is not None
    assert min(drawn["width"], drawn["height"]) > 150, "read by a camera from the other side of the counter"

    caller = guests(language)
    caller.opens(address)
    caller.sees("What you are asked to pay")
    caller.reads("$64.20")
    assert "Villaseñor" not in caller.text, "masked, for whoever holds the telephone"
    expect(rosa.page.locator(".link-state")).to_contain_text("Opened", timeout=20_000)
    caller.presses("Go to the payment page")
    caller.is_at_processor()
    caller.pays_with()
    number = caller.has_receipt()

    expect(rosa.page.locator(".link-state")).to_contain_text(number, timeout=30_000)
    rosa.reads("Paid", number)
    assert window.scene.balance(account).cents == 0
    assert window.count("receipts") == 1
    caller.opens(address)
    caller.sees("This is paid")
