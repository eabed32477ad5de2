"""Time as a value that is passed in: rules never read it, services are given a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What the time is, and which calendar day it is at city hall."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        ...

    def today(self) -> date:
        """The calendar day in the city's time zone."""
        ...

    def day_of(self, instant: datetime) -> date:
        """The calendar day of an instant in the city's time zone."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock, read in the city's time zone."""

    time_zone: str = "America/Los_Angeles"

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.day_of(self.now())

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class CityClock:
    """The machine's clock in a time zone that is asked for each time: the ruling city's, which a release may set.

    ``ahead``: how far it runs before the machine's; never in production, where ``CLOCK_AHEAD`` is refused.
    """

    zone: Callable[[], str]
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def today(self) -> date:
        return self.day_of(self.now())

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.zone())).date()


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; tests and replays use it."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 11, 17, 18, 0, tzinfo=UTC))
    time_zone: str = "America/Los_Angeles"

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return self.day_of(self.instant)

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def advance(self, **by: float) -> None:
        """Move forward by ``timedelta(**by)``."""
        self.instant += timedelta(**by)
