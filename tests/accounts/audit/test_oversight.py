"""What an auditor looks for, and what those who may not see an account read of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import actor_id
from accounts.audit import oversight, queries
from accounts.audit.oversight import Period
from accounts.audit.queries import Sees, Wanted
from accounts.database import Sessions, transaction
from tests.database import TestDatabase
from tests.factories import make_account

ZONE = "America/Los_Angeles"
EVERYTHING: Sees = {"sees_protected": True, "sees_restricted": True}


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with transaction(sessions) as session:
        yield session


def this_week() -> Period:
    now = datetime.now(UTC)
    return Period(now - timedelta(days=7), now + timedelta(minutes=1), ZONE)


def looked(session: Session, who: int, account: int, page: str = "accounts_show") -> None:
    audit.seen(session, account, who, page)


def test_a_look_after_which_nothing_was_done_is_idle(session: Session) -> None:
    rosa, omar = (actor_id(session, f"staff:{name}", name=name) for name in ("Rosa", "Omar"))
    accounts = [make_account(session, charges=()) for _ in range(5)]
    for account in accounts:
        looked(session, rosa, account.id)
    looked(session, rosa, accounts[0].id, "accounts_history")
    looked(session, omar, accounts[0].id)
    looked(session, omar, accounts[1].id, "audit_account")
    audit.record(session, "note-added", subject=("account", accounts[1].id), actor_id=rosa)
    audit.record(session, "customer-changed", subject=("customer", accounts[2].customer_id), actor_id=rosa)
    audit.record(session, "note-added", subject=("account", accounts[0].id), actor_id=actor_id(session, "system"))
    found = oversight.lookers(session, this_week())
    assert [(one.name, one.accounts, one.idle) for one in found] == [("Rosa", 5, 3), ("Omar", 1, 1)]
    hers = oversight.idle_looks(session, this_week(), actor_id=rosa, limit=2)
    rest = oversight.idle_looks(session, this_week(), actor_id=rosa, limit=2, before=hers.next_before)
    assert [(one.reference, one.looks) for one in (*hers.looks, *rest.looks)] == [
        (accounts[0].reference, 2), (accounts[4].reference, 1), (accounts[3].reference, 1),
    ]  # fmt: skip
    assert rest.next_before is None
    before = Period(datetime.now(UTC) - timedelta(days=9), datetime.now(UTC) - timedelta(days=2), ZONE)
    assert oversight.lookers(session, before) == []


def test_searches_that_found_nothing(session: Session) -> None:
    rosa = actor_id(session, "staff:rosa", name="Rosa")
    for asked, found in (("lopez", 4), ("my neighbor", 0), ("elm st", 1), ("my cousin", 0)):
        audit.searched(session, rosa, asked, found)
    since = datetime.now(UTC) - timedelta(days=1)
    first = oversight.empty_searches(session, since, limit=1)
    rest = oversight.empty_searches(session, since, limit=1, before=first.next_before)
    assert [(one.name, one.asked) for one in (*first.searches, *rest.searches)] == [
        ("Rosa", "my cousin"), ("Rosa", "my neighbor"),
    ]  # fmt: skip
    assert rest.next_before is None
    assert oversight.empty_searches(session, since + timedelta(days=2)).searches == ()


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_of_a_hidden_account_only_who_and_when_is_told(db: TestDatabase, sessions: Sessions, flag: str) -> None:
    with transaction(sessions) as session:
        rosa = actor_id(session, "staff:rosa", name="Rosa")
        hidden, known = (make_account(session, charges=()) for _ in range(2))
        for account in (hidden, known):
            audit.record(session, "account-closed", subject=("account", account.id), actor_id=rosa, reason="moved")
            audit.record(
                session, "customer-changed", subject=("customer", account.customer_id), actor_id=rosa, before="Elm St"
            )
            looked(session, rosa, account.id)
        audit.record(session, "staff-added", subject=("actor", rosa), actor_id=rosa)
    with db.owner.begin() as owner:
        owner.execute(text(f"UPDATE customer_accounts SET {flag} = true WHERE id = {hidden.id}"))
    with transaction(sessions) as session:
        lines = queries.entries(session, Wanted(actor_id=rosa)).entries
        assert [(line.act, line.is_hidden, line.reference, line.about) for line in lines] == [
            ("staff-added", False, "", "Rosa"),
            (audit.SEEN, False, known.reference, ""),
            ("customer-changed", False, "", ""),
            ("account-closed", False, known.reference, ""),
            (audit.SEEN, True, "", ""),
            ("customer-changed", True, "", ""),
            ("account-closed", True, "", ""),
        ]
        assert all(not line.details and not line.subject_id for line in lines if line.is_hidden)
        all_of_it = queries.entries(session, Wanted(actor_id=rosa), **EVERYTHING).entries
        assert {line.reference for line in all_of_it} == {"", known.reference, hidden.reference}
        assert not any(line.is_hidden for line in all_of_it)
        (look,) = [one for one in oversight.idle_looks(session, this_week()).looks if one.is_hidden] or [None]
        assert look is None, "she changed something on both"
        assert queries.how_many(session, Wanted(actor_id=rosa)) == len(lines)
        assert queries.newest(session) == lines[0].id
        assert queries.how_many(session, Wanted(through=lines[3].id)) == len(lines) - 3


def test_an_idle_look_at_a_hidden_account_keeps_its_number(db: TestDatabase, sessions: Sessions) -> None:
    with transaction(sessions) as session:
        rosa = actor_id(session, "staff:rosa", name="Rosa")
        hidden = make_account(session, charges=())
        looked(session, rosa, hidden.id)
    with db.owner.begin() as owner:
        owner.execute(text(f"UPDATE customer_accounts SET is_protected = true WHERE id = {hidden.id}"))
    with transaction(sessions) as session:
        (look,) = oversight.idle_looks(session, this_week()).looks
        assert (look.is_hidden, look.reference, look.holder) == (True, "", "")
        (look,) = oversight.idle_looks(session, this_week(), **EVERYTHING).looks
        assert (look.is_hidden, look.reference) == (False, hidden.reference)
