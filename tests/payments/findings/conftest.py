"""The window of the shipped city, by its services and by rows."""

from __future__ import annotations

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions
from tests.factories.desk import open_desk
from tests.factories.office_days import OfficeDays


@pytest.fixture
def office(sessions: Sessions, clock: FixedClock) -> OfficeDays:
    return OfficeDays(open_desk(sessions, clock))
