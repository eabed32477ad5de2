"""Who did something in the made-up city, and when: a colleague's authority, and the clock of a day before today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.actors.service import actor_id
from accounts.cities.queries import RulingCity
from accounts.clock import Clock, FixedClock
from accounts.database import Sessions, transaction
from accounts.staff.queries import grants_of
from accounts.staff.rules import Authority, authority

CASHIER, CLERK, SECOND, CHIEF = "staff:rosa.medina", "staff:ana.ruiz", "staff:tomas.vega", "staff:luisa.park"
FINANCE = "staff:ben.cole"


@dataclass(frozen=True)
class Colleagues:
    """The people of a city, and its clock."""

    sessions: Sessions
    ruling: RulingCity
    clock: Clock

    def person(self, handle: str) -> Authority:
        """What somebody may do today."""
        with transaction(self.sessions) as session:
            actor = actor_id(session, handle)
            held = [each.grant for each in grants_of(session, actor)]
        return authority(self.ruling.city, actor, handle, held, self.clock.today())

    def at(self, days_ago: int, hour: int, minute: int = 0) -> FixedClock:
        """A moment of the city's day, so many days ago."""
        zone = self.ruling.city.identity.time_zone
        day = self.clock.today() - timedelta(days=days_ago)
        return FixedClock(datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC), zone)
