"""A window in the shipped city; when a test ends, the books must prove themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions
from tests.factories.desk import open_desk
from tests.factories.window import Window


@pytest.fixture
def window(sessions: Sessions, clock: FixedClock) -> Iterator[Window]:
    desk = open_desk(sessions, clock)
    yield Window(desk)
    desk.prove()
