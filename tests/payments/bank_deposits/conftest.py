"""A vault; when a test ends, the books must prove themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions
from tests.factories.vault import Vault, open_vault


@pytest.fixture
def vault(sessions: Sessions, clock: FixedClock) -> Iterator[Vault]:
    opened = open_vault(sessions, clock)
    yield opened
    opened.desk.prove()
