"""A vault whose bank tells what came; when a test ends, the books must prove themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from accounts.money import Money
from payments.bank_statements import lists, queries
from payments.bank_statements.queries import BankPosition
from payments.bank_statements.service import BankDesk, Imported, import_file
from tests.factories.bank_files import Told, bai2, csv
from tests.factories.vault import Vault, open_vault

BANK = "990-1010"


@dataclass
class Bank:
    """The city's bank, and its desk."""

    vault: Vault
    balance: int = 0

    @property
    def desk(self) -> BankDesk:
        return BankDesk(self.vault.sessions, self.vault.desk.clock, self.vault.desk.ruling.city)

    @property
    def today(self) -> date:
        return self.vault.desk.today

    def day(self, ahead: int = 0) -> date:
        return self.today + timedelta(days=ahead)

    def tells(self, *lines: Told, ahead: int = 0) -> Imported:
        """A BAI2 file of one day that follows what was told before."""
        content = bai2(self.day(ahead), self.balance, lines)
        self.balance += sum(line.cents for line in lines)
        return self.takes(content)

    def takes(self, content: bytes, **more: str) -> Imported:
        return import_file(self.desk, "file", content, self.vault.finance.actor_id, **more)

    def csv(self, days: Sequence[tuple[date, Sequence[Told]]], opening: int = 0) -> Imported:
        return self.takes(csv(days, opening))

    def lines(self) -> list[tuple[int, int, str, list[str]]]:
        """Cents, id of the match, its reason, and what it is with us, of each line in the order of its coming."""
        return [
            (row[0], row[1], row[2], row[3])
            for row in self.vault.desk.rows(
                """SELECT l.amount_cents, m.match_id, coalesce(b.reason, ''),
                          array(SELECT p.kind || ' ' || p.subject FROM bank_match_parts p WHERE p.match_id = b.id
                                 ORDER BY 1)
                     FROM bank_lines l LEFT JOIN bank_matched_lines m ON m.line_id = l.id
                     LEFT JOIN bank_matches b ON b.id = m.match_id ORDER BY l.id"""
            )
        ]

    def matched(self) -> list[tuple[int, str, list[str]]]:
        return [(cents, reason, ours) for cents, match, reason, ours in self.lines() if match is not None]

    def line(self, cents: int) -> lists.StatementLine:
        """The only line of that amount."""
        ((line_id,),) = self.vault.desk.rows("SELECT id FROM bank_lines WHERE amount_cents = :cents", cents=cents)
        with reading(self.vault.sessions) as session:
            return lists.line(session, line_id)

    def position(self, on: date | None = None) -> BankPosition:
        with reading(self.vault.sessions) as session:
            return queries.position(session, BANK, on or self.today)

    def ledger(self) -> Money:
        return Money(self.vault.desk.balances().get(BANK, 0))


@pytest.fixture
def bank(sessions: Sessions, clock: FixedClock) -> Iterator[Bank]:
    opened = Bank(open_vault(sessions, clock))
    yield opened
    opened.vault.desk.prove()
