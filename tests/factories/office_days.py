"""Days at the window as rows: drawers, sales with their tenders, voids and counts, in the shipped city.

Payments go through the posting step itself and overs and shorts are journals; drawers, counts and reversals are
written as their services leave them. An hour is that of city hall.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.money import ZERO, Money, total
from payments.drawers.models import Drawer, DrawerCount, DrawerVerdict, VaultBatch
from payments.posting import service as posting
from payments.posting.rules import SPLIT, Fee, Item, Received, Tender, Tendered
from payments.posting.service import Posted
from payments.reversals.models import PaymentReversal
from payments.terms import order_of_policy, terms_of
from tests.factories.desk import Desk

_serial = itertools.count(1)
FLOAT = Money(200_00)
Tenders = Sequence[tuple[str, int] | tuple[str, int, str]]
"""(Kind, cents) or (kind, cents, number)."""


@dataclass
class OfficeDays:
    """The window of a desk."""

    desk: Desk

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.desk.ruling.city.identity.time_zone))

    def person(self, name: str) -> int:
        with transaction(self.desk.sessions) as session:
            return actor_id(session, f"staff:{name}", name=name.title())

    def drawer(self, cashier: str, till: str, day: date, *, hour: int = 8) -> int:
        """A drawer that a colleague verified and that is open."""
        with transaction(self.desk.sessions) as session:
            opened = Drawer(
                kind="counter", till=till, series=f"C{till[1:]}", business_day=ledger.open_business_day(session, day),
                cashier_id=actor_id(session, f"staff:{cashier}", name=cashier.title()), float_cents=FLOAT,
                state="open", opened_at=self.at(day, hour), verified_at=self.at(day, hour, 5),
                verified_by=actor_id(session, "staff:vera", name="Vera"),
            )  # fmt: skip
            session.add(opened)
            session.flush()
            return opened.id

    def sale(
        self, drawer: int, accounts: Mapping[int, int], tenders: Tenders, *, at: datetime,
        items: Mapping[str, int] | None = None,
    ) -> Posted:  # fmt: skip
        """A payment of cents by account id and by catalog item."""
        city = self.desk.ruling.city
        with transaction(self.desk.sessions) as session:
            kept = session.get_one(Drawer, drawer)
            locked = posting.lock_accounts(session, {id_: Money(cents) for id_, cents in accounts.items()}, at.date())
            sold = tuple(self._item(code, cents, at.date()) for code, cents in (items or {}).items())
            tendered = tuple(
                Tendered(Tender(kind, reference=more[0] if more else ""), Money(cents), Money(cents), drawer)
                for kind, cents, *more in tenders
            )
            kinds = {one.tender.kind for one in tendered}
            whole = Tender(SPLIT) if len(kinds) > 1 else tendered[0].tender
            received = Received(
                locked.accounts, Fee(), whole, order_of_policy(city, at.date()), at, at.date(), sold, tendered
            )
            return posting.write(
                session, received, terms_of(city), business_day=locked.business_day or at.date(),
                source=Source("test-sale", str(next(_serial)), "take"), actor_id=kept.cashier_id, channel="counter",
                language="en", series=(kept.series,),
            )  # fmt: skip

    def void(self, payment_id: int, by: str, at: datetime, reason: str = "entered twice") -> None:
        """All tenders given back out of their drawer."""
        with transaction(self.desk.sessions) as session:
            doer = actor_id(session, f"staff:{by}", name=by.title())
            (journal,) = session.execute(text("SELECT journal_id FROM payments WHERE id = :id"), {"id": payment_id})
            undone = ledger.reverse(session, journal[0], actor_id=doer, on=at.date(), memo=reason)
            tenders = session.execute(
                text("SELECT id, amount_cents, drawer_id FROM payment_tenders WHERE payment_id = :id ORDER BY id"),
                {"id": payment_id},
            )
            session.add_all(
                PaymentReversal(
                    payment_id=payment_id, number=number, tender_id=row.id, kind="void",
                    amount_cents=Money(row.amount_cents), journal_id=undone, drawer_id=row.drawer_id, actor_id=doer,
                    at=at, reason=reason,
                )
                for number, row in enumerate(tenders, start=1)
            )  # fmt: skip

    def count(
        self, drawer: int, at: datetime, *, cash: int = 0, checks: int = 0, accepted_by: str = "vera",
    ) -> int:  # fmt: skip
        """Counted by its cashier with so many cents more (or less) than expected, accepted, closed, in the vault."""
        with transaction(self.desk.sessions) as session:
            kept = session.get_one(Drawer, drawer, with_for_update=True)
            stands = self.stands(session, drawer)
            expected = {"cash": stands["cash"] + FLOAT.cents, "checks": stands["checks"], "checks_count": 1,
                        "terminal": stands["terminal"]}  # fmt: skip
            counted = DrawerCount(
                drawer_id=drawer, number=1, counted_by=kept.cashier_id, counted_at=at, denominations={},
                cash_cents=Money(expected["cash"] + cash), checks_count=1,
                checks_cents=Money(stands["checks"] + checks), terminal_cents=Money(stands["terminal"]),
                expected=expected,
            )  # fmt: skip
            session.add(counted)
            session.flush()
            verdict = DrawerVerdict(
                count_id=counted.id, drawer_id=drawer, cashier_id=kept.cashier_id, counted_by=kept.cashier_id,
                verdict="accepted", decided_by=actor_id(session, f"staff:{accepted_by}"), decided_at=at,
                reason="counted",
            )  # fmt: skip
            batch = VaultBatch(
                drawer_id=drawer, count_id=counted.id, business_day=kept.business_day,
                cash_cents=Money(stands["cash"] + cash), checks_cents=Money(stands["checks"] + checks),
                checks_count=1, terminal_cents=Money(stands["terminal"]), denominations={}, made_at=at,
            )  # fmt: skip
            self._over_short(session, counted.id, Money(cash), at, "cash")
            self._over_short(session, counted.id, Money(checks), at, "checks")
            session.add_all([verdict, batch])
            kept.state, kept.counted_at, kept.closed_at = "closed", at, at
            return counted.id

    def stands(self, session: Session, drawer: int) -> dict[str, int]:
        """Cents of each tender that should lie in a drawer, without its float."""
        rows = session.execute(
            text("""SELECT t.kind, sum(t.amount_cents)::bigint
                      FROM payment_tenders t LEFT JOIN payment_reversals r ON r.tender_id = t.id AND r.kind = 'void'
                     WHERE t.drawer_id = :id AND r.id IS NULL GROUP BY t.kind"""),
            {"id": drawer},
        )
        found = {kind: int(cents) for kind, cents in rows}
        checks = found.get("check", 0) + found.get("money_order", 0)
        return {"cash": found.get("cash", 0), "checks": checks, "terminal": found.get("terminal", 0)}

    def rows(self, sql: str, **values: Any) -> list[Any]:
        return self.desk.rows(sql, **values)

    def _item(self, code: str, cents: int, on: date) -> Item:
        city = self.desk.ruling.city
        item = city.catalog_item(code, on)
        fund = city.ledger_account(item.ledger_account).fund
        return Item(code, item.name.root, 1, Money(cents), item.ledger_account, fund)

    def _over_short(self, session: Session, count: int, over: Money, at: datetime, what: str) -> None:
        roles = self.desk.ruling.city.roles
        if over == ZERO:
            return
        fund = self.desk.ruling.city.ledger_account(roles.over_short).fund
        lines = (
            Line(roles.over_short, fund, -over), Line(roles.claim_on_pooled_cash[fund], fund, over),
            Line(roles.cash_on_hand, roles.pooled_cash_fund, over),
            Line(roles.due_to_funds, roles.pooled_cash_fund, -over),
        )  # fmt: skip
        assert total(line.amount for line in lines) == ZERO
        source = Source("drawer_count", str(count), what)
        draft = JournalDraft("over-short", source, at.date(), actor_id(session, "staff:vera"), lines)
        ledger.post(session, draft)
