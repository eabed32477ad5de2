"""What pricing a bill needs of many accounts at once: services and meters with their reads. Two statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.rules import City
from accounts.pricing.proration import Period
from accounts.pricing.shapes import BY_WINTER
from accounts.utilities.rules import MeterReads, Read, ServiceTaken

YEAR_BEFORE = timedelta(days=430)
"""Reads of the same period last year, and of the one before it."""
WINTERS = timedelta(days=650)
"""Reads of the winter that rules until the next one is over."""
_SERVICES = text("""
    SELECT customer_account_id, rate_code, quantity, since_on, until_on
      FROM utility_services
     WHERE customer_account_id = ANY (:accounts) AND since_on <= :last AND (until_on IS NULL OR until_on > :first)
     ORDER BY array_position(ARRAY['water', 'sewer', 'refuse', 'storm'], service), id""")
_METERS = text("""
    SELECT m.premises_id, m.serial, m.size, m.unit, m.dials, m.multiplier, m.installed_on, m.removed_on,
           array_agg(r.read_on ORDER BY r.read_on, r.id), array_agg(r.value ORDER BY r.read_on, r.id),
           array_agg(r.kind ORDER BY r.read_on, r.id)
      FROM meters m JOIN meter_reads r ON r.meter_id = m.id AND r.read_on BETWEEN :since AND :last
     WHERE m.premises_id = ANY (:premises)
     GROUP BY m.id""")


@dataclass(frozen=True, slots=True)
class Billable:
    """An account that is billed for a period."""

    id: int
    reference: str
    premises_id: int | None
    opened_on: date | None = None


@dataclass(frozen=True)
class Gathered:
    """Services by account and meters by premises; what is not there is empty."""

    services: defaultdict[int, list[ServiceTaken]]
    meters: defaultdict[int | None, list[MeterReads]]


def look_back(city: City) -> timedelta:
    """How far back reads are wanted: to compare with, and through the winter where a rate is by its average."""
    by_winter = any(version.shape.type == BY_WINTER for rate in city.rates for version in rate.versions)
    return max(YEAR_BEFORE, WINTERS) if by_winter else YEAR_BEFORE


def gather(session: Session, accounts: Sequence[Billable], period: Period, back: timedelta) -> Gathered:
    """Step: what the accounts take in a period, and what their meters said since ``back`` before it."""
    taken: defaultdict[int, list[ServiceTaken]] = defaultdict(list)
    days = {"first": period.first, "last": period.last}
    for account_id, *service in session.execute(_SERVICES, {**days, "accounts": [one.id for one in accounts]}):
        taken[account_id].append(ServiceTaken(*service))
    premises = [one.premises_id for one in accounts if one.premises_id]
    parameters = {"premises": premises, "since": period.first - back, "last": period.last}
    meters: defaultdict[int | None, list[MeterReads]] = defaultdict(list)
    for place, *meter in session.execute(_METERS, parameters):
        *facts, on, values, kinds = meter
        reads = tuple(Read(*read) for read in zip(on, values, kinds, strict=True))
        meters[place].append(MeterReads(*(*facts, reads)))
    return Gathered(taken, meters)
