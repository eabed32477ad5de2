"""Protected and restricted accounts: who marks them, who sees them, and that no import takes a mark away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from accounts.approvals.rules import ReasonMissing
from accounts.audit.queries import entries_of
from accounts.customer_accounts.lifecycle import AlreadySo
from accounts.customer_accounts.marks import protect, restrict, unprotect, unrestrict
from accounts.database import Sessions, reading
from accounts.errors import NotFound
from accounts.staff.rules import Authority, NotAllowed
from tests.accounts.counter import person, refused
from tests.accounts.customer_changes.conftest import Open, opened
from tests.accounts.customer_changes.test_sources import states
from tests.concurrency.threads import together
from tests.database import TestDatabase

__all__ = ["opened"]
Mark = Callable[..., object]


@pytest.fixture
def chief(sessions: Sessions) -> Authority:
    return person(sessions, "supervisor", "omar")


def flags(sessions: Sessions) -> dict[int, tuple[bool, bool]]:
    with reading(sessions) as session:
        rows = session.execute(text("SELECT id, is_protected, is_restricted FROM customer_accounts"))
        return {id_: (protected, restricted) for id_, protected, restricted in rows}


def test_a_protected_person_is_protected_on_every_account(sessions: Sessions, opened: Open, chief: Authority) -> None:
    one = opened()
    two, other = opened(customer_id=one.customer_id), opened()
    assert protect(sessions, chief, one.id, "Safe at Home card 1234 seen") == [one.id, two.id]
    assert flags(sessions) == {one.id: (True, False), two.id: (True, False), other.id: (False, False)}
    assert unprotect(sessions, chief, two.id, "left the program") == [one.id, two.id]
    assert set(flags(sessions).values()) == {(False, False)}
    with reading(sessions) as session:
        last, first = entries_of(session, [("account", two.id)]).entries
    assert (first.act, first.reason, first.before, first.after) == (
        "account-protected", "Safe at Home card 1234 seen", False, True,
    )  # fmt: skip
    assert (last.act, last.actor) == ("account-unprotected", "staff:omar")


def test_a_restricted_account_is_one_account(sessions: Sessions, opened: Open, chief: Authority) -> None:
    one = opened()
    two = opened(customer_id=one.customer_id)
    restrict(sessions, chief, one.id, "threatened the clerk")
    assert flags(sessions) == {one.id: (False, True), two.id: (False, False)}
    unrestrict(sessions, chief, one.id, "apologized")
    assert flags(sessions)[one.id] == (False, False)


def test_no_import_takes_protection_away(sessions: Sessions, opened: Open, chief: Authority) -> None:
    account = opened(source_key="A-1")
    protect(sessions, chief, account.id, "Safe at Home")
    states(sessions, account.id, is_protected=False)
    assert flags(sessions)[account.id] == (True, False)
    states(sessions, account.id, is_protected=True)
    states(sessions, account.id, is_protected=False)
    assert flags(sessions)[account.id] == (False, False), "once it has agreed, the source leads again"


@pytest.mark.parametrize("mark", [restrict, unrestrict, protect, unprotect])
def test_who_may_not_and_what_is_so_already(
    db: TestDatabase, sessions: Sessions, opened: Open, chief: Authority, mark: Mark
) -> None:
    account = opened()
    clerk = person(sessions, "clerk")
    with refused(db, NotAllowed):
        mark(sessions, clerk, account.id, "because")
    with refused(db, ReasonMissing):
        mark(sessions, chief, account.id, "  ")
    with refused(db, NotFound):
        mark(sessions, chief, 4711, "because")
    if mark in {restrict, protect}:
        mark(sessions, chief, account.id, "because")
    with refused(db, AlreadySo):
        mark(sessions, chief, account.id, "again")


def test_two_who_mark_two_accounts_of_one_person_do_not_wait_for_each_other(
    sessions: Sessions, opened: Open, chief: Authority
) -> None:
    one = opened()
    two = opened(customer_id=one.customer_id)
    outcomes = together([lambda id_=id_: protect(sessions, chief, id_, "x") for id_ in (two.id, one.id)] * 2)  # type: ignore[misc]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadySo"] * 3 + ["list"]
