"""The former systems' files: made-up registers in the layout of ``city/profiles/demo-*.toml``.

Proportions follow real shapes (docs: San Luis Obispo's business types, Los Angeles's fines, LADWP's seasons); no real
row, name or address is in them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from demo.days import Days, months_before
from demo.people import CITY, STATE, ZIP_CODE, Town

SEASON = (228, 210, 240, 255, 290, 301, 334, 339, 314, 290, 258, 238)
"""Water use by month, January first, in tenths of a CCF: LADWP's medians over ZIP codes, August 1.6 of February."""
USUAL = sum(SEASON) / 12
HOUSE_CCF, SHOP_CCF, FLAT_CCF = 13, 18, 6
"""What a house, a shop and a flat use in a usual month."""
DIALS = 5
METER_TURNS_AT: int = 10**DIALS

MONTHS_BEFORE = 22
WITH_HISTORY = 200
"""So many accounts of the first cycle bring reads of the year before; all of the second do."""

Row = dict[str, str]
BEHIND = ((0, 78), (1, 12), (2, 6), (3, 3), (5, 1))
"""How many due bills an account has not paid, and how many accounts in a hundred."""


@dataclass(frozen=True)
class Home:
    """A utility account as made: its row, what it uses in a usual month, and how it pays."""

    row: Row
    behind: int
    usual_ccf: float
    dial: int
    opened_on: date

    @property
    def number(self) -> str:
        return self.row["number"]


@dataclass
class Registers:
    """All that was made."""

    homes: list[Home] = field(default_factory=list)
    second_cycle: list[Home] = field(default_factory=list)
    licenses: list[Row] = field(default_factory=list)
    receipts: dict[str, int] = field(default_factory=dict)
    """License number → gross receipts that its term declares, in dollars."""
    citations: list[Row] = field(default_factory=list)


def homes(town: Town, days: Days, count: int) -> list[Home]:
    """Utility accounts: in a hundred, 82 houses, 8 apartment houses, 10 businesses."""
    return [home(town, days, serial) for serial in range(1, count + 1)]


def reads(made: Iterable[Home], town: Town, days: Days) -> dict[date, list[Row]]:
    """What each meter showed on each of the three days; a new customer's meter also on the first day."""
    files: dict[date, list[Row]] = {day: [] for day in days.reads}
    for one in made:
        dial, before = one.dial, max(one.opened_on, days.reads[0])
        for day in (before, *(day for day in days.reads if day > before)):
            dial += _used(one, town, before, day)
            kind = "estimated" if day > before and town.random.random() < 0.01 else "actual"
            files[next(file for file in days.reads if file >= day)].append(_read(one, day, dial, kind))
            before = day
    return files


def reads_of_year_before(made: Iterable[Home], town: Town, days: Days) -> list[Row]:
    """Earlier reads, so that a bill shows its months beside last year's; a dial does not go below zero."""
    rows = []
    for one in made:
        dial, later = one.dial, days.reads[0]
        for back in range(1, MONTHS_BEFORE + 1):
            day = months_before(days.reads[0], back)
            dial -= _used(one, town, day, later)
            if dial < 0 or day < one.opened_on:
                break
            rows.append(_read(one, day, dial, "actual"))
            later = day
    return rows


