"""Services of utility accounts as a file states them: rate and quantity of water, sewer, refuse and storm drain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text as sql

from accounts.bulk import copy_rows
from accounts.imports.accounts import text
from accounts.imports.fields import FieldType
from accounts.imports.records import Batch
from accounts.imports.rules import Fault, Fields, Row

SERVICES = ("water", "sewer", "refuse", "storm")
FIELDS = {
    **{f"{service}_rate": FieldType.TEXT for service in SERVICES},
    **{f"{service}_quantity": FieldType.WHOLE for service in SERVICES},
}
_COLUMNS = ("customer_account_id", "service", "rate_code", "quantity", "since_on")
_RUNNING = sql("""
    SELECT id, customer_account_id, service, rate_code, quantity FROM utility_services
     WHERE customer_account_id = ANY (:accounts) AND until_on IS NULL""")
_END = sql("UPDATE utility_services SET until_on = :today WHERE id = ANY (:ids)")

Service = tuple[str, str, int]
"""Service, rate code, quantity."""


def fault_of(row: Row) -> Fault | None:
    """A quantity must count something, and belong to a rate."""
    for service in SERVICES:
        quantity = row.fields.get(f"{service}_quantity")
        if quantity is not None and quantity < 1:
            return Fault(f"{service}_quantity", "less than one")
    return None


def stated(fields: Fields) -> list[Service]:
    """Services with a rate; no quantity is one."""
    return [
        (service, rate, fields.get(f"{service}_quantity") or 1)
        for service in SERVICES
        if (rate := text(fields, f"{service}_rate"))
    ]


def start(batch: Batch, pairs: Sequence[tuple[int, Row]]) -> None:
    """Step: the services of new accounts, since the account was opened (since today where no day is stated)."""
    copy_rows(
        batch.session, "utility_services", _COLUMNS,
        (
            (id_, *service, row.fields.get("opened_on") or batch.today)
            for id_, row in pairs
            for service in stated(row.fields)
        ),
    )  # fmt: skip


def change(batch: Batch, pairs: Sequence[tuple[int, Row]]) -> None:
    """Step: end today what is stated otherwise now, and begin what is new."""
    running: dict[tuple[int, Service], int] = {}
    for id_, account, service, rate, quantity in batch.session.execute(_RUNNING, {"accounts": [i for i, _ in pairs]}):
        running[account, (service, rate, quantity)] = id_
    wanted = {(id_, service) for id_, row in pairs for service in stated(row.fields)}
    ended = [id_ for key, id_ in running.items() if key not in wanted]
    if ended:
        batch.session.execute(_END, {"today": batch.today, "ids": ended})
    new: list[tuple[int, str, str, int, date]] = [
        (id_, *service, batch.today) for id_, service in sorted(wanted) if (id_, service) not in running
    ]
    copy_rows(batch.session, "utility_services", _COLUMNS, new)
