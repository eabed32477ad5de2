"""Two who change what one document of the search index says: it says both in the end."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, open_accounts
from accounts.database import Sessions, reading, transaction
from accounts.searches.queries import search
from portal.verification.searches import INDEX
from tests.accounts.searches.town import KEY, opened
from tests.concurrency.threads import together

RENAME = "UPDATE customers SET name = 'Nadia Perkins' WHERE name = 'Ana Lindqvist'"
MOVE = "UPDATE premises SET zip_code = '95399'"
OPEN = "open another account of hers"
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def without_locks(owner: Engine, function: str) -> Iterator[None]:
    """The function as it would be if nobody had thought of two at once."""
    with owner.connect() as connection:
        definition = str(connection.scalar(text(f"SELECT pg_get_functiondef('{function}'::regproc)")))
    naive = re.sub(r"PERFORM FROM [^;]*FOR (UPDATE|SHARE);", "", definition)
    assert naive != definition
    try:
        with owner.begin() as connection:
            connection.exec_driver_sql(naive)
        yield
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql(definition)


def race(sessions: Sessions, second: str) -> list[str]:
    """One renames her; before that is committed, another moves her or opens an account. What is wrong then?"""
    with transaction(sessions) as session:
        opened(session, "Ana Lindqvist", "12 Oak Street")
        customer = int(session.scalar(text("SELECT id FROM customers")) or 0)
    renamed, over = threading.Event(), threading.Event()

    def rename() -> None:
        with transaction(sessions) as session:
            session.execute(text(RENAME))
            renamed.set()
            _let_wait(sessions, over)

    def act() -> None:
        assert renamed.wait(timeout=20)
        with transaction(sessions) as session:
            if second == OPEN:
                hers = NewAccount(AccountKind.UTILITY, Holder("Ana Lindqvist"), customer_id=customer)
                open_accounts(session, [hers], proof_key=KEY)
            else:
                session.execute(text(second))
        over.set()

    assert together([rename, act]) == [None, None]
    with reading(sessions) as session:
        return list(session.scalars(text(INDEX.violators)))


def _let_wait(sessions: Sessions, over: threading.Event) -> None:
    """Until the other waits for us, or is done without waiting."""
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline and not over.is_set():
        with sessions() as session:
            if session.scalar(WAITING):
                return
        time.sleep(0.02)


@pytest.mark.parametrize(("second", "function"), [(MOVE, "search_index"), (OPEN, "search_indexes_opened")])
def test_control_without_locks_one_of_two_changes_is_lost(
    sessions: Sessions, owner_engine: Engine, second: str, function: str
) -> None:
    with without_locks(owner_engine, function):
        assert any("by other words than its own" in violation for violation in race(sessions, second))


@pytest.mark.parametrize("second", [MOVE, OPEN])
def test_both_changes_are_found(sessions: Sessions, second: str) -> None:
    assert race(sessions, second) == []
    with reading(sessions) as session:
        found = search(session, "nadia perkins", sees_protected=True, sees_restricted=True)
        assert len(found.hits) == (2 if second == OPEN else 1)
        assert not search(session, "lindqvist", sees_protected=True, sees_restricted=True).hits


def test_two_who_bring_the_same_new_word_at_once_do_not_wait_for_each_other(sessions: Sessions) -> None:
    gate = threading.Barrier(2)

    def open_one() -> None:
        with transaction(sessions) as session:
            opened(session, "Ana Lindqvist")
            gate.wait(timeout=4)

    assert together([open_one, open_one]) == [None, None]
    with reading(sessions) as session:
        assert len(search(session, "lindqivst", sees_protected=True, sees_restricted=True).hits) == 2
        assert session.scalars(text(INDEX.violators)).all() == []
