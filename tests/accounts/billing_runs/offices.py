"""An office that bills: people with their rights, houses with their meters, and runs through their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.billing_runs import drafting, posting, service
from accounts.billing_runs.models import BillingItem
from accounts.billing_runs.working import Seen
from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading, transaction
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from tests.accounts.assessments.city import BILL_DATE, house, released

NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
TODAY = date(2026, 11, 17)
TOTAL = Money(27_60 + 38_64 + 57_60 + 55_65 + 4_35)
"""The bill of a house that used 12 CCF."""
YEAR = {date(2025, 10, 13): 0, date(2025, 11, 12): 10, date(2026, 9, 12): 90, date(2026, 10, 13): 100}
"""Reads by which the same period last year had 10 CCF, and the one before this had 10."""


@dataclass
class Office:
    sessions: Sessions
    ruling: RulingCity
    maker: Authority
    checker: Authority

    def house(self, number: int = 1, **more: Any) -> int:
        return house(self.sessions, number, **more)

    def used(self, number: int, ccf: int, *, kind: str = "actual") -> int:
        """A house that used so much, and 10 CCF in the same period last year."""
        account = self.house(number, reads={**YEAR, date(2026, 11, 12): 100 + ccf})
        if kind != "actual":
            self.execute("UPDATE meter_reads SET kind = :kind WHERE read_on = :on AND meter_id = "
                         "(SELECT id FROM meters WHERE serial = :serial)",
                         kind=kind, on=date(2026, 11, 12), serial=f"M{number}")  # fmt: skip
        return account

    def make(self, cycle: str = "", bill_date: date = BILL_DATE) -> int:
        return drafting.make(
            self.sessions,
            self.ruling,
            self.maker,
            cycle=cycle,
            bill_date=bill_date,
            today=bill_date + timedelta(1),
            now=NOW,
        )

    def draft(self, cycle: str = "", bill_date: date = BILL_DATE) -> int:
        run = self.make(cycle, bill_date)
        drafting.go_on(self.sessions, run, NOW)
        return run

    def total(self, run: int) -> Money:
        (cents,) = self.one("SELECT coalesce(sum(amount_cents), 0) FROM billing_totals WHERE run_id = :run", run=run)
        return Money(int(cents))

    def review(self, run: int) -> None:
        service.review(self.sessions, self.maker, run, seen=self.total(run), now=NOW)

    def approve(self, run: int) -> None:
        service.approve(self.sessions, self.checker, run, seen=self.total(run), now=NOW)

    def through(self, run: int) -> None:
        """Reviewed, approved by another and posted."""
        self.review(run)
        self.approve(run)
        posting.post(self.sessions, run, NOW)

    def item(self, run: int, account: int) -> BillingItem:
        with reading(self.sessions) as session:
            found = session.get_one(BillingItem, (run, account))
            session.expunge_all()
            return found

    def seen(self, run: int, account: int) -> Seen:
        return Seen(run, account, self.item(run, account).version)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with reading(self.sessions) as session:
            return list(session.execute(text(sql), values))

    def one(self, sql: str, **values: Any) -> Any:
        (row,) = self.rows(sql, **values)
        return row

    def state(self, run: int) -> str:
        return str(self.one("SELECT state FROM billing_runs WHERE id = :run", run=run)[0])

    def execute(self, sql: str, **values: Any) -> None:
        with transaction(self.sessions) as session:
            session.execute(text(sql), values)

    def person(self, name: str, *permissions: Permission) -> Authority:
        with transaction(self.sessions) as session:
            return Authority(
                actor_id(session, f"staff:{name}", ActorKind.STAFF), f"staff:{name}", frozenset(permissions)
            )

    def books(self) -> tuple[Any, ...]:
        """What a refusal must leave as it was."""
        return tuple(
            self.rows(f"SELECT count(*), sum(hashtext(t::text)) FROM {table} t")[0]
            for table in ("billing_runs", "billing_items", "billing_totals", "bills", "charges", "journals",
                          "meter_reads", "adjustments", "allocations", "customer_accounts")
        )  # fmt: skip


def open_office(sessions: Sessions) -> Office:
    office = Office(sessions, released(sessions), Authority(0, ""), Authority(0, ""))
    office.maker = office.person("mia", Permission.BILLS_RUN)
    office.checker = office.person("carl", Permission.BILLS_APPROVE, Permission.BILLS_RUN)
    return office
