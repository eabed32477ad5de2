"""A desk of the shipped city, people at it, and Maria Lopez with two accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.clock import FixedClock
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, OpenedAccount, Place, open_accounts
from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.rules import ChangeRequest, Contact
from accounts.customer_changes.service import change_customer
from accounts.customers.queries import CustomerCard, customer
from accounts.database import Sessions, reading, transaction
from accounts.staff.rules import Authority
from tests.accounts.counter import KEY, person, shipped
from tests.factories import DAY

MARIA = Holder(
    "Maria Lopez", last_name="Lopez", email="maria@example.com", phone="(209) 555-0142", mailing_address="12 Elm St"
)


@dataclass
class Counter:
    """What a test does at the counter."""

    desk: ChangeDesk
    clerk: Authority

    def card(self, customer_id: int) -> CustomerCard:
        with reading(self.desk.sessions) as session:
            return customer(session, customer_id)

    def request(self, customer_id: int, *, paper: str = "marriage-certificate", **values: Any) -> ChangeRequest:
        told = {name: values.pop(name) for name in list(values) if name in Contact.__slots__}
        if {"name", "last_name"} & set(told):
            values.setdefault("document", paper)
        values = {"effective_on": DAY, "seen_version": self.card(customer_id).version, **values}
        return ChangeRequest(customer_id, Contact(**told), **values)

    def change(self, customer_id: int, **values: Any) -> int | None:
        """Change it now; the new version (none: it waits)."""
        return change_customer(self.desk, self.clerk, self.request(customer_id, **values)).version


@pytest.fixture
def counter(sessions: Sessions, clock: FixedClock) -> Counter:
    return Counter(ChangeDesk(sessions, clock, shipped(), KEY), person(sessions, "clerk"))


Open = Callable[..., OpenedAccount]


@pytest.fixture
def opened(sessions: Sessions) -> Open:
    """Open an account; with ``source_key`` it is one that another system states."""

    def run(holder: Holder = MARIA, **options: Any) -> OpenedAccount:
        if "source_key" in options:
            options.setdefault("source_system", "billing")
        settings = {"place": Place("12 Elm Street", zip_code="95399"), "proofs": (("last_name", holder.last_name),)}
        with transaction(sessions) as session:
            new = NewAccount(AccountKind.UTILITY, holder, **{**settings, **options})
            return open_accounts(session, [new], proof_key=KEY)[0]

    return run
