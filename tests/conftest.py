"""Fixtures that every test may ask for; those of one feature live beside its tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import Engine

from accounts.clock import FixedClock
from accounts.database import Sessions
from drills.opening import opened
from drills.stage import Stage
from portal.identity import passwords
from portal.identity.staff import invitations
from tests import database
from tests.database import TestDatabase

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile(
    "house"
)  # the same inputs each time, so that main stays green; new ones are sought by `make fuzz`
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # its own traces are colored, with every local variable, and take seconds each
LONG = {"concurrency", "contract", "demo", "drills", "fuzz", "reliability", "sandbox"}
"""Folders of tests; single files say it themselves."""
_SERVER = pytest.StashKey[object]()


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process (or the only one) owns the embedded server."""
    if os.environ.get("PYTEST_XDIST_WORKER") is None and not config.option.collectonly:
        config.stash[_SERVER] = database.start_server()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What has processes, a processor or a city of its own is left to ``make test``; a guest's pages are not."""
    for item in items:
        parts = item.path.relative_to(Path(__file__).parent.parent).parts
        asks_processor = "sandbox" in getattr(item, "fixturenames", ()) and "public" not in parts
        if asks_processor or LONG.intersection(parts):
            item.add_marker(pytest.mark.long)


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_SERVER, None)
    if server is not None:
        database.stop_server(server)  # type: ignore[arg-type]


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """A hundred sign-ins at what a guess costs an attacker would take ten seconds."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "hasher", lambda: quick)
        patch.setattr(invitations, "hasher", lambda: quick)
        yield


@pytest.fixture(scope="session")
def worker_database() -> Iterator[TestDatabase]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    opened = database.open_database(f"ventanilla_test_{worker}")
    yield opened
    opened.close()


@pytest.fixture
def db(worker_database: TestDatabase) -> TestDatabase:
    """An empty, migrated database. It is emptied after the test, so that a failed test can be looked into."""
    worker_database.empty()
    return worker_database


@pytest.fixture
def sessions(db: TestDatabase) -> Sessions:
    """Sessions of the application's role."""
    return db.sessions


@pytest.fixture
def owner_engine(db: TestDatabase) -> Engine:
    """The owner's engine: to look, and to try what an owner could do behind our back."""
    return db.owner


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday, 17 November 2026, ten in the morning in California."""
    return FixedClock()


@pytest.fixture(scope="session")
def drill_stage() -> Iterator[Stage]:
    """A stage of the drills with real processes; one for all tests of a worker, each of which leaves it calm."""
    with opened(database.running_server(), "postgres") as stage:
        yield stage
