"""Facts of clean random months at a window: several cashiers, with the slips and corrections of honest work.

What is modelled of honest work: one payment in two hundred is voided while its customer stands there; after one in
a hundred, with some people after three, the drawer is opened again without a sale; a drawer in seven is off by some
cents, sometimes by dollars; what is forgiven is small, or was not taken in cash by who forgives.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.cities.identity import Calendar
from accounts.money import Money
from payments.findings.facts import (
    CashTaken,
    CheckTaken,
    Counted,
    Done,
    Facts,
    LessAsked,
    Month,
    Reprinted,
    SaleInDrawer,
    Voided,
)

CLERK, SECOND = 90, 91
ACCOUNTS = 4_000


class Office:
    """Grows the facts of some weeks."""

    def __init__(self, seed: int, calendar: Calendar, zone: ZoneInfo, cashiers: int = 5) -> None:
        self.chance, self.calendar, self.zone = random.Random(seed), calendar, zone
        self.cashiers = range(1, cashiers + 1)
        self.openings = random.Random(f"openings {seed}")
        self.habit = {cashier: self.openings.uniform(0.01, 0.03) for cashier in self.cashiers}
        self.serial = 0
        self.cash: list[CashTaken] = []
        self.checks: list[CheckTaken] = []
        self.less: list[LessAsked] = []
        self.counts: list[Counted] = []
        self.sales: list[SaleInDrawer] = []
        self.voids: list[Voided] = []
        self.reprints: list[Reprinted] = []
        self.done: list[Done] = []
        self.months: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0, 0])

    def weeks(self, first: date, number: int) -> Facts:
        for day in (first + timedelta(days=offset) for offset in range(7 * number)):
            if self.calendar.is_business_day(day):
                self._day(day)
        return Facts(
            cash=tuple(self.cash), less=tuple(self.less), counts=tuple(self.counts), sales=tuple(self.sales),
            months=tuple(Month(who, month, *both) for (who, month), both in sorted(self.months.items())),
            voids=tuple(self.voids), reprints=tuple(self.reprints), checks=tuple(self.checks), done=tuple(self.done),
        )  # fmt: skip

    def _day(self, day: date) -> None:
        for cashier in self.cashiers:
            if self.chance.random() > 0.1:
                self._drawer(cashier, day)
        for _ in range(self.chance.randint(1, 6)):
            self._forgive(day)

    def _drawer(self, cashier: int, day: date) -> None:
        drawer = self._next()
        times = sorted(self._time(day) for _ in range(self.chance.randint(25, 70)))
        taken = list(self._sales(cashier, drawer, day, times))
        off = self._off(taken)
        self.counts.append(Counted(self._next(), drawer, cashier, day, Money(off), Money(0)))
        if off < 0:
            self.sales += [SaleInDrawer(drawer, payment, Money(cents)) for payment, cents in taken]

    def _sales(self, cashier: int, drawer: int, day: date, times: list[datetime]) -> Iterator[tuple[int, int]]:
        del drawer
        for at in times:
            payment, cents, kind = self._next(), self._cents(), self.chance.choice(("cash", "check", "terminal"))
            both = self.months[cashier, day.replace(day=1)]
            both[0] += 1
            self.done.append(Done(cashier, "payment", payment, at))
            void = self.chance.random() < 0.005
            both[2] += self.openings.random() < self.habit[cashier]
            if kind == "cash":
                self.cash.append(CashTaken(payment, self._account(), Money(cents), at, cashier))
                if not void:
                    yield payment, cents
            elif kind == "check":
                self.checks.append(CheckTaken(payment, cashier, Money(cents), at))
            if void:
                both[1] += 1
                undone = at + timedelta(minutes=self.chance.randint(1, 9))
                self.voids.append(Voided(payment, cashier, SECOND, at, undone, Money(cents if kind == "cash" else 0)))
                self.done.append(Done(SECOND, "reversal", payment, undone))

    def _off(self, taken: list[tuple[int, int]]) -> int:
        """Mostly right; a slip with coins, a bill too much or too little, a sale whose change was wrong."""
        chance = self.chance.random()
        if chance < 0.86 or not taken:
            return 0
        return self.chance.choice((1, -1)) * self.chance.choice((1, 5, 10, 25, 100, 500, 900, 1000, 2000))

    def _forgive(self, day: date) -> None:
        at, account = self._time(day), self._account()
        cents = self.chance.randint(500, 120_00)
        people = (CLERK,) if cents <= 25_00 else (CLERK, SECOND)
        self.less.append(LessAsked(self._next(), account, Money(cents), at, people))
        self.done.append(Done(CLERK, "proposal", self.serial, at))

    def _time(self, day: date) -> datetime:
        return datetime.combine(day, time(8), self.zone) + timedelta(minutes=self.chance.randint(0, 475))

    def _cents(self) -> int:
        return self.chance.choice(
            (45_00, 60_00, self.chance.randint(3_00, 240_00), self.chance.randint(3_00, 240_00))
        )

    def _account(self) -> int:
        return self.chance.randint(1, ACCOUNTS)

    def _next(self) -> int:
        self.serial += 1
        return self.serial
