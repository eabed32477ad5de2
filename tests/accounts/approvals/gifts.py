"""A small act to try the mechanism with: give a fund money out of another account's revenue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.approvals.acts import Acts, Deed
from accounts.approvals.rules import Command, Weighed
from accounts.database import Sessions, reading, transaction
from accounts.errors import DomainError
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line
from accounts.money import ZERO, Money
from accounts.staff.rules import ActKind, Authority, Permission


class TooGenerous(DomainError):
    """More than there is."""


class Give(Command):
    """Move revenue from one ledger account of a fund to another."""

    kind: ClassVar[ActKind] = ActKind.JOURNAL
    cents: int
    account_id: int | None = None


class Giving:
    """The act. Its world is what stands on the account that gives."""

    kind = ActKind.JOURNAL
    permission = Permission.ADJUSTMENTS_MAKE
    command = Give
    asks_second: tuple[str, ...] = ()

    def world(self, session: Session, command: Give, today: date) -> Mapping[str, str]:
        ledger.open_business_day(session, today)
        session.execute(text("SELECT pg_advisory_xact_lock(4711)"))
        return {"given": str(given(session))}

    def weigh(self, session: Session, command: Give, today: date) -> Weighed[int]:
        if command.cents > 1_000_000_00:
            raise TooGenerous("there is no such money")
        before = given(session)
        return Weighed(
            plan=command.cents,
            subject=("fund", "100"),
            effect=Money(command.cents),
            accounts=(command.account_id,) if command.account_id else (),
            before={"given_cents": before},
            after={"given_cents": before + command.cents},
            asks_second=self.asks_second,
        )

    def execute(self, session: Session, command: Give, weighed: Weighed[int], deed: Deed) -> dict[str, object]:
        lines = (
            Line("100-4210", "100", Money(weighed.plan)),
            Line("100-4220", "100", Money(-weighed.plan)),
        )
        draft = JournalDraft("gift", deed.source("give"), deed.today, deed.actor_id, lines, deed.reason)
        return {"journal_id": ledger.post(session, draft)}


CHIEF = Money(1_000_00)
ACTS: Acts = {ActKind.JOURNAL: Giving()}


def given(session: Session) -> int:
    return int(
        session.scalar(text("SELECT coalesce(-sum(amount_cents), 0) FROM postings p JOIN ledger_accounts a"
                            " ON a.id = p.ledger_account_id WHERE a.code = '100-4220'")) or 0
    )  # fmt: skip


def person(
    sessions: Sessions,
    name: str,
    *,
    alone: Money | None = None,
    decide: Money | None = CHIEF,
    may: frozenset[Permission] = frozenset({Permission.ADJUSTMENTS_MAKE, Permission.APPROVALS_DECIDE}),
) -> Authority:
    """Somebody who works here; limits are those of journals."""
    with transaction(sessions) as session:
        id_ = actor_id(session, f"staff:{name}")
    return Authority(
        id_,
        f"staff:{name}",
        may,
        {} if alone is None else {ActKind.JOURNAL: alone},
        {} if decide is None else {ActKind.JOURNAL: decide},
    )


def books(sessions: Sessions) -> dict[str, Any]:
    """All that a refused act must leave as it was."""
    tables = ("journals", "postings", "source_effects", "proposals", "proposal_decisions")
    with reading(sessions) as session:
        counts = {name: session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}
        sums = session.execute(
            text("SELECT ledger_account_id, sum(amount_cents) FROM postings GROUP BY 1 ORDER BY 1")
        ).all()
    return {**counts, "sums": [tuple(row) for row in sums], "zero": ZERO}
