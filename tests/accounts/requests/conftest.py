"""A window for requests in the shipped city: a resident with an account, and people who work there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from accounts.account_links.service import link
from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.cases import queries as cases
from accounts.cases import service as work
from accounts.cases.lifecycle import CaseDesk
from accounts.cases.rules import Outcome
from accounts.cases.views import CasePage
from accounts.clock import FixedClock
from accounts.customer_changes.desk import ChangeDesk
from accounts.database import Sessions, reading, transaction
from accounts.documents.rules import Sent
from accounts.documents.store import DocumentStore
from accounts.requests import residents, service
from accounts.requests.residents import Resident
from accounts.requests.rules import How
from accounts.requests.service import RequestDesk, Settled
from accounts.staff.rules import Authority
from tests.accounts.documents.test_documents import PAGE
from tests.database import TestDatabase
from tests.factories.desk import Desk, open_desk

_BILL = text("""
    INSERT INTO bills (customer_account_id, number, billed_on, due_on, delinquent_on, source_system)
    VALUES (:account, 'B-' || :account || '-' || :days, :on, :on, :on, 'ventanilla') RETURNING id""")


@dataclass
class Window:
    """Everything that a request meets on its way."""

    db: TestDatabase
    desk: Desk
    store: DocumentStore
    ana: Resident

    @property
    def cases(self) -> CaseDesk:
        return CaseDesk(self.desk.sessions, self.desk.clock, self.desk.ruling.city, self.desk.ruling.release_id)

    @property
    def requests(self) -> RequestDesk:
        changes = ChangeDesk(self.desk.sessions, self.desk.clock, self.desk.ruling.city, b"a key of tests")
        return RequestDesk(self.cases, changes, self.desk.acts)

    def resident(self, name: str) -> Resident:
        with transaction(self.desk.sessions) as session:
            return Resident(actor_id(session, f"resident:{name}", ActorKind.RESIDENT, name.title()))

    def link(self, account: int, who: Resident | None = None) -> int:
        link(self.desk.sessions, (who or self.ana).actor_id, account, "bill_code", now=self.desk.clock.now())
        return account

    def draft(
        self, kind: str, account: int | None, answers: Mapping[str, Any], *papers: str, who: Resident | None = None
    ) -> int:
        asker = who or self.ana
        case = residents.begin(self.cases, asker, kind, account)
        residents.keep_answers(self.cases, asker, case, answers)
        for paper in papers:
            self.paper(case, paper, who=asker)
        return case

    def paper(self, case: int, wanted: str, who: Resident | None = None) -> int:
        sent = Sent("paper.pdf", PAGE)
        return residents.add_document(self.cases, self.store, who or self.ana, case, wanted=wanted, sent=sent)

    def asked(
        self, kind: str, account: int | None, answers: Mapping[str, Any], *papers: str, who: Resident | None = None
    ) -> int:
        """Handed in."""
        case = self.draft(kind, account, answers, *papers, who=who)
        residents.submit(self.cases, who or self.ana, case)
        return case

    def page(self, case: int) -> CasePage:
        with reading(self.desk.sessions) as session:
            return cases.page(session, case)

    def take(self, by: Authority, case: int) -> None:
        work.take(self.cases, by, case, seen=self.page(case).line.version)

    def decide(
        self, by: Authority, case: int, outcome: Outcome = Outcome.GRANTED, *, take: bool = True, **how: Any
    ) -> Settled:
        if take:
            self.take(by, case)
        version = self.page(case).line.version
        return service.decide(
            self.requests, by, case, outcome, "Because it is so.", seen_version=version, how=How(**how)
        )

    def scalar(self, sql: str, **values: Any) -> Any:
        with self.db.owner.connect() as connection:
            return connection.scalar(text(sql), values)

    def bill_of(self, account: int, days_ago: int = 5) -> int:
        """A bill of the account, sent so many days ago."""
        sent = self.desk.today - timedelta(days=days_ago)
        with transaction(self.desk.sessions) as session:
            values = {"account": account, "on": sent, "days": days_ago}
            return int(session.execute(_BILL, values).scalar_one())


@pytest.fixture
def window(db: TestDatabase, sessions: Sessions, clock: FixedClock, tmp_path: Path) -> Iterator[Window]:
    desk = open_desk(sessions, clock)
    opened = Window(db, desk, DocumentStore(tmp_path / "documents"), Resident(0))
    yield replace(opened, ana=opened.resident("ana"))
    desk.prove()


@pytest.fixture
def clerk(window: Window) -> Authority:
    return window.desk.person("clara", "clerk")


@pytest.fixture
def supervisor(window: Window) -> Authority:
    return window.desk.person("sofia", "supervisor")
