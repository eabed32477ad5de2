"""A day at the window with everything in it, and what people and the night say of closing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.seals.service import Closed, close_days
from payments.closings.service import proof_of
from portal.sealing import PARTS
from tests.factories.till_days import TillDays, item


@dataclass
class FullDay:
    """What was done on it."""

    window: TillDays
    day: date
    drawer: int
    water: int


def close(window: TillDays) -> Closed:
    """As the night does."""
    city = window.ruling.city
    now = window.clock.now()
    return close_days(window.sessions, PARTS, clock=window.clock, swept_through=now, proof=proof_of(city))


def waits(window: TillDays) -> list[str]:
    """Codes of what keeps the next day open."""
    done = close(window)
    return [] if done.waiting is None else [obstacle.code for obstacle in done.waiting.obstacles]


def full_day(window: TillDays, *, is_closed: bool = True) -> FullDay:
    """Cash, a check, a terminal slip, a void, a drop, an over; counted and accepted unless told not to."""
    water = window.desk.account("utility", ("water", "service", 80_00), ("sewer", "service", 45_01))
    drawer = window.open()
    window.sell(drawer, {"cash": 60_00, "check": 50_00}, account=water, items=[item("records-request", 4_99)])
    window.sell(drawer, {"terminal": 12_34}, items=[item("park-reservation", 12_34, "PK-101")])
    window.void(window.sell(drawer, {"cash": 8_00}, items=[item("records-request", 8_00)]))
    window.drop(drawer, 20_00)
    if is_closed:
        window.close(drawer, off=3)
    return FullDay(window, window.today, drawer, water)
