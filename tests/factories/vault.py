"""Money in the vault: tills that were worked and counted, made row by row, and who works there."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from accounts.ledger.rules import Source
from accounts.ledger.service import open_business_day
from accounts.money import ZERO, Money, total
from accounts.staff.rules import Authority
from payments.bank_deposits.rules import Counted, Kind
from payments.bank_deposits.service import DepositDesk, Preparation, prepare, verify_and_seal
from payments.drawers.models import Drawer, DrawerCount, DrawerMovement, DrawerVerdict, VaultBatch
from payments.posting import service as posting
from payments.posting.rules import SPLIT, Fee, Received, Tender, Tendered
from payments.posting.service import Posted
from payments.terms import order_of_policy, terms_of
from tests.factories.desk import Desk, open_desk

_serial = itertools.count(1)
FLOAT = Money(200_00)


def in_notes(
    amount: Money, known: Sequence[int] = (10000, 5000, 2000, 1000, 500, 100, 25, 10, 5, 1)
) -> dict[int, int]:
    """An amount in as few notes and coins as it takes."""
    left, counted = amount.cents, {}
    for cents in known:
        if left // cents:
            counted[cents], left = divmod(left, cents)
    return counted


@dataclass
class Vault:
    """The shipped city with a cashier, two who make deposits, and one who reconciles."""

    desk: Desk
    cashier: Authority
    maker: Authority
    checker: Authority
    finance: Authority
    reviewer: Authority
    """Who verifies floats and accepts counts."""
    account: int
    """Who pays."""

    @property
    def sessions(self) -> Sessions:
        return self.desk.sessions

    @property
    def deposits(self) -> DepositDesk:
        return DepositDesk(self.sessions, self.desk.clock, self.desk.ruling.city)

    def opened(self, by: Authority | None = None) -> int:
        """A drawer that is open."""
        clock = self.desk.clock
        with transaction(self.sessions) as session:
            drawer = Drawer(
                kind="counter", till=f"X{next(_serial)}", series="C1", state="open", float_cents=FLOAT,
                business_day=open_business_day(session, clock.today()), opened_at=clock.now(),
                cashier_id=(by or self.cashier).actor_id, verified_by=self.reviewer.actor_id,
            )  # fmt: skip
            session.add(drawer)
            session.flush()
            return drawer.id

    def take(self, drawer: int, *tenders: tuple[str, int] | tuple[str, int, str]) -> Posted:
        """A payment ahead by tenders (kind, cents, number)."""
        with transaction(self.sessions) as session:
            return self._take(session, drawer, tenders)

    def _take(self, session: Session, drawer: int, tenders: Sequence[tuple]) -> Posted:  # type: ignore[type-arg]
        clock, city = self.desk.clock, self.desk.ruling.city
        parts = tuple(
            Tendered(
                Tender(kind, reference=number[0] if number else ""), Money(cents), Money(cents), drawer, "First Bank"
            )
            for kind, cents, *number in tenders
        )
        kinds = {part.tender.kind for part in parts}
        locked = posting.lock_accounts(session, {self.account: total(part.amount for part in parts)}, clock.today())
        day = locked.business_day or clock.today()
        received = Received(
            locked.accounts, Fee(), Tender(kinds.pop() if len(kinds) == 1 else SPLIT), order_of_policy(city, day),
            clock.now(), day, (), parts,
        )  # fmt: skip
        return posting.write(
            session, received, terms_of(city), business_day=day, source=Source("vault", str(next(_serial)), "take"),
            actor_id=self.cashier.actor_id, channel="counter", language="en", series=("C1",),
        )  # fmt: skip

    def counted(self, drawer: int, cash: int = 0, checks: Sequence[int] = (), terminal: int = 0) -> int:
        """Count a drawer right, accept the count, close it; the id of its batch."""
        now = self.desk.clock.now()
        with transaction(self.sessions) as session:
            row = session.get_one(Drawer, drawer)
            notes = {str(cents): count for cents, count in in_notes(Money(cash)).items()}
            count = DrawerCount(
                drawer_id=drawer, number=1, counted_by=row.cashier_id, counted_at=now, denominations=notes,
                cash_cents=Money(cash) + FLOAT, checks_count=len(checks), checks_cents=Money(sum(checks)),
                terminal_cents=Money(terminal), expected={},
            )  # fmt: skip
            session.add(count)
            session.flush()
            session.add(
                DrawerVerdict(
                    count_id=count.id,
                    drawer_id=drawer,
                    cashier_id=row.cashier_id,
                    counted_by=row.cashier_id,
                    verdict="accepted",
                    decided_by=self.reviewer.actor_id,
                    decided_at=now,
                )
            )
            batch = VaultBatch(
                drawer_id=drawer, count_id=count.id, business_day=row.business_day, cash_cents=Money(cash),
                checks_cents=Money(sum(checks)), checks_count=len(checks), terminal_cents=Money(terminal),
                denominations=notes, made_at=now,
            )  # fmt: skip
            session.add(batch)
            row.state, row.counted_at, row.closed_at = "closed", now, now
            session.flush()
            return batch.id

    def dropped(self, drawer: int, cash: int) -> int:
        """A drop of cash from an open drawer; the id of its batch."""
        now = self.desk.clock.now()
        with transaction(self.sessions) as session:
            row = session.get_one(Drawer, drawer)
            moved = DrawerMovement(
                drawer_id=drawer, kind="drop", cash_cents=Money(-cash), denominations={}, actor_id=row.cashier_id,
                at=now,
            )  # fmt: skip
            session.add(moved)
            session.flush()
            batch = VaultBatch(
                drawer_id=drawer, movement_id=moved.id, business_day=row.business_day, cash_cents=Money(cash),
                denominations={}, made_at=now,
            )  # fmt: skip
            session.add(batch)
            session.flush()
            return batch.id

    def worked(
        self, cash: int = 0, checks: Sequence[int] = (), terminal: int = 0, by: Authority | None = None
    ) -> int:
        """A drawer that took this much and was closed; the id of its batch."""
        drawer = self.opened(by)
        if cash:
            self.take(drawer, ("cash", cash))
        for number, check in enumerate(checks, start=1001):
            self.take(drawer, ("check", check, str(number)))
        if terminal:
            self.take(drawer, ("terminal", terminal))
        return self.counted(drawer, cash, checks, terminal)

    def prepared(self, *batches: int, cash: int = 0, checks: Sequence[int] = (), bag: str = "") -> int:
        """A bag of batches, put together by the maker."""
        return prepare(
            self.deposits,
            Preparation(Kind.BAG, "general", batches, counted_of(cash, checks), bag or f"BAG-{next(_serial):05d}"),
            self.maker,
        )

    def sealed(self, cash: int = 0, checks: Sequence[int] = (), bag: str = "") -> int:
        """A bag of one drawer's money, sealed and posted."""
        batch = self.worked(cash, checks)
        deposit = self.prepared(batch, cash=cash, checks=checks, bag=bag)
        verify_and_seal(self.deposits, deposit, counted_of(cash, checks), self.checker)
        return deposit

    def settled(self, terminal: int, reference: str = "") -> int:
        """A settlement of the terminals, verified and posted."""
        return self.settled_of(self.worked(terminal=terminal), terminal, reference)

    def settled_of(self, batch: int, terminal: int, reference: str = "") -> int:
        """The terminal slips of a batch, verified and posted."""
        counted = Counted({}, terminal=Money(terminal))
        wanted = Preparation(Kind.TERMINAL, "general", (batch,), counted, reference=reference)
        deposit = prepare(self.deposits, wanted, self.maker)
        verify_and_seal(self.deposits, deposit, counted, self.checker)
        return deposit

    def later(self, **by: float) -> datetime:
        self.desk.clock.advance(**by)
        return self.desk.clock.now()

    def state(self) -> Mapping[str, object]:
        """All that a refused act must leave as it was."""
        tables = ("bank_deposits", "bank_deposit_batches", "bank_deposit_handovers", "bank_files", "bank_statements",
                  "bank_lines", "bank_matches", "bank_match_parts", "bank_match_undoings", "bank_matched_lines",
                  "bank_matched_journals", "bank_namings", "bank_sign_offs", "journals")  # fmt: skip
        return {
            name: self.desk.rows(f"SELECT to_jsonb(t)::text FROM {name} t ORDER BY 1") for name in tables
        } | self.desk.balances()


def counted_of(cash: int = 0, checks: Sequence[int] = ()) -> Counted:
    """What somebody counted who made no mistake."""
    return Counted(in_notes(Money(cash)), len(checks), total(map(Money, checks)) if checks else ZERO)


def open_vault(sessions: Sessions, clock: FixedClock) -> Vault:
    """The shipped city with its vault."""
    return vault_of(open_desk(sessions, clock))


def vault_of(desk: Desk) -> Vault:
    """The vault of a city that is released."""
    return Vault(
        desk,
        desk.person("carla", "cashier"),
        desk.person("marta", "clerk"),
        desk.person("vera", "supervisor"),
        desk.person("felix", "finance"),
        desk.person("rita", "supervisor"),
        desk.account(),
    )
