"""Looking at a page as many people must: axe's rules, a phone's width, one heading, the right language."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, ViewportSize

from portal.config import CHECKOUT

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
NARROW: ViewportSize = {"width": 320, "height": 640}
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
_RUN_AXE = """async rules => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
  return found.violations.map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html).join(" | ")}`);
}"""
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > room + 1);
  const named = wide.slice(0, 5).map(one => one.outerHTML.slice(0, 120));
  return [`${document.documentElement.scrollWidth} px in ${room}`, ...named];
}"""
_seen: set[str] = set()


def start(playwright: Playwright) -> Browser:
    """The system's Chromium; without one there is no test, and the reason is said."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"No browser ({', '.join(BROWSERS)}) is installed: apt-get install chromium"
    return playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))


def examine(page: Page, language: str, *, has_scripts: bool = True) -> None:
    """Nothing on this page stands in anybody's way; a page that was looked at already is not looked at again."""
    assert page.locator("html").get_attribute("lang") == language, f"{page.url} is not in {language}"
    assert page.locator("h1").count() == 1, f"{page.url} has {page.locator('h1').count()} first headings"
    if not _is_new(page):
        return
    if has_scripts:
        _look(page)
    else:
        with _mirrored(page) as mirror:
            _look(mirror)


def _look(page: Page) -> None:
    size = page.viewport_size
    assert size is not None
    troubles = axe(page) + too_wide(page)
    page.set_viewport_size(NARROW)
    troubles += too_wide(page)
    page.set_viewport_size(size)
    assert not troubles, "\n".join([page.url, *troubles])


@contextmanager
def _mirrored(page: Page) -> Iterator[Page]:
    """The same page in a browser with scripts, which axe needs."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(viewport=page.viewport_size)
    mirror = context.new_page()
    html = page.content()
    mirror.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    mirror.goto(page.url)
    yield mirror
    context.close()


def axe(page: Page) -> list[str]:
    """Violations of WCAG 2.2 A and AA."""
    page.evaluate(_axe())
    found: list[str] = page.evaluate(_RUN_AXE, list(_RULES))
    return found


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def _is_new(page: Page) -> bool:
    plain = re.sub(r'value="[^"]{40,}"|[?&]to=[^"]*|[\w-]{40,}', "", page.content())
    mark = hashlib.sha256(f"{plain}{page.viewport_size}".encode()).hexdigest()
    new = mark not in _seen
    _seen.add(mark)
    return new


@cache
def _axe() -> Any:
    assert AXE.exists(), f"{AXE} is not here: make setup styles"
    return AXE.read_text()
