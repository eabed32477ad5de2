"""An office with bills that are posted, to be put on paper."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.bill_printings import freezing, queries
from accounts.bill_printings.queries import PrintingView
from accounts.database import Sessions, reading
from accounts.message_choices.papers import go_paperless
from accounts.message_choices.service import ConsentText
from tests.accounts.billing_runs.offices import NOW, TODAY, Office, open_office

WORDS = ConsentText("1", "en", "No paper, please.")


@dataclass
class PrintShop:
    office: Office

    @property
    def sessions(self) -> Sessions:
        return self.office.sessions

    def posted(self, houses: int = 3) -> tuple[int, list[int]]:
        """A posted run of so many houses, and their accounts."""
        accounts = [self.office.house(number) for number in range(1, houses + 1)]
        run = self.office.draft()
        self.office.through(run)
        return run, accounts

    def counted(self, run: int) -> int:
        """A printing of the run, its bills counted."""
        made = freezing.begin(self.sessions, self.office.maker, run, now=NOW)
        freezing.count(self.sessions, made, now=NOW)
        return made

    def frozen(self, run: int) -> int:
        """A printing of the run, its list frozen as it was counted."""
        made = self.counted(run)
        self.ask(made, self.view(made).counts.printed.bills)
        assert self.freeze(made)
        return made

    def ask(self, printing: int, seen: int) -> None:
        freezing.ask_to_freeze(self.sessions, self.office.maker, printing, seen=seen)

    def freeze(self, printing: int) -> bool:
        return freezing.freeze(self.sessions, printing, today=TODAY, now=NOW)

    def view(self, printing: int) -> PrintingView:
        with reading(self.sessions) as session:
            return queries.printing(session, printing)

    def paperless(self, account: int) -> int:
        by = self.office.maker.actor_id
        return go_paperless(self.sessions, account, WORDS, by=by, now=NOW, evidence={})

    def customer(self, account: int) -> int:
        return int(self.office.one("SELECT customer_id FROM customer_accounts WHERE id = :id", id=account)[0])

    def outcomes(self, printing: int) -> dict[int, tuple[str, str]]:
        rows = self.office.rows("SELECT customer_account_id, outcome, reason FROM bill_printing_items"
                                " WHERE printing_id = :id", id=printing)  # fmt: skip
        return {account: (outcome, reason) for account, outcome, reason in rows}


@pytest.fixture
def shop(sessions: Sessions) -> PrintShop:
    return PrintShop(open_office(sessions))
