"""Books with three card payments over several funds, and a processor of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from accounts.database import Sessions, reading, transaction
from accounts.money import Money
from payments.gateway.payouts import MovementTruth
from payments.payouts.service import LOOK_BACK, PayoutDesk, ReadOut, read_payouts
from portal.verify import verify
from sandbox import spec
from tests.factories import make_account, make_chart
from tests.factories.books import FEE_IN_FUND
from tests.factories.owed import make_charge
from tests.factories.paid_out import Processor, desk_of, pay_by_card
from tests.portal.scene import scene
from tests.sandbox_server import Sandbox, running_sandbox

__all__ = ["scene"]
SUMS = (60_50, 45_00, 100_00)
"""What the three payments of ``paid`` came to, fees of the payers included."""
FEES = (2_05, 1_61, 3_20)
"""What the processor keeps of each; together $6.86."""


@dataclass
class Books:
    """A desk, its processor, and questions to the ledger."""

    sessions: Sessions
    processor: Processor
    desk: PayoutDesk
    intents: list[str]
    charges: list[MovementTruth]
    """Of the three payments: $60.50, $45.00 and $100.00, at 2.9 % and 30 cents."""

    def read(self) -> ReadOut:
        return read_payouts(self.desk, self.desk.clock.now() - LOOK_BACK)

    def later(self, **by: float) -> None:
        self.desk.clock.advance(**by)  # type: ignore[attr-defined]
        self.processor.now += timedelta(**by)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with reading(self.sessions) as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def balance(self, code: str) -> int:
        """What stands on a ledger account, in cents."""
        ((cents,),) = self.rows(
            "SELECT coalesce(sum(p.amount_cents), 0)::bigint FROM postings p"
            " JOIN ledger_accounts a ON a.id = p.ledger_account_id WHERE a.code = :code",
            code=code,
        )
        return int(cents)

    def balances(self) -> tuple[int, int, int, int]:
        """Bank, clearing, fees and suspense."""
        bank, clearing, fees, suspense = map(self.balance, ("900-1010", "900-1030", "100-5200", "900-2190"))
        return bank, clearing, fees, suspense

    def journals(self) -> list[tuple[str, int | None]]:
        return self.rows("SELECT kind, reverses_id FROM journals WHERE kind LIKE 'payout%' ORDER BY id")

    def lines(self) -> list[tuple[str, str]]:
        """Exception lines by kind and subject."""
        return self.rows("SELECT kind, subject FROM exception_lines ORDER BY id")

    def everything(self) -> list[Any]:
        """All that reading could change, but for the log of readings and when a payout was read last."""
        tables = ("payout_movements", "payout_bookings", "journals", "postings", "exception_lines", "source_effects")
        found = [self.rows(f"SELECT to_jsonb(t) FROM {table} t ORDER BY to_jsonb(t)::text") for table in tables]
        return [*found, self.rows("SELECT to_jsonb(t) - 'read_at' FROM payouts t ORDER BY id")]

    def wrong(self) -> dict[str, list[str]]:
        with reading(self.sessions) as session:
            return {check.name: check.violations for check in verify(session) if check.violations}


@pytest.fixture
def books(sessions: Sessions) -> Iterator[Books]:
    """Three payments by card; when a test ends, the books must prove themselves."""
    with transaction(sessions) as session:
        make_chart(session)
        water = make_account(session, charges=[Money(150_00), make_charge(Money(9_00), line="sewer")])
        ticket = make_account(session, kind="citation", charges=[Money(45_00)])
        intents = [
            pay_by_card(session, {water.id: Money(59_00)}, fee=FEE_IN_FUND),
            pay_by_card(session, {ticket.id: Money(45_00)}),
            pay_by_card(session, {water.id: Money(100_00)}),
        ]
    processor = Processor()
    charges = [processor.charge(*of) for of in zip(intents, SUMS, FEES, strict=True)]
    made = Books(sessions, processor, desk_of(sessions, processor), intents, charges)
    yield made
    assert made.wrong() == {}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A processor of this test alone: its balance and payouts are nobody else's."""
    spec.ensure()
    with running_sandbox(tmp_path, merchant="City of Río Claro") as running:
        yield running
        assert running.violations() == []
