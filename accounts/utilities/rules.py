"""Usage from meter reads, billing periods, and the lines of a utility bill. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from accounts.cities.rules import City, Rate
from accounts.errors import DomainError
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.registers import MeterUse, RegisterRead
from accounts.pricing.rules import price
from accounts.pricing.shapes import BY_WINTER, METERED, NEED_READS, Shape
from accounts.pricing.winters import WinterAverage
from accounts.pricing.working import PricedLine

DAY = timedelta(days=1)
Cycle = Literal["monthly", "bimonthly"]
_MOST_KNOWN = 5_000
"""Priced lines that are kept for the next account: a run over a whole city needs no more memory than that."""
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


def billing_period(cycle: Cycle, bill_date: date) -> Period:
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


@dataclass(frozen=True, slots=True)
class Winter:
    """The average of a winter, and the bills that it comes from."""

    average: Decimal
    used: tuple[tuple[Period, Decimal], ...]


def winter_of(
    shape: WinterAverage, meters: Sequence[MeterReads], whole: Period, since_on: date, cycle: Cycle = "monthly"
) -> Winter | None:
    """The winter average that rules on the bill of the period ``whole``.

    None where a read of its months lacks, or the service was not taken through all of them (since ``since_on``).
    """
    bill = whole.last + DAY
    wanted = set(shape.season(bill))
    months = {"monthly": 1, "bimonthly": 2}[cycle]
    number = bill.year * 12 + bill.month - 1
    used = []
    while wanted and number >= min(year * 12 + month - 1 for year, month in wanted):
        if (number // 12, number % 12 + 1) in wanted:
            period = billing_period(cycle, date(number // 12, number % 12 + 1, min(bill.day, 28)))
            if since_on > period.first:
                return None
            try:
                used.append((period, usage(meters, period).ccf))
            except MissingRead:
                return None
        number -= months
    if not used:
        return None
    used.reverse()
    return Winter(shape.mean([ccf for _, ccf in used]), tuple(used))


@dataclass(frozen=True, slots=True)
class _Days:
    """The days that are priced, of a whole billing period, for a service taken since a day."""

    part: Period
    whole: Period
    since_on: date


class PriceList:
    """Prices the services of a bill by the city's rates. Equal services of many bills are priced once."""

    def __init__(self, city: City, cycle: Cycle = "monthly") -> None:
        self._city = city
        self._cycle: Cycle = cycle
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
                days = _Days(part, period, service.since_on)
                line = self._line(self._city.rate(code), choice, service.quantity, meters, days)
                if line.amount:
                    lines.append(line)
        return lines

    def is_metered(self, service: ServiceTaken) -> bool:
        """Whether some rate of a service is for usage, in some version."""
        rates = (self._city.rate(code) for code, _ in service.rates)
        return any(version.shape.type in METERED for rate in rates for version in rate.versions)

    def _line(self, rate: Rate, choice: str, quantity: int, meters: Sequence[MeterReads], days: _Days) -> PricedLine:
        part, whole = days.part, days.whole
        in_force = [version.shape for version in rate.versions if part.meets(version.valid_from, version.valid_to)]
        shapes = {shape.type for shape in in_force}
        winter = self._winter(in_force, meters, days)
        needs_reads = shapes & (NEED_READS - {BY_WINTER}) or (
            not winter and any(isinstance(one, WinterAverage) and one.until_set is None for one in in_force)
        )
        measured = usage(meters, part, is_start=part.first > whole.first) if needs_reads else None
        used, average = measured.ccf if measured else None, winter.average if winter else None
        size = choice or size_on(meters, part.last) if "by_meter_size" in shapes else None
        key = (rate.code, choice, quantity, used, average, size, part.first, part.last, whole.first, whole.last)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            facts = Facts(
                usage=used,
                winter_average=average,
                dwelling_units=quantity,
                meter_size=size,
                carts={choice: quantity} if "by_cart" in shapes else {},
                choice=choice if "by_choice" in shapes else None,
            )
            self._known[key] = price(rate, facts, part, whole)
        return _with_sources(self._known[key], measured, winter)

    def _winter(self, shapes: Iterable[Shape], meters: Sequence[MeterReads], days: _Days) -> Winter | None:
        """The average by the newest shape of the period that asks for one."""
        asks = [shape for shape in shapes if isinstance(shape, WinterAverage)]
        return winter_of(asks[-1], meters, days.whole, days.since_on, self._cycle) if asks else None


def _with_sources(line: PricedLine, measured: Usage | None, winter: Winter | None) -> PricedLine:
    """The line with what its usage came from beside its inputs: reads of its meters, bills of a winter."""
    sources: dict[str, JsonValue] = {}
    if measured:
        sources["reads"] = [segment.use.model_dump(mode="json") for segment in measured.segments]
    if winter:
        sources["winter"] = [
            {"first": period.first.isoformat(), "last": period.last.isoformat(), "usage": str(ccf)}
            for period, ccf in winter.used
        ]
    if not sources:
        return line
    working = line.working.model_copy(update={"inputs": {**line.working.inputs, **sources}})
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
