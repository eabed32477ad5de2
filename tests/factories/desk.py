"""People with the roles of the shipped city, the acts they may ask for, and accounts with real bills."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.approvals import service as approvals
from accounts.approvals.acts import Acts
from accounts.approvals.rules import Command
from accounts.approvals.service import Done, Proposed
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.cities.queries import RulingCity
from accounts.clock import FixedClock
from accounts.customer_accounts.models import AccountKind
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.staff.rules import Authority, Grant, authority
from payments.posting import service as posting
from payments.posting.rules import Fee, Received, Tender
from payments.posting.service import Posted
from payments.terms import order_of_policy, terms_of
from portal.acts import acts_under
from portal.verify import verify
from tests.accounts.assessments.city import open_account, released

_serial = itertools.count(1)
LONG_AGO = date(2020, 1, 1)


@dataclass
class Desk:
    """A released city with its counter."""

    sessions: Sessions
    ruling: RulingCity
    acts: Acts
    clock: FixedClock

    @property
    def today(self) -> date:
        return self.clock.today()

    def person(self, name: str, role: str) -> Authority:
        """Somebody who holds a role of the city's staff policy."""
        with transaction(self.sessions) as session:
            id_ = actor_id(session, f"staff:{name}")
        return authority(self.ruling.city, id_, f"staff:{name}", [Grant(role, LONG_AGO)], self.today)

    def propose(self, by: Authority, command: Command, reason: str = "as they asked", seen: str = "") -> Any:
        return approvals.propose(self.sessions, self.acts, command, by, reason=reason, clock=self.clock, seen=seen)

    def waits(self, by: Authority, command: Command) -> int:
        """Propose what must wait; the proposal's id."""
        asked = self.propose(by, command)
        assert isinstance(asked, Proposed), asked
        return asked.proposal_id

    def approve(self, by: Authority, proposal_id: int) -> Done:
        return approvals.approve(self.sessions, self.acts, proposal_id, by, clock=self.clock)

    def done(self, maker: Authority, checker: Authority, command: Command) -> Done:
        """Proposed by one, approved by the other; or done alone."""
        asked = self.propose(maker, command)
        return asked if isinstance(asked, Done) else self.approve(checker, asked.proposal_id)

    def account(self, kind: str = "utility", *charges: tuple[str, str, int], **more: Any) -> int:
        """An account that owes charges (revenue line, kind, cents), due in twenty days."""
        with transaction(self.sessions) as session:
            id_ = open_account(session, AccountKind(kind), **more).id
            if charges:
                self.charge(session, id_, *charges)
        return id_

    def charge(
        self, session: Session, account: int, *charges: tuple[str, str, int], days: int = 20, external: str = "",
        **more: Any,
    ) -> list[int]:  # fmt: skip
        """Raise charges; ``days`` from today until they are due."""
        due, number = self.today + timedelta(days=days), next(_serial)
        new = []
        for place, (line, kind, cents) in enumerate(charges):
            terms = self.ruling.city.revenue_line(line)
            new.append(
                NewCharge(
                    account, line, kind, terms.fund, terms.receivable, terms.revenue, Money(cents),
                    {"en": f"{line} {kind}", "es": f"{line} {kind} (es)"}, due - timedelta(days=20), due,
                    due + timedelta(days=1), source_system=external or "ventanilla",
                    source_key=f"{number}-{place}", city_release_id=self.ruling.release_id,
                    **{"working": {"imported": {"profile": "desk", "key": ""}}, **more},
                )
            )  # fmt: skip
        return raise_charges(
            session, new, source=Source("test-bill", str(number), "raise"), kind="bill",
            effective_on=self.today, actor_id=actor_id(session, "system"),
        )  # fmt: skip

    def pay(self, amounts: Mapping[int, Money], on: date | None = None) -> Posted:
        """Cash at the counter."""
        with transaction(self.sessions) as session:
            locked = posting.lock_accounts(session, amounts, self.today)
            assert locked.business_day is not None
            order = order_of_policy(self.ruling.city, on or self.today)
            noon = datetime(self.today.year, self.today.month, self.today.day, 20, tzinfo=UTC)
            received = Received(locked.accounts, Fee(), Tender("cash"), order, noon, on or self.today)
            return posting.write(
                session, received, terms_of(self.ruling.city), business_day=locked.business_day,
                source=Source("test-payment", str(next(_serial)), "settle"),
                actor_id=actor_id(session, "staff:cashier"), channel="counter", language="en", series=("T1",),
            )  # fmt: skip

    def charges(self, account: int) -> list[tuple[int, int, int]]:
        """(Id, asked with its adjustments, open) of each charge of an account, in cents."""
        return self.rows(
            """SELECT c.id, c.amount_cents + coalesce((SELECT sum(amount_cents) FROM adjustments
                                                        WHERE charge_id = c.id), 0)::bigint, c.open_cents
                 FROM charges c WHERE customer_account_id = :id ORDER BY c.id""",
            id=account,
        )

    def credit(self, account: int) -> int:
        ((cents,),) = self.rows("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=account)
        return int(cents)

    def balances(self) -> dict[str, int]:
        """Every ledger account that is not at zero, by code."""
        return dict(
            self.rows(
                """SELECT a.code, sum(p.amount_cents)::bigint FROM postings p
                     JOIN ledger_accounts a ON a.id = p.ledger_account_id
                    GROUP BY a.code HAVING sum(p.amount_cents) <> 0 ORDER BY a.code"""
            )
        )

    def books(self) -> dict[str, Any]:
        """All that a refused act must leave as it was."""
        tables = ("journals", "postings", "source_effects", "charges", "adjustments", "allocations", "moves",
                  "proposals", "proposal_decisions")  # fmt: skip
        counts = {name: self.rows(f"SELECT count(*) FROM {name}") for name in tables}
        opens = self.rows("SELECT id, open_cents, version FROM charges ORDER BY id")
        credits_ = self.rows("SELECT id, credit_cents FROM customer_accounts ORDER BY id")
        return {**counts, "ledger": self.balances(), "open": opens, "credits": credits_}

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with reading(self.sessions) as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def prove(self) -> None:
        """The books have no violation."""
        with reading(self.sessions) as session:
            found = {check.name: check.violations for check in verify(session) if check.violations}
        assert found == {}, found


def open_desk(sessions: Sessions, clock: FixedClock) -> Desk:
    """The shipped city, released, with its counter open."""
    ruling = released(sessions)
    return Desk(sessions, ruling, acts_under(ruling), clock)
