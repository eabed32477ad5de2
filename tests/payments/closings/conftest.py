"""A window whose days are closed by the proof."""

from __future__ import annotations

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions
from tests.factories.till_days import TillDays, open_window


@pytest.fixture
def window(sessions: Sessions, clock: FixedClock) -> TillDays:
    return open_window(sessions, clock)
