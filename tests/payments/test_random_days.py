"""Random days of several clerks: whatever they do, wherever a process dies, every cent is in exactly one place."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from accounts import kill_points
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.errors import DomainError
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.bank_deposits import queries as deposits
from payments.bank_deposits import service as depositing
from payments.bank_deposits.rules import Counted as DepositCounted
from payments.bank_deposits.rules import Kind
from payments.bank_deposits.service import DepositDesk, Preparation
from payments.drawers import queries as drawers
from payments.drawers import service as drawing
from payments.drawers import verdicts
from payments.drawers.rules import Counted
from payments.reversals import queries as reversals
from payments.reversals.rules import RETURNED, Void
from payments.reversals.service import Reason, take_back, weigh_back
from payments.sales import service as selling
from payments.sales.drafts import Draft, ItemLine, TenderLine
from payments.sales.rules import DrawerFull
from payments.sales.service import Take, Taken
from payments.terms import reversal_terms
from tests.accounts.ledger.balances import hledger_agrees
from tests.factories.desk import open_desk
from tests.factories.window import FLOAT, Window, cash, check, pennies, terminal

POINTS = ("sales.posted", "sales.taken", "drawers.counted", "drawers.accepted", "drawers.moved", "reversals.posted")


class Died(Exception):
    """The process ended here."""


@dataclass
class Office:
    """Several clerks and what a careful observer writes down of every cent that they touch."""

    window: Window
    chance: random.Random
    at: Counter[str] = field(default_factory=Counter)
    """Place → cents, by the observer's own book-keeping."""
    open: dict[str, int] = field(default_factory=dict)
    """Till → drawer."""
    holds: dict[int, Counter[str]] = field(default_factory=dict)
    """Drawer → tender → cents taken and still in it."""
    sales: list[tuple[Taken, Draft, int]] = field(default_factory=list)
    parked: list[tuple[int, Draft]] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    over: int = 0

    def cashier(self, till: str) -> Authority:
        return self.window.rosa if till == "T1" else self.window.tomas

    def act(self) -> None:
        """Do something, and die in the middle of it now and then; what did not happen is done again."""
        step: Callable[[], None] = self.chance.choice(
            [self.sell, self.sell, self.sell, self.park, self.go_on, self.void, self.drop, self.collect, self.relieve,
             self.close, self.deposit, self.give_back, self.change]
        )  # fmt: skip
        point = self.chance.choice(POINTS) if self.chance.random() < 0.25 else ""
        before = self.window.desk.rows("SELECT count(*) FROM journals")
        with dying_at(point):
            try:
                step()
            except Died:
                died = True
            else:
                died = False
        if died and point != "sales.taken":
            assert self.window.desk.rows("SELECT count(*) FROM journals") == before, point

    def drawer(self) -> tuple[str, int]:
        till = self.chance.choice(["T1", "T2"])
        if till not in self.open:
            self.open[till] = self.window.open(self.cashier(till), till)
            self.holds[self.open[till]] = Counter()
        return till, self.open[till]

    def draft(self) -> Draft:
        while len(self.accounts) < 6 or self.chance.random() < 0.2:
            self.accounts.append(
                self.window.desk.account("utility", ("water", "service", self.chance.randrange(5_00, 300_00)))
            )
        chosen = self.chance.sample(self.accounts, self.chance.randrange(1, 3))
        paid = {account: self.chance.randrange(1, 200_00) for account in chosen}
        copies = self.chance.randrange(0, 4)
        items = [ItemLine("copy", copies, Money(25 * copies))] if copies else []
        left, tenders = sum(paid.values()) + 25 * copies, list[TenderLine]()
        for kind in (check, terminal):
            if left > 1 and self.chance.random() < 0.4:
                part = self.chance.randrange(1, left + 1)
                tenders.append(kind(part))
                left -= part
        if left:
            tenders.append(cash(left, left + self.chance.choice([0, 0, 5, 1_00])))
        return self.window.draft(paid, tenders, items)

    def sell(self) -> None:
        till, drawer = self.drawer()
        draft = self.draft()
        self.take(till, drawer, self.window.saved(draft, self.cashier(till)), draft)

    def take(self, till: str, drawer: int, sale: int, draft: Draft) -> None:
        command = Take(sale, drawer)
        try:
            taken = selling.take(self.window.sale, self.cashier(till), command)
        except DrawerFull:
            return
        except Died:
            with dying_at(""):
                taken = selling.take(self.window.sale, self.cashier(till), command)
        self.sales.append((taken, draft, drawer))
        for tender in draft.tenders:
            self.holds[drawer][tender.kind] += tender.amount.cents
            self.at["taken"] += tender.amount.cents

    def park(self) -> None:
        draft = self.draft()
        sale = self.window.saved(draft)
        selling.park(self.window.sale, self.window.rosa, sale, "back in a minute")
        self.parked.append((sale, draft))

    def go_on(self) -> None:
        if self.parked:
            till, drawer = self.drawer()
            sale, draft = self.parked.pop()
            selling.resume(self.window.sale, self.cashier(till), sale)
            self.take(till, drawer, sale, draft)

    def void(self) -> None:
        if not self.sales:
            return
        place = self.chance.randrange(len(self.sales))
        taken, _, drawer = self.sales[place]
        with reading(self.window.desk.sessions) as session:
            left = reversals.taken_payment(session, taken.payment_id).tenders
        try:
            self.window.desk.propose(self.window.sofia, Void(payment_id=taken.payment_id))
        except DomainError:
            return
        self.sales.pop(place)
        for tender in left:
            if tender.drawer_is_open:
                self.holds[drawer][tender.kind] -= tender.amount.cents
                self.at["given back"] += tender.amount.cents
            else:
                self.at["owed"] += tender.amount.cents

    def drop(self) -> None:
        till, drawer = self.drawer()
        if (has := self.holds[drawer]["cash"]) > 0:
            part = self.chance.randrange(1, has + 1)
            drawing.drop(self.window.cash, self.cashier(till), drawer, pennies(part))
            self.moved(drawer, "cash", part)

    def collect(self) -> None:
        _, drawer = self.drawer()
        if (has := self.holds[drawer]["cash"]) > 0:
            drawing.pick_up(self.window.cash, self.window.sofia, drawer, pennies(has), "a full drawer")
            self.moved(drawer, "cash", has)

    def change(self) -> None:
        _, drawer = self.drawer()
        drawing.bring_change(self.window.cash, self.window.sofia, drawer, {25: 40})

    def relieve(self) -> None:
        """One cashier's count, then the same till again: nobody shares a drawer."""
        till, drawer = self.drawer()
        self.count(till, drawer)
        self.drawer()

    def close(self) -> None:
        till, drawer = self.drawer()
        self.count(till, drawer)

    def count(self, till: str, drawer: int) -> None:
        has, off = self.holds[drawer], self.chance.choice([0, 0, 0, -3_25, 10_00, -60_00])
        with reading(self.window.desk.sessions) as session:
            books = drawers.contents(session, [drawer])[drawer]
        by_hand = sum(FLOAT[value] * value for value in FLOAT) + has["cash"]
        assert books.takings == Money(has["cash"]), "the observer and the books know the same cash"
        assert (books.checks, books.terminal) == (Money(has["check"]), Money(has["terminal"]))
        found = Counted(
            pennies(max(by_hand + books.change.cents + off, 0)), books.checks_count, books.checks, books.terminal
        )
        counted = drawing.count(self.window.cash, self.cashier(till), drawer, found)
        del self.open[till]
        try:
            verdicts.accept(self.window.cash, self.window.sofia, counted.id, "as found")
        except Died:
            with dying_at(""):
                verdicts.accept(self.window.cash, self.window.sofia, counted.id, "as found")
        self.over += counted.found.difference.cash.cents
        left = counted.found.takings.cents
        self.at["float missing"] += counted.found.missing_of_float.cents
        for kind in ("check", "terminal"):
            self.moved(drawer, kind, has[kind])
        self.at["vault cash"] += left
        has["cash"] = 0

    def moved(self, drawer: int, kind: str, cents: int) -> None:
        self.holds[drawer][kind] -= cents
        self.at[f"vault {kind}"] += cents

    def deposit(self) -> None:
        """Everything that waits goes to the bank, counted by two who took none of it."""
        city, sessions, clock = self.window.desk.ruling.city, self.window.desk.sessions, self.window.desk.clock
        desk = DepositDesk(sessions, clock, city)
        one, other = self.window.sofia, self.window.desk.person("silvia", "supervisor")
        for kind in Kind:
            with reading(sessions) as session:
                found = deposits.waiting_batches(session)
            waiting = [one.batch for one in found if (one.has_bag if kind is Kind.BAG else one.has_terminal)]
            if not waiting:
                continue
            parts = {name: sum(getattr(b, name).cents for b in waiting) for name in ("cash", "checks", "terminal")}
            if kind is Kind.TERMINAL:
                counted = DepositCounted({}, terminal=Money(parts["terminal"]))
                self.at["vault terminal"] -= parts["terminal"]
                self.at["bank"] += parts["terminal"]
            else:
                counted = DepositCounted(
                    pennies(parts["cash"]), sum(b.checks_count for b in waiting), Money(parts["checks"])
                )
                self.at["vault cash"] -= parts["cash"]
                self.at["vault check"] -= parts["checks"]
                self.at["bank"] += parts["cash"] + parts["checks"]
            bag = f"B{self.chance.randrange(10**9)}"
            account = city.bank_accounts[0].code
            made = depositing.prepare(
                desk, Preparation(kind, account, tuple(b.id for b in waiting), counted, bag, bag), one
            )
            depositing.verify_and_seal(desk, made, counted, other)

    def give_back(self) -> None:
        """The bank sends a check back."""
        for place, (taken, draft, drawer) in enumerate(self.sales):
            cents = sum(tender.amount.cents for tender in draft.tenders if tender.kind == "check")
            if cents and drawer not in self.open.values():
                try:
                    self.returned(taken.payment_id)
                except DomainError:
                    continue
                self.at["bank"] -= cents
                self.sales.pop(place)
                return

    def returned(self, payment: int) -> None:
        terms, desk = reversal_terms(self.window.desk.ruling.city), self.window.desk
        with transaction(desk.sessions) as session:
            ids = [one.id for one in reversals.taken_payment(session, payment).tenders if one.kind == "check"]
            found = weigh_back(session, terms, payment, tender_ids=ids, kind=RETURNED, today=desk.today)
            why = Reason(
                Source("returned", str(payment), "post"), "returned-payment", self.window.sofia.actor_id, "NSF",
                desk.clock.now(), desk.today,
            )  # fmt: skip
            take_back(session, terms, found, why)

    def prove(self) -> None:
        """What the observer wrote down is what the books say, place by place."""
        balances = self.window.desk.balances()
        held: Counter[str] = Counter()
        for drawer in self.holds.values():
            held.update(drawer)
        on_hand = held["cash"] + held["check"] + self.at["vault cash"] + self.at["vault check"]
        assert balances.get("990-1015", 0) == on_hand
        assert balances.get("990-1030", 0) == held["terminal"] + self.at["vault terminal"]
        assert balances.get("990-1010", 0) == self.at["bank"]
        assert balances.get("990-2080", 0) == -self.at["owed"]
        assert balances.get("990-1016", 0) == -self.at["float missing"]
        assert balances.get("100-4900", 0) == -self.over
        everything = sum(held.values()) + sum(
            cents for place, cents in self.at.items() if place.startswith("vault") or place == "bank"
        )
        returned = sum(
            int(cents) for (cents,) in self.window.desk.rows(
                "SELECT amount_cents FROM payment_reversals WHERE kind = 'returned'")
        )  # fmt: skip
        assert everything == (
            self.at["taken"] - self.at["given back"] - returned + self.over + self.at["float missing"]
        )


@contextmanager
def dying_at(point: str) -> Iterator[None]:
    """Every step below ends at this point as if the process did: what was not committed is gone."""

    def reached(name: str) -> None:
        if point and name == point:
            raise Died(name)

    was = kill_points.reached
    kill_points.reached = reached
    try:
        yield
    finally:
        kill_points.reached = was


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_every_cent_is_in_exactly_one_place(sessions: Sessions, clock: FixedClock, tmp_path: Path, seed: int) -> None:
    desk = open_desk(sessions, clock)
    office = Office(Window(desk), random.Random(seed))
    for _day in range(3):
        for _ in range(30):
            office.act()
        office.prove()
        with dying_at(""):
            for till, drawer in list(office.open.items()):
                office.count(till, drawer)
            office.deposit()
        office.prove()
        later = FixedClock(desk.clock.now() + timedelta(days=1), clock.time_zone)
        desk.clock = later
        desk.prove()
        office.window = Window(desk)
    assert office.at["vault cash"] == office.at["vault check"] == office.at["vault terminal"] == 0
    hledger_agrees(sessions, tmp_path)
