"""Pictures of the back office: every page of every route in a busy office, and what comes of pressing something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from e2e.clerks import LOOK, Clerk, gets_session
from e2e.window import Window
from tests.portal.staff.busy_office import Office, furnish, places_in
from tests.portal.staff.busy_seats import CHIEF, SEATS

WIDTHS = {"desk": (1280, 900), "tablet": (820, 1180)}
README_PAGES = {"account": "staff.accounts_show", "approvals": "staff.approvals_list"}


def opens_office(window: Window) -> Office:
    """A busy office in the city that the window is open in."""
    assert window.scene is not None
    return furnish(window.scene.wired, places_in(window.scene.wired))


def takes_seat(window: Window, browser: Browser, language: str, size: tuple[int, int], seat: str = CHIEF) -> Clerk:
    """Somebody of that office, by name: the supervisor, who may open every page."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    if seat:
        gets_session(window, context, name=seat, language=language)
    context.add_cookies([{"name": "language", "value": language, "url": window.url}])
    return Clerk.sits_down(window, context, language)


def staff_pictures(window: Window, browser: Browser, folder: Path, office: Office, language: str) -> None:
    """Everything in one language, at both widths."""
    for width, size in WIDTHS.items():
        clerks, taken = {seat: takes_seat(window, browser, language, size, seat) for seat in SEATS}, 0

        def take(name: str, clerk: Clerk, width: str = width) -> None:
            nonlocal taken
            taken += 1
            path = folder / f"staff-{width}-{language}-{taken:03d}-{name}.png"
            clerk.page.screenshot(path=str(path), full_page=True, animations="disabled")

        for seat, path in office.pages():
            clerks[seat].page.goto(f"{window.url}{path}")
            take(path.strip("/").replace("/", "-").replace("?", "-")[:60] if seat else "open", clerks[seat])
        _pressing(clerks[CHIEF], office, take)
        for clerk in clerks.values():
            clerk.page.context.close()


def readme_pictures(window: Window, browser: Browser, folder: Path, size: tuple[int, int]) -> None:
    """The account page and the inbox of the second person."""
    office = opens_office(window)
    clerk = takes_seat(window, browser, "en", size)
    for name, endpoint in README_PAGES.items():
        path = office.paths(endpoint)[0]
        clerk.page.goto(f"{window.url}{path}")
        clerk.page.screenshot(path=str(folder / f"{name}.png"), animations="disabled")
    clerk.page.context.close()


def _pressing(clerk: Clerk, office: Office, take: Callable[[str, Clerk], None]) -> None:
    """Suggestions, keys, results, a look before an act, a refusal, what came back."""
    home = f"/staff/accounts/{office.accounts['home']}"
    clerk.page.goto(f"{clerk.window.url}{home}")
    clerk.searches("olga")
    take("suggestions", clerk)
    clerk.strikes("Enter")
    clerk.page.wait_for_url("**/search**")
    take("results", clerk)
    clerk.page.goto(f"{clerk.window.url}/staff/search?q=zzzz+nobody")
    take("no-results", clerk)
    clerk.page.goto(f"{clerk.window.url}{home}")
    clerk.strikes("?")
    take("keys", clerk)
    clerk.strikes("Escape")
    clerk.page.goto(f"{clerk.window.url}{home}/fees/new")
    clerk.presses(LOOK)
    take("look-fee", clerk)
    clerk.page.goto(f"{clerk.window.url}{home}/adjustments/new")
    clerk.presses(LOOK)
    take("refused-adjustment", clerk)
    clerk.types("What for", "4 CCF too many")
    clerk.types("Quantity", "4")
    clerk.types("Rate in dollars", "-2.50")
    clerk.types("Why", "Read 4 CCF too high.")
    clerk.presses(LOOK)
    take("look-adjustment", clerk)
