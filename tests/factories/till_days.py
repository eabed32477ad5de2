"""Days at the window of the shipped city, in few words: what was sold, voided, dropped, counted and accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts.cities.queries import RulingCity
from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.drawers import service
from payments.reversals.rules import Void
from payments.sales.drafts import AccountLine, Draft, ItemLine, TenderLine
from payments.sales.service import Taken
from payments.sweeps.models import SweepRun
from tests.factories.desk import Desk, open_desk
from tests.factories.window import Window, cash, check, pennies, terminal

_MADE = {"cash": cash, "check": check, "terminal": terminal}


class TillDays(Window):
    """The window, with the desk's own words at hand."""

    @property
    def sessions(self) -> Sessions:
        return self.desk.sessions

    @property
    def clock(self) -> FixedClock:
        return self.desk.clock

    @property
    def ruling(self) -> RulingCity:
        return self.desk.ruling

    @property
    def today(self) -> date:
        return self.clock.today()

    def person(self, name: str, role: str) -> Authority:
        return self.desk.person(name, role)

    def sell(
        self,
        drawer: int,
        tenders: Mapping[str, int],
        *,
        account: int | None = None,
        items: Sequence[ItemLine] = (),
        by: Authority | None = None,
    ) -> Taken:
        """Tenders by kind in cents; what the items do not come to is paid on the account."""
        lines: tuple[TenderLine, ...] = tuple(_MADE[kind](cents) for kind, cents in tenders.items())
        owed = sum(tenders.values()) - sum(item.amount.cents for item in items)
        accounts = (AccountLine(account, Money(owed)),) if account and owed else ()
        return self.take(drawer, Draft(accounts, tuple(items), lines), by)

    def void(self, taken: Taken) -> None:
        """By a supervisor, who did not take it."""
        self.desk.propose(self.sofia, Void(payment_id=taken.payment_id), "wrong account")

    def drop(self, drawer: int, cents: int) -> int:
        return service.drop(self.cash, self.rosa, drawer, pennies(cents))

    def next_day(self, days: int = 1) -> None:
        self.clock.advance(days=days)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        return self.desk.rows(sql, **values)

    def sweep(self) -> None:
        """A sweep found everything settled until now."""
        with transaction(self.sessions) as session:
            now = self.clock.now()
            session.add(SweepRun(kind="frequent", started_at=now, finished_at=now, clean=True))


def item(code: str, cents: int, project: str = "") -> ItemLine:
    """Something of the shipped catalog, for an amount that its entry leaves open."""
    return ItemLine(code, 1, Money(cents), project)


def open_window(sessions: Sessions, clock: FixedClock) -> TillDays:
    """The shipped city, released."""
    desk: Desk = open_desk(sessions, clock)
    return TillDays(desk)
