"""A counter in the shipped city; when a test ends, the books must prove themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions
from tests.factories.desk import Desk, open_desk


@pytest.fixture
def desk(sessions: Sessions, clock: FixedClock) -> Iterator[Desk]:
    opened = open_desk(sessions, clock)
    yield opened
    opened.prove()
