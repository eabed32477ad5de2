"""The menu of the back office: the day's work in sight, everything else one key or two presses away."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.clerks import Clerk
from e2e.conftest import Clerks

DAILY = 7
WIDTHS = {360: 740, 820: 1180, 1280: 900}
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def links_in_sight(clerk: Clerk) -> int:
    links = clerk.page.locator(".staff-nav a").all()
    return sum(link.is_visible() for link in links)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_clerk_sees_the_daily_things_and_opens_a_group_by_keyboard(clerks: Clerks, language: str) -> None:
    clerk = clerks("clerk", name="ana", language=language)
    clerk.opens("/staff/")
    assert links_in_sight(clerk) <= DAILY
    clerk.goes_to("Money")
    clerk.strikes("Enter", "Tab")
    expect(clerk.page.locator(".staff-nav").get_by_role("link", name=clerk.say("Bank deposits"))).to_be_visible()
    clerk.strikes("Escape")
    assert links_in_sight(clerk) <= DAILY
    expect(clerk.page.locator("[data-menu] summary").first).to_be_focused()
    clerk.strikes("Enter")
    clerk.presses("Bank deposits")
    clerk.sees("Bank deposits")
    expect(clerk.page.locator('[data-menu] summary[aria-current="true"]')).to_have_text(clerk.say("Money"))
    clerk.jumps("g n")
    clerk.sees("Open an account")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_group_makes_the_page_wider_than_the_screen(clerks: Clerks, width: int) -> None:
    for role, language in (("clerk", "es"), ("supervisor", "en"), ("finance", "es")):
        clerk = clerks(role, name=role, language=language)
        clerk.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        clerk.opens("/staff/")
        groups = clerk.page.locator("[data-menu] summary").all()
        assert groups
        for group in groups:
            group.focus()
            clerk.strikes("Enter")
            expect(clerk.page.locator("[data-menu][open] a").first).to_be_visible()
            assert clerk.page.locator("[data-menu][open]").count() == 1, "one is open at a time"
            assert clerk.page.evaluate(_WIDER) <= 0, f"{role} at {width}"
