"""Days at the window of the shipped city, step by step: floats, sales, voids, drops, counts, verdicts, deposits."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.ledger.service import open_business_day, post, reverse
from accounts.money import ZERO, Money
from payments.drawers.models import Drawer, DrawerCount, DrawerMovement, DrawerVerdict, VaultBatch
from payments.posting import service as posting
from payments.posting.models import PaymentTender
from payments.posting.rules import SPLIT, Fee, Item, Received, Tender, Tendered
from payments.posting.service import Posted
from payments.reversals.models import PaymentReversal
from payments.terms import order_of_policy, terms_of
from tests.factories.desk import Desk, open_desk

FLOAT = Money(200_00)
_serial = itertools.count(1)


@dataclass
class Window(Desk):
    """The released city with tills; what is done goes into the business day of the clock's day."""

    def open(self, till: str = "T1", cashier: str = "rosa") -> int:
        with transaction(self.sessions) as session:
            drawer = Drawer(
                kind="counter", till=till, series=f"C{till[1:]}", business_day=open_business_day(session, self.today),
                cashier_id=actor_id(session, f"staff:{cashier}"), float_cents=FLOAT,
                verified_by=actor_id(session, "staff:checker"), state="open", opened_at=self.clock.now(),
                verified_at=self.clock.now(),
            )  # fmt: skip
            session.add(drawer)
            session.flush()
            return drawer.id

    def sell(
        self, drawer: int, tenders: Mapping[str, int], *, account: int | None = None, items: Sequence[Item] = (),
    ) -> Posted:  # fmt: skip
        """Tenders by kind in cents; what no item takes is paid on the account."""
        taken = sum(tenders.values())
        with transaction(self.sessions) as session:
            series, cashier = session.execute(
                select(Drawer.series, Drawer.cashier_id).where(Drawer.id == drawer)
            ).one()
            owed = Money(taken) - Money(sum(item.amount.cents for item in items))
            locked = posting.lock_accounts(session, {account: owed} if account and owed else {}, self.today)
            tendered = tuple(
                Tendered(Tender(kind, reference=str(next(_serial))), Money(cents), Money(cents), drawer)
                for kind, cents in tenders.items()
            )
            noon = datetime(self.today.year, self.today.month, self.today.day, 20, tzinfo=UTC)
            whole = tendered[0].tender if len(tendered) == 1 else Tender(SPLIT)
            received = Received(
                locked.accounts, Fee(), whole, order_of_policy(self.ruling.city, self.today), noon, self.today,
                tuple(items), tendered,
            )  # fmt: skip
            return posting.write(
                session, received, terms_of(self.ruling.city),
                business_day=locked.business_day or open_business_day(session, self.today),
                source=Source("sale", str(next(_serial)), "take"), actor_id=cashier, channel="counter",
                language="en", series=(series,),
            )  # fmt: skip

    def void(self, sold: Posted, drawer: int) -> None:
        """All of it is given back out of its drawer."""
        with transaction(self.sessions) as session:
            doer = actor_id(session, "staff:supervisor")
            journal = reverse(session, sold.journal_id, actor_id=doer, on=self.today, memo="void")
            tenders = session.scalars(select(PaymentTender).where(PaymentTender.payment_id == sold.payment_id)).all()
            for number, tender in enumerate(tenders, start=1):
                session.add(
                    PaymentReversal(
                        payment_id=sold.payment_id,
                        number=number,
                        tender_id=tender.id,
                        kind="void",
                        amount_cents=tender.amount_cents,
                        journal_id=journal,
                        drawer_id=drawer,
                        actor_id=doer,
                        at=self.clock.now(),
                        reason="wrong account",
                    )
                )

    def drop(self, drawer: int, cents: int) -> int:
        """The cashier puts cash in the vault."""
        with transaction(self.sessions) as session:
            day = open_business_day(session, self.today)
            moved = DrawerMovement(
                drawer_id=drawer, kind="drop", cash_cents=Money(-cents), denominations={}, at=self.clock.now(),
                actor_id=actor_id(session, "staff:rosa"),
            )  # fmt: skip
            session.add(moved)
            session.flush()
            return self._parcel(session, drawer, day, movement_id=moved.id, cash_cents=Money(cents))

    def count(self, drawer: int, *, over: int = 0) -> int:
        """Counted, ``over`` by so many cents (short, if negative); waits for a second person."""
        with transaction(self.sessions) as session:
            cash, checks, number, slips = self._expected(session, drawer)
            counted = DrawerCount(
                drawer_id=drawer, number=1, counted_by=actor_id(session, "staff:rosa"), counted_at=self.clock.now(),
                denominations={}, cash_cents=FLOAT + cash + Money(over), checks_count=number, checks_cents=checks,
                terminal_cents=slips,
                expected={"cash": (FLOAT + cash).cents, "checks": checks.cents, "checks_count": number,
                          "terminal": slips.cents},
            )  # fmt: skip
            session.add(counted)
            session.execute(text("UPDATE drawers SET state = 'counted' WHERE id = :id"), {"id": drawer})
            session.flush()
            return counted.id

    def accept(self, drawer: int, count: int) -> int:
        """Accepted by another person: over or short is posted, and all but the float goes to the vault."""
        with transaction(self.sessions) as session:
            day = open_business_day(session, self.today)
            held, counted = session.get(Drawer, drawer), session.get(DrawerCount, count)
            assert held is not None
            assert counted is not None
            doer = actor_id(session, "staff:supervisor")
            over = counted.cash_cents - Money(counted.expected["cash"])
            journal = self._over_short(session, drawer, over, doer, day) if over else None
            session.add(
                DrawerVerdict(
                    count_id=count,
                    drawer_id=drawer,
                    cashier_id=held.cashier_id,
                    counted_by=counted.counted_by,
                    verdict="accepted",
                    decided_by=doer,
                    decided_at=self.clock.now(),
                    reason="counted twice" if over else "",
                    journal_id=journal,
                )
            )
            batch = self._parcel(
                session, drawer, day, count_id=count, cash_cents=counted.cash_cents - FLOAT,
                checks_cents=counted.checks_cents, checks_count=counted.checks_count,
                terminal_cents=counted.terminal_cents,
            )  # fmt: skip
            session.execute(text("UPDATE drawers SET state = 'closed' WHERE id = :id"), {"id": drawer})
            return batch

    def close_drawer(self, drawer: int, *, over: int = 0) -> int:
        return self.accept(drawer, self.count(drawer, over=over))

    def _over_short(self, session: Session, drawer: int, over: Money, doer: int, day: date) -> int:
        city = self.ruling.city
        roles, fund = city.roles, city.ledger_account(city.roles.over_short).fund
        lines = (
            Line(roles.cash_on_hand, roles.pooled_cash_fund, over),
            Line(roles.due_to_funds, roles.pooled_cash_fund, -over),
            Line(roles.claim_on_pooled_cash[fund], fund, over),
            Line(roles.over_short, fund, -over),
        )
        draft = JournalDraft("over-short", Source("drawer", str(drawer), "over-short"), self.today, doer, lines)
        return post(session, draft, business_day=day)

    def _parcel(self, session: Session, drawer: int, day: date, **parts: object) -> int:
        batch = VaultBatch(drawer_id=drawer, business_day=day, denominations={}, **parts)
        session.add(batch)
        session.flush()
        return batch.id

    def _expected(self, session: Session, drawer: int) -> tuple[Money, Money, int, Money]:
        """Cash without the float, checks, how many, and slips."""
        rows = session.execute(
            text("""SELECT t.kind, t.amount_cents FROM payment_tenders t
                     WHERE t.drawer_id = :drawer
                       AND NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void')
                     UNION ALL
                    SELECT 'cash', cash_cents FROM drawer_movements WHERE drawer_id = :drawer"""),
            {"drawer": drawer},
        ).all()
        checks = [cents for kind, cents in rows if kind in {"check", "money_order"}]
        return (
            Money(sum(cents for kind, cents in rows if kind == "cash")),
            Money(sum(checks)),
            len(checks),
            Money(sum(cents for kind, cents in rows if kind == "terminal")),
        )


def item(code: str, cents: int, project: str = "") -> Item:
    """Something of the shipped catalog."""
    accounts = {"copy": "100-4600", "park-reservation": "100-4610", "fill-station-card": "510-4300"}
    return Item(code, {"en": code, "es": code}, 1, Money(cents), accounts[code], accounts[code][:3], project)


def open_window(sessions: Sessions, clock: FixedClock) -> Window:
    """The shipped city, released."""
    desk = open_desk(sessions, clock)
    return Window(desk.sessions, desk.ruling, desk.acts, desk.clock)


__all__ = ["FLOAT", "ZERO", "Window", "item", "open_window"]
