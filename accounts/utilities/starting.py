"""What a utility account starts with, and what is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.cities.rules import City, Rate
from accounts.errors import Conflict, DomainError
from accounts.pricing.proration import Period
from accounts.pricing.shapes import NEED_READS
from accounts.utilities.rules import DAY, MeterReads, PriceList, Read, ServiceTaken

SERVICES = ("water", "sewer", "refuse", "storm")
UNITS = ("CF", "CCF", "GAL")
BY_SIZE = "by_meter_size"


class NotAService(DomainError):
    """No service of the city, or none that this rate is for: ``facts["service"]``, ``facts["rate"]``."""


class AlreadyServed(Conflict):
    """Somebody else takes a metered service at this place; their account is closed first: ``facts["reference"]``."""


class MeterMissing(DomainError):
    """A metered service needs a meter, and none stands at the premises."""


class MeterElsewhere(DomainError):
    """That meter stands at another place, or was taken out: ``facts["serial"]``."""


class BadMeter(DomainError):
    """A meter that cannot be: its unit, dials, multiplier or serial number; ``facts["field"]``."""


class BadRead(DomainError):
    """A meter with so many dials cannot show that: ``facts["dials"]``."""


@dataclass(frozen=True, slots=True)
class ServiceWanted:
    """A service at a rate of the city (see ``ServiceTaken``), so many times."""

    service: str
    rate_code: str
    quantity: int = 1

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """(Rate, choice) pairs."""
        return ServiceTaken(self.rate_code, self.quantity, date.min).rates


@dataclass(frozen=True, slots=True)
class NewMeter:
    """A meter that is set for the account. ``unit`` is CF, CCF or GAL."""

    serial: str
    size: str = "3/4"
    unit: str = "CCF"
    dials: int = 5
    multiplier: Decimal = Decimal(1)


@dataclass(frozen=True)
class Start:
    """The services of a new account. Without ``meter`` the one that stands at the premises is theirs.

    ``first_read`` is what it showed on the day; without it the first bill waits for a read of that day.
    """

    services: tuple[ServiceWanted, ...]
    customer_class: str = "residential"
    cycle: str = ""
    route: str = ""
    meter: NewMeter | None = None
    first_read: int | None = None


def check_services(city: City, services: Sequence[ServiceWanted], on: date, meter_size: str | None) -> None:
    """Raises :class:`NotAService`, :class:`MeterMissing`, or what pricing them would, so that each can be billed."""
    if not services or len({wanted.service for wanted in services}) != len(services):
        raise NotAService("each service once, and at least one")
    for wanted in services:
        rates = [city.rate(code) for code, _ in wanted.codes]
        ours = all(rate.kind == "service" and _is_utility(city, rate) for rate in rates)
        if wanted.service not in SERVICES or wanted.quantity < 1 or not ours:
            raise NotAService(f"no {wanted.service} at {wanted.rate_code}", service=wanted.service,
                              rate=wanted.rate_code)  # fmt: skip
        if meter_size is None and _needs_meter(rates, wanted, on):
            raise MeterMissing(f"{wanted.service} needs a meter")
    days = Period(first=on, last=on + DAY)
    reads = (Read(on, 0), Read(on + DAY, 0))
    meter = MeterReads("", meter_size or "", "CCF", 5, Decimal(1), on, None, reads)
    PriceList(city).lines([ServiceTaken(w.rate_code, w.quantity, on) for w in services], [meter], days)


def metered(city: City, services: Iterable[ServiceWanted], on: date) -> set[str]:
    """The services that are billed by what a meter says."""
    return {
        wanted.service
        for wanted in services
        if any(_shape(city.rate(code), on) in NEED_READS for code, _ in wanted.codes)
    }


def check_meter(meter: NewMeter) -> None:
    """Raises :class:`BadMeter`."""
    faults = {
        "serial": not meter.serial.strip(),
        "unit": meter.unit not in UNITS,
        "dials": not 3 <= meter.dials <= 9,
        "multiplier": not 0 < meter.multiplier <= 99_999,
    }
    for field, is_wrong in faults.items():
        if is_wrong:
            raise BadMeter(f"no meter has this {field}", field=field)


def check_read(value: int, dials: int) -> None:
    """Raises :class:`BadRead`."""
    if not 0 <= value < 10**dials:
        raise BadRead(f"{dials} dials cannot show {value}", dials=dials)


def _needs_meter(rates: Sequence[Rate], wanted: ServiceWanted, on: date) -> bool:
    shapes = [(_shape(rate, on), choice) for rate, (_, choice) in zip(rates, wanted.codes, strict=True)]
    return any(shape in NEED_READS or (shape == BY_SIZE and not choice) for shape, choice in shapes)


def _is_utility(city: City, rate: Rate) -> bool:
    return city.revenue_line(rate.revenue_line).account_kind == "utility"


def _shape(rate: Rate, on: date) -> str:
    version = rate.version(on)
    return version.shape.type if version else ""