def write(path: Path, rows: list[Row]) -> Path:
    """One CSV file, its columns those of the first row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def holder_columns(town: Town, *, business: str = "") -> Row:
    """Who holds an account, and how to reach them."""
    person = town.person()
    return {
        "holder": business or person.name,
        "holder_kind": "business" if business else "person",
        "last_name": "" if business else person.last,
        "email": person.email,
        "phone": person.phone,
        "language": person.language,
    }


def place_columns(town: Town, *, suite: bool = False) -> Row:
    """Where it is: an address of the made-up city."""
    return {"address": town.address(suite=suite), "city": CITY, "state": STATE, "zip": ZIP_CODE}


def home(town: Town, days: Days, serial: int, *, cycle: str = "1", is_punctual: bool = False) -> Home:
    """One utility account of a cycle."""
    chance = town.random
    use = chance.choices(("house", "apartments", "business"), (82, 8, 10))[0]
    units = chance.choice((2, 3, 4, 4, 6, 8, 12, 16, 24)) if use == "apartments" else 1
    spread = chance.lognormvariate(0, 0.8 if use == "business" else 0.42)
    usual = spread * {"house": HOUSE_CCF, "apartments": FLAT_CCF * units, "business": SHOP_CCF}[use]
    if chance.random() < 0.01:
        usual = 0.0
    is_new = chance.random() < 0.015
    opened = days.bills[0] + timedelta(days=chance.randrange(2, 22)) if is_new else _long_ago(town, days)
    behind = 0 if is_new or is_punctual else chance.choices(*zip(*BEHIND, strict=True))[0]
    services = _services(town, use, units)
    business = town.business("Retail", town.person()) if use == "business" else ""
    row = {
        "number": f"10-{serial:06d}-{chance.randrange(1, 6):02d}",
        "former_number": _former_number(town, serial),
        "status": "open",
        "opened_on": opened.isoformat(),
        "closed_on": "",
        "protected": "yes" if chance.random() < 0.0015 else "no",
        **holder_columns(town, business=business),
        "mailing_address": "",
        **place_columns(town, suite=use == "business"),
        "parcel": f"{chance.randrange(200, 260)}-{chance.randrange(10, 99)}-{serial:04d}",
        "dwelling_units": str(units),
        "customer_class": {"house": "residential", "apartments": "multifamily", "business": "commercial"}[use],
        "cycle": cycle,
        "route": str(1 + serial * 12 // 4100),
        "bill_code": town.code(),
        "last_payment": "" if is_new else f"{chance.randrange(12000, 26000) / 100:.2f}",
        **services,
        **_meter(town, use, serial, opened),
        **_carried(town, days, behind, usual),
    }
    return Home(row, behind, usual, _first_dial(town), opened)


def _long_ago(town: Town, days: Days) -> date:
    return days.today - timedelta(days=int(200 + 7000 * town.random.random() ** 2))


def _former_number(town: Town, serial: int) -> str:
    """One in four is still known by a number of one of two systems before."""
    chance = town.random.random()
    if chance < 0.15:
        return f"U{70000 + serial * 3}-{serial % 7}"
    return f"{serial * 17 % 900 + 100}/{serial:05d}.{serial % 10}" if chance < 0.25 else ""


def _services(town: Town, use: str, units: int) -> Row:
    """Rates of the city, each with its choice: carts of a size, dwelling units."""
    chance = town.random
    cart = "96" if use != "house" else chance.choices(("32", "64", "96"), (20, 60, 20))[0]
    carts = {"house": 1, "apartments": max(1, units // 2), "business": chance.randrange(1, 5)}[use]
    without_refuse = use == "business" and chance.random() < 0.3
    return {
        "water_rate": "water-fixed+water-usage",
        "water_quantity": "1",
        "sewer_rate": "sewer-commercial" if use == "business" else "sewer-residential",
        "sewer_quantity": str(units),
        "refuse_rate": "" if without_refuse else f"refuse-carts:{cart}",
        "refuse_quantity": "" if without_refuse else str(carts),
        "storm_rate": "storm-drain",
        "storm_quantity": str(units),
    }


def _meter(town: Town, use: str, serial: int, opened: date) -> Row:
    sizes = {
        "house": ("3/4", "3/4", "3/4", "1"),
        "apartments": ("1 1/2", "2"),
        "business": ("3/4", "1", "1 1/2", "2"),
    }
    return {
        "meter": f"RC{serial * 7 + 1000003:08d}",
        "meter_size": town.random.choice(sizes[use]),
        "meter_unit": "CCF",
        "meter_dials": str(DIALS),
        "meter_installed_on": min(opened, date(2019, 3, 1)).isoformat(),
    }


def _first_dial(town: Town) -> int:
    """What the meter showed first; one in a hundred is about to turn over."""
    if town.random.random() < 0.01:
        return METER_TURNS_AT - town.random.randrange(1, 25)
    return town.random.randrange(100, 9000)


def _carried(town: Town, days: Days, behind: int, usual: float) -> Row:
    """The balance brought forward: bills of the former system that were not paid."""
    months = max(0, behind - days.due_before_today)
    chance = 0.97 + town.random.random() * 0.1
    part = {"water": 2760 + 322 * usual, "sewer": 5760, "refuse": 5565, "storm": 435}
    cents = {service: round(amount * chance) * months for service, amount in part.items()}
    due = days.former_due[months - 1] if months else None
    return {
        **{f"balance_{service}": f"{amount / 100:.2f}" for service, amount in cents.items()},
        "balance_total": f"{sum(cents.values()) / 100:.2f}",
        "billed_on": (due - timedelta(days=15)).isoformat() if due else "",
        "due_on": due.isoformat() if due else "",
        "delinquent_on": (due + timedelta(days=7)).isoformat() if due else "",
    }


def _used(home: Home, town: Town, since: date, until: date) -> int:
    months = (until - since).days / 30.4
    return round(home.usual_ccf * months * SEASON[since.month - 1] / USUAL * town.random.uniform(0.85, 1.15))


def _read(home: Home, day: date, dial: int, kind: str) -> Row:
    value = str(dial % METER_TURNS_AT)
    return {"meter": home.row["meter"], "read_on": day.isoformat(), "value": value, "kind": kind}
