"""The bench measures a city that is right: made, paid by either way and imported into, at a tiny size, untimed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from accounts.customer_accounts.rules import is_reference
from accounts.database import as_libpq, reading
from accounts.imports.terms import terms_of
from bench import (
    attempts,
    books,
    importing,
    merging,
    place,
    population,
    processor,
    registers,
    settling,
    single_statements,
)
from bench.place import Place
from payments.attempts.rules import State
from payments.settlements.service import settle
from portal.verification import seals
from portal.verify import verify
from tests.database import TestDatabase

ACCOUNTS = 60


@pytest.fixture
def town(db: TestDatabase) -> Iterator[Place]:
    """Sixty accounts in the demo city."""
    made = place.released(db.owner_url, db.app_url, db.app)
    population.populate(made, ACCOUNTS)
    yield made
    with reading(made.sessions) as session:
        books.refuse_violations(verify(session))


def counted(town: Place, table: str) -> int:
    with reading(town.sessions) as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_every_account_owes_and_has_a_right_reference(town: Place) -> None:
    assert counted(town, "customer_accounts") == counted(town, "bills") == ACCOUNTS
    with reading(town.sessions) as session:
        assert all(is_reference(key) for key in session.scalars(text("SELECT reference FROM customer_accounts")))
        owed = text("SELECT count(*) FROM charges WHERE customer_account_id = :veteran AND open_cents > 0")
        assert session.scalar(owed, {"veteran": population.VETERAN}) == population.VETERAN_CHARGES


def test_both_ways_of_posting_leave_the_same_rows(town: Place) -> None:
    house, single = attempts.promise(town, [2, 3], "test")
    till = settling.till(town.app_url, town.clock.today(), 1)
    settling.settle(till, house)
    counter = single_statements.counter(as_libpq(town.app_url), till.terms, till.series, till.today)
    single_statements.settle(counter, single)
    counter.connection.close()
    till.sessions.kw["bind"].dispose()
    same = text("""
        SELECT count(DISTINCT (p.journal_id, postings, allocated)), count(DISTINCT (postings, allocated, fee_cents))
          FROM payments p,
               LATERAL (SELECT count(*) AS postings FROM postings WHERE journal_id = p.journal_id) AS a,
               LATERAL (SELECT count(*) AS allocated FROM allocations WHERE journal_id = p.journal_id) AS b""")
    with reading(town.sessions) as session:
        assert tuple(session.execute(same).one()) == (2, 1)


@pytest.mark.parametrize("kind", list(registers.KINDS))
def test_both_ways_of_importing_take_every_row_once(town: Place, kind: str, tmp_path: Path) -> None:
    terms = terms_of(town.city.city, town.city.release_id, town.clock.today())
    ours, theirs = (registers.write(tmp_path, kind, mark, 5) for mark in ("H", "M"))
    assert importing.take(town, kind, ours, terms).added == 5
    assert importing.take(town, kind, ours, terms).unchanged == 5
    assert merging.merge(as_libpq(town.app_url), kind, theirs, terms) == 5
    assert merging.merge(as_libpq(town.app_url), kind, theirs, terms) == 0
    assert counted(town, "customer_accounts") == ACCOUNTS + 10


def test_settling_with_the_truth_at_hand_posts_what_was_promised(town: Place) -> None:
    (attempt,) = attempts.promise(town, [4], "known")
    processor.pay_nowhere(town, [attempt])
    desk = processor.desk(town, town.sessions, processor.KnownTruth(town.sessions, [attempt]))
    assert settle(desk, attempt) is State.SUCCEEDED
    assert counted(town, "payments") == counted(town, "receipts") == 1


def test_days_are_closed_before_the_books_are_proved(town: Place) -> None:
    assert books._close(town), "days that are over"
    with reading(town.sessions) as session:
        assert seals.violations(session) == []
    assert counted(town, "day_seals") == 24
