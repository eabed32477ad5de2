"""Pictures of every page at two widths in both languages: ``python -m e2e.screenshots OUT_DIR``.

With ``--readme`` only the pictures of the README are made, small, into ``docs/pictures``; with ``--staff`` only
those of the back office, with ``--residents`` only those of residents.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from demo.city import Size
from e2e import looking, resident_tour, staff_tour
from e2e.people import DECLINED_CARD, Person
from e2e.window import Window, open_window
from portal.config import CHECKOUT
from tests import database

PICTURES = CHECKOUT / "docs" / "pictures"
WIDTHS = {"phone": (360, 740), "desk": (1280, 860)}
README_SIZE = (1120, 980)
LOCALES = {"en": "en-US", "es": "es-US"}
CITY = Size(utilities=160, licenses=40, citations=30)


@dataclass
class Camera:
    """Writes pictures into a folder, numbered as they are taken; ``only`` names those that are wanted."""

    folder: Path
    name: str
    only: dict[str, str] | None = None
    taken: int = 0

    def take(self, person: Person, page: str, *, whole: bool = True) -> None:
        """The whole page, or what fits into the window."""
        self.taken += 1
        if self.only is not None and page not in self.only:
            return
        name = f"{self.taken:02d}-{page}-{self.name}" if self.only is None else self.only[page]
        person.page.screenshot(path=str(self.folder / f"{name}.png"), full_page=whole, animations="disabled")


def finding(person: Person, camera: Camera, samples: dict[str, Any]) -> None:
    """Home, help, and all that belongs to looking up."""
    person.opens("/")
    camera.take(person, "home", whole=camera.only is None)
    for name, path in (
        ("help", "/help"),
        ("privacy", "/privacy"),
        ("empty-basket", "/basket"),
        ("missing", "/nowhere"),
    ):
        person.page.goto(f"{person.window.url}{path}")
        camera.take(person, name)
    person.opens("/pay")
    camera.take(person, "find")
    person.finds("12-3", "no")
    camera.take(person, "find-refused")
    person.opens("/find-my-number")
    camera.take(person, "find-my-number")
    person.presses("Send me my number")
    camera.take(person, "find-my-number-refused")
    person.opens("/find-my-number/asked")
    camera.take(person, "number-asked")
    person.opens("/pay/code")
    camera.take(person, "ask-code")
    person.types("Account, license or citation number", samples["utility"]["number"])
    person.presses("Send me a code")
    camera.take(person, "enter-code")


def paying(person: Person, camera: Camera, samples: dict[str, Any]) -> None:
    """What is owed, the check, the processor's page, the return and the receipt."""
    for kind, sample in samples.items():
        person.opens("/pay")
        person.types("Account, license or citation number", sample["number"])
        person.types("Something only you would know", sample["proof"])
        person.presses("See what you owe")
        camera.take(person, f"owe-{kind}", whole=camera.only is None)
        person.presses("Continue")
    camera.take(person, "check", whole=camera.only is None)
    person.types("Email for your receipt", "ana")
    person.presses("Go to the payment page")
    camera.take(person, "check-refused")
    person.leaves_to_pay("ana@example.com")
    camera.take(person, "hosted")
    person.pays_with(DECLINED_CARD)
    with person.page.expect_navigation():
        person.page.get_by_role("link", name=person.hosted("back")).click()
    camera.take(person, "canceled")
    person.opens(person.page.url.removesuffix("/canceled"))
    camera.take(person, "not-completed")
    person.presses("Go on with this payment")
    person.pays_with()
    camera.take(person, "receipt", whole=camera.only is None)
    person.page.emulate_media(media="print")
    camera.take(person, "receipt-on-paper")
    person.page.emulate_media(media="screen")
    person.follows("Show them that this receipt is genuine")
    camera.take(person, "genuine")


def straying(person: Person, beside: Person, camera: Camera, samples: dict[str, Any]) -> None:
    """What few people see: money on its way, a silent processor, a page that ended, a form that was too old."""
    window = person.window
    _fills(person, samples["utility"], then="Continue")
    person.leaves_to_pay()
    _fills(beside, samples["utility"])
    camera.take(beside, "on-its-way-account")
    beside.presses("Continue")
    camera.take(beside, "on-its-way-check")
    window.sandbox.fault("after", match="POST /v1/checkout/sessions", count=9)
    beside.presses("Go to the payment page")
    camera.take(beside, "checking")
    window.sandbox.server.app.extensions["faults"].clear()
    link = beside.page.url
    with window.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET state = 'processing' WHERE state = 'unknown'")
    beside.opens(link)
    camera.take(beside, "processing")
    with window.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET state = 'expired' WHERE state = 'processing'")
        connection.exec_driver_sql("DELETE FROM pending_payments")
    beside.opens(link)
    camera.take(beside, "expired")
    beside.opens("/basket")
    beside.page.context.clear_cookies(name="ventanilla")
    beside.presses("Go to the payment page")
    camera.take(beside, "stale-form")


def _fills(person: Person, sample: dict[str, Any], then: str = "") -> None:
    person.opens("/pay")
    person.types("Account, license or citation number", sample["number"])
    person.types("Something only you would know", sample["proof"])
    person.presses("See what you owe")
    if then:
        person.presses(then)


