"""The rates that a city has for each utility service on a day, as the counter picks from them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from accounts.cities.rules import City, Rate
from accounts.pricing.shapes import NEED_READS, ByCart, ByChoice
from accounts.pricing.texts import Text, text
from accounts.utilities.starting import SERVICES

_BY_METER = "by_meter_size"
_FIXED = frozenset({"fixed", _BY_METER})
_COUNTED = {"by_cart": "carts", "per_dwelling_unit": "dwellings"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A rate, or a fixed charge and usage together. ``rate_code`` is as ``ServiceWanted`` takes it."""

    rate_code: str
    name: Text
    counts: str = ""
    """What its quantity counts: ``carts``, ``dwellings``, or nothing."""
    needs_meter: bool = False


def offers(city: City, on: date) -> dict[str, tuple[Offer, ...]]:
    """Offers by service: rates of the revenue line that has the service's code, those together first.

    A service of a city that has no such line is offered the rates of all utility lines that are no service's.
    """
    lines = [code for code, line in city.revenue_lines.items() if line.account_kind == "utility"]
    others = [code for code in lines if code not in SERVICES]
    return {
        service: tuple(_offers(city, [service] if service in lines else others, on)) for service in SERVICES
    }  # fmt: skip


def _offers(city: City, lines: list[str], on: date) -> Iterator[Offer]:
    rates = [
        rate for rate in city.rates if rate.revenue_line in lines and rate.kind == "service" and rate.version(on)
    ]
    fixed = [rate for rate in rates if _shape(rate, on) in _FIXED]
    used = [rate for rate in rates if _shape(rate, on) in NEED_READS]
    for one in fixed:
        for other in used:
            yield Offer(f"{one.code}+{other.code}", _joined(one.name, " + ", other.name), needs_meter=True)
    for rate in rates:
        yield from _alone(rate, on)


def _alone(rate: Rate, on: date) -> Iterator[Offer]:
    version = rate.version(on)
    shape = version.shape if version else None
    kind = _shape(rate, on)
    if isinstance(shape, ByCart):
        for size in shape.amounts:
            cart = text(f"{size}-gallon cart", f"Contenedor de {size} galones")
            yield Offer(f"{rate.code}:{size}", _joined(rate.name, ": ", cart), _COUNTED[kind])
    elif isinstance(shape, ByChoice):
        for code, choice in shape.choices.items():
            yield Offer(f"{rate.code}:{code}", _joined(rate.name, ": ", choice.name))
    else:
        yield Offer(rate.code, rate.name, _COUNTED.get(kind, ""), needs_meter=kind in NEED_READS or kind == _BY_METER)


def _joined(one: Text, between: str, other: Text) -> Text:
    return Text({language: f"{words}{between}{other.in_(language)}" for language, words in one.root.items()})


def _shape(rate: Rate, on: date) -> str:
    version = rate.version(on)
    return version.shape.type if version else ""
