"""Files in our own layouts, with made-up rows."""

from __future__ import annotations

import csv
from pathlib import Path


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def citation(number: str, **given: str) -> dict[str, str]:
    row = {
        "number": number, "holder": "", "last_name": "", "email": "", "phone": "", "language": "", "status": "open",
        "issued_on": "2026-11-02", "issued_time": "08:10", "violation_code": "22500", "violation": "Red zone",
        "location": "", "plate_state": "CA", "plate": "", "make": "", "agency": "", "bill_code": "",
        "open_fine": "40", "open_penalty": "0", "balance": "", "due_on": "",
    }  # fmt: skip
    row |= given
    amounts = [row[name].strip("$") for name in ("open_fine", "open_penalty")]
    if not row["balance"]:
        row["balance"] = str(sum(int(float(a)) for a in amounts if a.replace(".", "").isdigit()))
    return row


def citations_file(folder: Path, rows: list[dict[str, str]], name: str = "citations.csv") -> Path:
    return write(folder / name, rows)


def utility(number: str, **given: str) -> dict[str, str]:
    row = {
        "number": number, "former_number": "", "status": "open", "opened_on": "2020-03-01", "closed_on": "",
        "protected": "", "holder": "Ana Ruiz Soto", "holder_kind": "person", "last_name": "Ruiz Soto",
        "email": "ana@example.org", "phone": "", "language": "es", "mailing_address": "", "address": "12 Oak Street",
        "city": "Rio Claro", "state": "CA", "zip": "95300-1234", "parcel": "", "dwelling_units": "1",
        "customer_class": "residential", "cycle": "1", "route": "", "bill_code": "K7PM3Q2X", "last_payment": "88.10",
        "water_rate": "W34", "water_quantity": "", "sewer_rate": "S1", "sewer_quantity": "", "refuse_rate": "R64",
        "refuse_quantity": "2", "storm_rate": "", "storm_quantity": "", "meter": f"M{number}", "meter_size": "3/4",
        "meter_unit": "CCF", "meter_dials": "5", "meter_installed_on": "", "balance_water": "61.20",
        "balance_sewer": "0", "balance_refuse": "30.00", "balance_storm": "0", "balance_total": "91.20",
        "billed_on": "2026-10-20", "due_on": "2026-11-10", "delinquent_on": "",
    }  # fmt: skip
    return row | given


def license_row(number: str, **given: str) -> dict[str, str]:
    row = {
        "number": number, "former_number": "", "status": "open", "opened_on": "", "closed_on": "",
        "business_name": "Panadería López, LLC", "owner_last_name": "", "email": "", "phone": "", "language": "es",
        "mailing_address": "", "address": "", "city": "", "state": "", "zip": "", "license_class": "retail",
        "business_type": "Bakery", "naics": "311811", "started_on": "2019-05-01", "ceased_on": "",
        "term_starts_on": "2026-07-01", "term_expires_on": "2027-06-30", "term_state": "due", "bill_code": "",
        "last_payment": "", "due_license": "120.00", "due_fee": "4.00", "due_penalty": "0", "due_total": "124.00",
        "billed_on": "2026-06-01", "due_on": "2026-07-31", "delinquent_on": "2026-09-01",
    }  # fmt: skip
    return row | given
