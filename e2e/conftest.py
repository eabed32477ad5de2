"""Fixtures of the journeys: one browser and one set of servers for each worker, a fresh city for each journey."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from e2e import looking
from e2e.people import Person
from e2e.window import Window, open_window
from tests import database
from tests.database import TestDatabase

Guests = Callable[..., Person]
_SERVER = pytest.StashKey[object]()
_LOCALES = {"en": "en-US", "es": "es-US"}


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
def guests(window: Window, browser: Browser) -> Iterator[Guests]:
    """``guests("es")`` is a person who has never been here; ``beside=`` opens another tab of the same browser."""
    seated: list[Person] = []

    def sit(language: str = "en", *, beside: Person | None = None, **habits: Any) -> Person:
        if beside is not None:
            context = beside.page.context
        else:
            size = habits.pop("size", (1280, 800))
            context = browser.new_context(
                locale=_LOCALES[language], viewport={"width": size[0], "height": size[1]}, **habits
            )
        seated.append(
            Person.sits_down(window, context, language, has_scripts=habits.get("java_script_enabled", True))
        )
        return seated[-1]

    yield sit
    complaints = [complaint for person in seated for complaint in person.complaints]
    for context in browser.contexts:
        context.close()
    assert complaints == []
