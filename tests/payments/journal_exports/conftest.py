"""Two closed days at the window, with projects, a void, and an over."""

from __future__ import annotations

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions
from accounts.seals.service import close_days
from portal.sealing import PARTS
from tests.factories.till_days import TillDays, item, open_window


def close(window: TillDays) -> None:
    """Every day that is over."""
    close_days(window.sessions, PARTS, clock=window.clock, swept_through=window.clock.now())


@pytest.fixture
def window(sessions: Sessions, clock: FixedClock) -> TillDays:
    """It is Thursday; Tuesday and Wednesday are closed, and nothing was exported."""
    made = open_window(sessions, clock)
    water = made.desk.account("utility", ("water", "service", 80_00), ("sewer", "service", 45_01))
    drawer = made.open()
    made.sell(drawer, {"cash": 60_00, "check": 70_00}, account=water, items=[item("records-request", 4_99)])
    park = made.sell(drawer, {"cash": 55_00}, items=[
        item("park-reservation", 30_00, "PK-101"), item("park-reservation", 25_00, "PK-102")])  # fmt: skip
    made.close(drawer, off=3)
    clock.advance(days=1)
    later = made.open()
    made.sell(later, {"terminal": 12_34}, items=[item("park-reservation", 12_34, "PK-101")])
    wrong = made.sell(later, {"cash": 8_00}, items=[item("park-reservation", 8_00, "PK-102")])
    made.void(wrong)
    made.close(later)
    clock.advance(days=1)
    close(made)
    assert park.payment_id
    made.person("olga", "finance")
    return made
