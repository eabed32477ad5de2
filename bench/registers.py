"""Files in the demo's own layouts, of any length: utility accounts, licenses, citations."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

Row = dict[str, str]


def utility(mark: str, n: int) -> Row:
    """A household with four services, a meter and a balance."""
    number = f"{mark}{n:06d}"
    return {
        "number": number, "former_number": "", "status": "open", "opened_on": "2020-03-01", "closed_on": "",
        "protected": "", "holder": f"Ana Ruiz {number}", "holder_kind": "person", "last_name": "Ruiz",
        "email": f"{number.lower()}@example.org", "phone": "", "language": "es", "mailing_address": "",
        "address": f"{n} {mark} Street", "city": "Rio Claro", "state": "CA", "zip": "95300", "parcel": "",
        "dwelling_units": "1", "customer_class": "residential", "cycle": "1", "route": "", "bill_code": f"K{n:07d}",
        "last_payment": "88.10", "water_rate": "W34", "water_quantity": "1", "sewer_rate": "S1",
        "sewer_quantity": "1", "refuse_rate": "R64", "refuse_quantity": "1", "storm_rate": "D1",
        "storm_quantity": "1", "meter": f"M{number}", "meter_size": "3/4", "meter_unit": "CCF", "meter_dials": "5",
        "meter_installed_on": "2020-03-01", "balance_water": "61.20", "balance_sewer": "34.10",
        "balance_refuse": "30.00", "balance_storm": "4.70", "balance_total": "130.00", "billed_on": "2026-10-20",
        "due_on": "2026-11-10", "delinquent_on": "2026-11-11",
    }  # fmt: skip


def license_(mark: str, n: int) -> Row:
    """A business with a term that is due."""
    number = f"{mark}{n:06d}"
    return {
        "number": number, "former_number": "", "status": "open", "opened_on": "2019-05-01", "closed_on": "",
        "business_name": f"Panadería {number}", "owner_last_name": "López", "email": "", "phone": "",
        "language": "es", "mailing_address": "", "address": f"{n} {mark} Avenue", "city": "Rio Claro", "state": "CA",
        "zip": "95300", "license_class": "retail", "business_type": "Bakery", "naics": "311811",
        "started_on": "2019-05-01", "ceased_on": "", "term_starts_on": "2026-07-01", "term_expires_on": "2027-06-30",
        "term_state": "due", "bill_code": f"K{n:07d}", "last_payment": "", "due_license": "120.00", "due_fee": "4.00",
        "due_penalty": "0", "due_total": "124.00", "billed_on": "2026-06-01", "due_on": "2026-07-31",
        "delinquent_on": "2026-09-01",
    }  # fmt: skip


def citation(mark: str, n: int) -> Row:
    """A red zone, with a fine and a penalty."""
    number = f"{mark}{n:06d}"
    return {
        "number": number, "holder": f"Luis Vega {number}", "last_name": "Vega", "email": "", "phone": "",
        "language": "en", "status": "open", "issued_on": "2026-11-02", "issued_time": "08:10",
        "violation_code": "22500", "violation": "Red zone", "location": "Elm Street", "plate_state": "CA",
        "plate": f"7{n:06d}", "make": "HOND", "agency": "1", "bill_code": "", "open_fine": "40", "open_penalty": "12",
        "balance": "52", "due_on": "2026-11-23",
    }  # fmt: skip


KINDS: dict[str, Callable[[str, int], Row]] = {"utilities": utility, "licenses": license_, "citations": citation}


def write(folder: Path, kind: str, mark: str, rows: int) -> Path:
    """A file of ``rows`` rows whose numbers begin with ``mark``."""
    path = folder / f"{kind}-{mark}.csv"
    make = KINDS[kind]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(make(mark, 0)))
        writer.writeheader()
        writer.writerows(make(mark, number) for number in range(1, rows + 1))
    return path
