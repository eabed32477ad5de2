"""Business licenses and parking citations of the made-up city, as their registers would send them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta

from accounts.cities.rules import City
from accounts.pricing.shapes import ByChoice
from demo.days import RENEWAL_MONTHS, Days, term_start
from demo.people import Town
from demo.registers import Registers, Row, holder_columns, place_columns

_KINDS = (
    ("Residential rental", "services", 211), ("Contractor, specialty", "services", 106),
    ("Contractor, general", "services", 72), ("Home occupation", "services", 100), ("Retail", "retail", 110),
    ("Restaurant", "retail", 62), ("Medical services", "professional", 55), ("Professional", "professional", 60),
    ("Beauty salon", "services", 48), ("Business services", "services", 66), ("Auto repair", "services", 40),
    ("Manufacturing", "retail", 16), ("Wholesale", "retail", 15), ("Commercial rental", "services", 15),
    ("Massage", "services", 14),
)  # fmt: skip
"""Business type, class of the city, and how many in a thousand (San Luis Obispo's register)."""
_VIOLATIONS = {
    "street-sweeping": ("RC 10.69", "NO PARK/STREET SWEEP", 37), "expired-meter": ("RC 10.13", "METER EXPIRED", 20),
    "red-zone": ("RC 10.56", "RED ZONE", 7), "preferential": ("RC 10.58", "PREFERENTIAL PARKING", 6),
    "expired-tabs": ("CVC 5204A", "EXPIRED TABS", 6), "time-limit": ("RC 10.69C", "PARKED OVER TIME LIMIT", 5),
    "no-parking": ("RC 10.69B", "NO PARKING", 5), "no-stopping": ("RC 10.70", "NO STOPPING", 4),
    "white-zone": ("RC 10.57", "WHITE ZONE", 3), "fire-hydrant": ("CVC 22514", "FIRE HYDRANT", 2),
    "double-parking": ("CVC 22500H", "DOUBLE PARKING", 2),
    "blocking-driveway": ("CVC 22500E", "BLOCKING DRIVEWAY", 2),
    "disabled-space": ("CVC 22507.8A", "DISABLED PARKING", 1),
}  # fmt: skip
"""Choice of the city's fines → code, words, and how many in a hundred (Los Angeles, 2015)."""
_MAKES = ("TOYT", "HOND", "FORD", "CHEV", "NISS", "RAM", "HYUN", "KIA", "TSLA", "JEEP")
LATE_CHARGE = 2500
"""Cents; what the citation system adds when a citation is late (city/rates/parking.toml)."""


def add_licenses(made: Registers, town: Town, city: City, days: Days, count: int) -> None:
    """Licenses: most run with the license year, some from another quarter."""
    for serial in range(1, count + 1):
        row = _license(town, city, days, serial)
        made.licenses.append(row)
        made.receipts[row["number"]] = round(town.random.lognormvariate(12.0, 1.25))


def add_citations(made: Registers, town: Town, city: City, days: Days, count: int) -> None:
    """Citations of the last five months, with the city's fines."""
    version = city.rate("citation-fines").version(days.today)
    shape = version.shape if version else None
    if not isinstance(shape, ByChoice):
        raise TypeError("the demo's fines are a schedule of choices")
    fines = {code: int(choice.amount * 100) for code, choice in shape.choices.items()}
    for serial in range(1, count + 1):
        made.citations.append(_citation(town, days, fines, serial))


def contradicting_citation(made: Registers) -> Row:
    """A ticket as agencies send some: its balance is not its fine and penalty together. It is shown, never forced."""
    late = next(row for row in made.citations if row["open_penalty"] != "0.00")
    return {**late, "number": "RC4419990", "plate": "7RIO118", "bill_code": "RCLARO1", "balance": late["open_fine"]}


def _license(town: Town, city: City, days: Days, serial: int) -> Row:
    chance = town.random
    kind, license_class, _ = chance.choices(_KINDS, [weight for *_, weight in _KINDS])[0]
    owner = town.person()
    month = chance.choice(RENEWAL_MONTHS) if chance.random() < 0.25 else _year_month(city, days)
    starts = term_start(city, days.today, month)
    late_in = (days.today - starts).days
    owes = chance.random() < (0.5 if late_in < 0 else 0.16 if late_in < 31 else 0.09)
    person = holder_columns(town)
    return {
        "number": f"BL-{20000 + serial}",
        "former_number": f"{serial:04d}-{93 + serial % 7}" if chance.random() < 0.2 else "",
        "status": "open",
        "opened_on": (began := starts - timedelta(days=365 * chance.randrange(1, 20))).isoformat(),
        "closed_on": "",
        "business_name": town.business(kind, owner),
        "owner_last_name": owner.last,
        "email": owner.email,
        "phone": person["phone"],
        "language": owner.language,
        "mailing_address": "",
        **place_columns(town, suite=True),
        "license_class": license_class,
        "business_type": kind,
        "naics": "",
        "started_on": began.isoformat(),
        "ceased_on": "",
        "term_starts_on": starts.isoformat(),
        "term_expires_on": (starts.replace(year=starts.year + 1) - timedelta(days=1)).isoformat(),
        "term_state": "due" if owes else "active",
        "bill_code": town.code(),
        "last_payment": "54.00",
        "due_license": "0.00",
        "due_fee": "0.00",
        "due_penalty": "0.00",
        "due_total": "0.00",
        "billed_on": "",
        "due_on": "",
        "delinquent_on": "",
    }


def _year_month(city: City, days: Days) -> int:
    return city.license_policy(days.today).year_starts_in_month


def _citation(town: Town, days: Days, fines: Mapping[str, int], serial: int) -> Row:
    chance = town.random
    choice = chance.choices(list(_VIOLATIONS), [weight for *_, weight in _VIOLATIONS.values()])[0]
    code, words, _ = _VIOLATIONS[choice]
    issued = days.today - timedelta(days=chance.randrange(1, 150))
    due = issued + timedelta(days=21)
    paid = chance.random() < 0.35
    late = not paid and due + timedelta(days=21) < days.today
    fine, penalty = (0 if paid else fines[choice]), (LATE_CHARGE if late else 0)
    owner = holder_columns(town) if chance.random() < 0.6 else dict.fromkeys(
        ("holder", "holder_kind", "last_name", "email", "phone"), ""
    ) | {"language": "en"}  # fmt: skip
    return {
        "number": f"RC{4410000 + serial * 13}",
        **{name: owner[name] for name in ("holder", "last_name", "email", "phone", "language")},
        "status": "open",
        "issued_on": issued.isoformat(),
        "issued_time": time(chance.randrange(7, 20), chance.randrange(60)).strftime("%H:%M"),
        "violation_code": code,
        "violation": words,
        "location": town.street(),
        "plate_state": "CA" if chance.random() < 0.92 else chance.choice(("NV", "OR", "AZ")),
        "plate": town.plate(),
        "make": chance.choice(_MAKES),
        "agency": "Río Claro Police Department",
        "bill_code": town.code(),
        "open_fine": f"{fine / 100:.2f}",
        "open_penalty": f"{penalty / 100:.2f}",
        "balance": f"{(fine + penalty) / 100:.2f}",
        "due_on": due.isoformat(),
        "delinquent_on": (due + timedelta(days=21)).isoformat(),
    }


def renewal_runs(made: Registers, city: City, days: Days) -> list[date]:
    """Days on which renewals opened, oldest first: the license office assessed on each of them."""
    opens = timedelta(days=city.license_policy(days.today).renewal_opens_days_before)
    return sorted({date.fromisoformat(row["term_starts_on"]) - opens for row in made.licenses})