def demonstrating(person: Person, camera: Camera) -> None:
    """What a newcomer may try, and a mail that was sent, with its letter."""
    person.window.work()
    person.opens("/demo")
    camera.take(person, "demo")
    message = person.page.locator('a[href*="/demo/messages/"]').first
    if message.count():
        person.page.goto(f"{person.window.url}{message.get_attribute('href')}")
        camera.take(person, "message")
        letter = person.page.locator("iframe, a[href$='/letter']").first
        where = letter.get_attribute("src") or letter.get_attribute("href") if letter.count() else None
        if where:
            person.page.goto(f"{person.window.url}{where}")
            camera.take(person, "letter")


@contextmanager
def a_person(
    window: Window, browser: Browser, language: str, size: tuple[int, int], **habits: Any
) -> Iterator[Person]:
    """Someone who has never been here."""
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(locale=LOCALES[language], viewport=viewport, **habits)  # type: ignore[arg-type]
    yield Person.sits_down(window, context, language)
    context.close()


def all_pictures(window: Window, browser: Browser, folder: Path) -> None:
    """Every page at every width in both languages; each round pays its own accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in LOCALES:
        for width, size in WIDTHS.items():
            window.open_demo(CITY)
            samples = chosen(window, language)
            with a_person(window, browser, language, size) as person:
                camera = Camera(folder, f"{width}-{language}")
                finding(person, camera, samples)
                paying(person, camera, samples)
                demonstrating(person, camera)
            with (
                a_person(window, browser, language, size) as first,
                a_person(window, browser, language, size) as second,
            ):
                straying(first, second, camera, {"utility": another(window, samples["utility"])})


def office_pictures(window: Window, browser: Browser, folder: Path) -> None:
    """Every page of the back office, in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in LOCALES:
        window.open_demo(CITY)
        staff_tour.staff_pictures(window, browser, folder, staff_tour.opens_office(window), language)


def resident_pictures(window: Window, browser: Browser, folder: Path) -> None:
    """Every page of residents, full and empty, in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    window.open_demo(CITY)
    resident_tour.let_in(window)
    for language in LOCALES:
        resident_tour.resident_pictures(window, browser, folder, language)


def readme_pictures(window: Window, browser: Browser) -> None:
    """Home and receipt in English, what is owed and the check in Spanish; a file and the approvals in English."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = {
        "en": {"home": "home", "receipt": "receipt"},
        "es": {"owe-utility": "owed", "check": "check"},
    }
    for language, only in wanted.items():
        window.open_demo(CITY)
        with a_person(window, browser, language, README_SIZE) as person:
            camera = Camera(PICTURES, "", only)
            finding(person, camera, samples := chosen(window, language))
            paying(person, camera, samples)
    window.open_demo(CITY)
    staff_tour.readme_pictures(window, browser, PICTURES, README_SIZE)


def chosen(window: Window, language: str) -> dict[str, Any]:
    """One account of each kind from the demo's samples: the late bill first."""
    samples = json.loads((window.state / "samples.json").read_text())["lookups"]
    wanted = {
        "utility": "Past due, in Spanish" if language == "es" else "A bill that is past due, with its penalty",
        "license": "A license of a Spanish-speaking owner" if language == "es" else "A license renewal in good time",
        "citation": "A parking citation",
    }
    found = {}
    for kind, note in wanted.items():
        of_kind = [sample for sample in samples if sample["kind"] == kind]
        found[kind] = next((each for each in of_kind if note in str(each["what"])), of_kind[0])
    return found


def another(window: Window, taken: dict[str, Any]) -> dict[str, Any]:
    """A utility account that nobody has paid yet."""
    samples = json.loads((window.state / "samples.json").read_text())["lookups"]
    free = [one for one in samples if one["kind"] == "utility" and one["number"] != taken["number"]]
    owing = [one for one in free if "owes nothing" not in str(one["what"])]
    return dict(owing[0])


def main() -> None:
    """Start everything, take the pictures, and end it."""
    given = argparse.ArgumentParser(prog="python -m e2e.screenshots", description=__doc__)
    given.add_argument("folder", type=Path, nargs="?", default=PICTURES, help="where the pictures go")
    given.add_argument("--readme", action="store_true", help="only the pictures of the README")
    given.add_argument("--staff", action="store_true", help="only the pictures of the back office")
    given.add_argument("--residents", action="store_true", help="only the pictures of residents' pages")
    asked = given.parse_args()
    server = database.start_server()
    opened = database.open_database("ventanilla_pictures")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="ventanilla-pictures-") as state,
            open_window(opened, Path(state)) as window,
            sync_playwright() as playwright,
        ):
            browser = looking.start(playwright)
            if asked.readme:
                readme_pictures(window, browser)
            if asked.residents or not (asked.readme or asked.staff):
                resident_pictures(window, browser, asked.folder)
            if asked.staff or not (asked.readme or asked.residents):
                office_pictures(window, browser, asked.folder)
            if not (asked.readme or asked.staff or asked.residents):
                all_pictures(window, browser, asked.folder)
            browser.close()
    finally:
        opened.close()
        database.stop_server(server)


if __name__ == "__main__":
    main()
