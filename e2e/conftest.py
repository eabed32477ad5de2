"""Fixtures of the journeys: one browser and one set of servers for each worker, a fresh city for each journey."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from e2e import looking
from e2e.clerks import Clerk, gets_session
from e2e.people import Person
from e2e.window import Window, open_window
from tests import database
from tests.database import TestDatabase

Guests = Callable[..., Person]
Clerks = Callable[..., Clerk]
Sitting = TypeVar("Sitting", bound=Person)
_SERVER = pytest.StashKey[object]()
LOCALES = {"en": "en-US", "es": "es-US"}


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """When the journeys run alone, they bring the database server; beside the other tests it is there already."""
    if database.ENVIRONMENT not in os.environ and not config.option.collectonly:
        config.stash[_SERVER] = database.start_server()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_SERVER, None)
    if server is not None:
        database.stop_server(server)  # type: ignore[arg-type]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def journey_database() -> Iterator[TestDatabase]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    opened = database.open_database(f"ventanilla_journeys_{worker}")
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def servers(journey_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with open_window(journey_database, tmp_path_factory.mktemp("window")) as window:
        yield window


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with the last journey, so that no event loop of it is left to other tests."""
    with sync_playwright() as playwright:
        started = looking.start(playwright)
        yield started
        started.close()


@pytest.fixture
def window(servers: Window) -> Iterator[Window]:
    """The window with a fresh city; afterwards its books prove themselves."""
    servers.open()
    yield servers
    servers.sandbox.server.app.extensions["faults"].clear()
    servers.sandbox.webhook_mode("now")
    servers.prove()


@pytest.fixture
def seats(browser: Browser) -> Iterator[Seats]:
    """Where people sit down; when they have left, no browser has complained."""
    taken = Seats(browser)
    yield taken
    complaints = [complaint for person in taken.people for complaint in person.complaints]
    for context in browser.contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def guests(window: Window, seats: Seats) -> Guests:
    """``guests("es")`` is a person who has never been here; ``beside=`` opens another tab of the same browser."""

    def sit(language: str = "en", *, beside: Person | None = None, **habits: Any) -> Person:
        return seats.seat(Person, window, seats.browser_of(language, beside, habits), language, habits)

    return sit


@pytest.fixture
def clerks(window: Window, seats: Seats) -> Clerks:
    """``clerks("clerk", name="ana")`` works here and is signed in; without a role nobody is signed in yet.

    ``kind=Person`` is somebody with a mouse; ``beside=`` opens another tab of the same browser.
    """

    def sit(*roles: str, language: str = "en", name: str = "", beside: Person | None = None, kind: type[Any] = Clerk,
            **habits: Any) -> Any:  # fmt: skip
        context = seats.browser_of(language, beside, habits)
        if roles and beside is None:
            gets_session(window, context, *roles, name=name, language=language)
        return seats.seat(kind, window, context, language, habits)

    return sit


@dataclass
class Seats:
    """People with their browsers."""

    browser: Browser
    people: list[Person] = field(default_factory=list)

    def browser_of(self, language: str, beside: Person | None, habits: dict[str, Any]) -> BrowserContext:
        """A new one, or that of the person beside."""
        if beside is not None:
            return beside.page.context
        width, height = habits.pop("size", (1280, 800))
        return self.browser.new_context(
            locale=LOCALES[language], viewport={"width": width, "height": height}, **habits
        )

    def seat(
        self, kind: type[Sitting], window: Window, context: BrowserContext, language: str, habits: dict[str, Any]
    ) -> Sitting:
        """Somebody with a tab of their own."""
        person = kind.sits_down(window, context, language, has_scripts=habits.get("java_script_enabled", True))
        self.people.append(person)
        return person
