"""Usage from meter reads, billing periods, and the lines of a utility bill. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from accounts.cities.rules import City, Rate
from accounts.errors import DomainError
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.registers import MeterUse, RegisterRead
from accounts.pricing.rules import price
from accounts.pricing.shapes import METERED
from accounts.pricing.working import PricedLine

DAY = timedelta(days=1)
_TRUST = {"estimated": 0, "customer": 1, "actual": 2, "final": 3, "reread": 4}
"""Of two reads on one day the more trusted one counts."""


class MissingRead(DomainError):
    """A metered service cannot be billed: ``facts["serial"]`` has no read in the period."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a meter showed at the end of a day."""

    on: date
    value: int
    kind: str = "actual"


@dataclass(frozen=True, slots=True)
class MeterReads:
    """A meter of the premises with its reads in any order. ``unit`` is CF, CCF or GAL."""

    serial: str
    size: str
    unit: str
    dials: int
    multiplier: Decimal
    installed_on: date
    removed_on: date | None
    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Usage between two reads of one meter, in CCF."""

    serial: str
    previous: Read
    current: Read
    use: MeterUse
    """What the working of a charge keeps of it."""

    @property
    def ccf(self) -> Decimal:
        return self.use.ccf


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of a period; a meter that was exchanged in it gives two segments."""

    ccf: Decimal
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ServiceTaken:
    """A service of an account. ``rate_code`` names the city's rates, each with its choice if it has one:
    ``water-fixed+water-usage``, ``refuse-carts:64``. ``quantity`` counts carts or dwelling units.
    """

    rate_code: str
    quantity: int
    since_on: date
    until_on: date | None = None
    """The first day without it, as files state it."""

    @property
    def rates(self) -> tuple[tuple[str, str], ...]:
        """(Rate, choice) pairs."""
        parts = (part.partition(":") for part in self.rate_code.split("+"))
        return tuple((code.strip(), choice.strip()) for code, _, choice in parts)

    def within(self, period: Period) -> Period | None:
        """The part of a period in which the service was taken."""
        return period.meets(self.since_on, self.until_on - DAY if self.until_on else None)


def billing_period(cycle: Literal["monthly", "bimonthly"], bill_date: date) -> Period:
    """The one or two months that end on the day before the bill."""
    months = {"monthly": 1, "bimonthly": 2}[cycle]
    year, month = divmod(bill_date.year * 12 + bill_date.month - 1 - months, 12)
    return Period(first=date(year, month + 1, min(bill_date.day, 28)), last=bill_date - DAY)


def usage_between(previous: Read, current: Read, meter: MeterReads) -> Segment:
    """What a meter measured from one read to another; :class:`MeterUse` has the formula."""
    use = MeterUse(
        meter=meter.serial,
        unit=meter.unit,
        dials=meter.dials,
        multiplier=meter.multiplier,
        previous=RegisterRead(on=previous.on, value=previous.value, kind=previous.kind),
        current=RegisterRead(on=current.on, value=current.value, kind=current.kind),
    )
    return Segment(meter.serial, previous, current, use)


def usage(meters: Iterable[MeterReads], period: Period, *, is_start: bool = False) -> Usage:
    """What was used in a period, on each meter that stood in it.

    From the last read on or before the first day to the last read in the period. A new meter begins with its first
    read; so does a new customer (``is_start``), who does not pay for what ran before. Raises :class:`MissingRead`.
    """
    standing = [meter for meter in meters if _stood(meter, period)]
    found = [_segment(meter, period, is_start=is_start) for meter in standing]
    segments = tuple(segment for segment in found if segment is not None)
    if not segments:
        raise MissingRead("no meter with two reads stands at the premises", serial="")
    return Usage(sum((segment.ccf for segment in segments), Decimal(0)), segments)


def size_on(meters: Iterable[MeterReads], on: date) -> str | None:
    """The size of the meter that stands at the end of a day, in inches as printed."""
    standing = [m for m in meters if m.installed_on <= on and (m.removed_on is None or m.removed_on > on)]
    return max(standing, key=lambda m: (m.installed_on, m.serial)).size if standing else None


class PriceList:
    """Prices the services of a bill by the city's rates. Equal services of many bills are priced once."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._known: dict[tuple[object, ...], PricedLine] = {}

    def lines(
        self, services: Iterable[ServiceTaken], meters: Sequence[MeterReads], period: Period
    ) -> list[PricedLine]:
        """The lines of a bill, those that come to nothing left out. Raises :class:`MissingRead`."""
        lines = []
        for service in services:
            part = service.within(period)
            if part is None:
                continue
            for code, choice in service.rates:
                line = self._line(self._city.rate(code), choice, service.quantity, meters, (part, period))
                if line.amount:
                    lines.append(line)
        return lines

    def _line(
        self, rate: Rate, choice: str, quantity: int, meters: Sequence[MeterReads], days: tuple[Period, Period]
    ) -> PricedLine:
        part, whole = days
        shapes = {version.shape.type for version in rate.versions}
        measured = usage(meters, part, is_start=part.first > whole.first) if shapes & METERED else None
        used = measured.ccf if measured else None
        size = choice or size_on(meters, part.last) if "by_meter_size" in shapes else None
        key = (rate.code, choice, quantity, used, size, part.first, part.last, whole.first, whole.last)
        if key not in self._known:
            facts = Facts(
                usage=used,
                dwelling_units=quantity,
                meter_size=size,
                carts={choice: quantity} if "by_cart" in shapes else {},
                choice=choice if "by_choice" in shapes else None,
            )
            self._known[key] = price(rate, facts, part, whole)
        return _with_reads(self._known[key], measured) if measured else self._known[key]


def _with_reads(line: PricedLine, measured: Usage) -> PricedLine:
    """The line with the reads that its usage came from beside its inputs."""
    reads = [segment.use.model_dump(mode="json") for segment in measured.segments]
    working = line.working.model_copy(update={"inputs": {**line.working.inputs, "reads": reads}})
    return replace(line, working=working)


def _stood(meter: MeterReads, period: Period) -> bool:
    return meter.installed_on <= period.last and (meter.removed_on is None or meter.removed_on > period.first)


def _segment(meter: MeterReads, period: Period, *, is_start: bool) -> Segment | None:
    """Usage on one meter; nothing yet for a meter that came so late that it was read only once."""
    best: dict[date, Read] = {}
    for read in meter.reads:
        known = best.get(read.on)
        if known is None or _TRUST[read.kind] > _TRUST[known.kind]:
            best[read.on] = read
    # The end of the day before is the start of the first: the final read of who left begins for who comes.
    before = [day for day in best if day <= period.first and (not is_start or day >= period.first - DAY)]
    inside = sorted(day for day in best if period.first < day <= period.last)
    start = max(before) if before else (inside.pop(0) if inside else None)
    if start is not None and inside:
        return usage_between(best[start], best[inside[-1]], meter)
    if start is not None and meter.installed_on > period.first:
        return None
    raise MissingRead(f"no read of meter {meter.serial} from {period.first} to {period.last}", serial=meter.serial)
