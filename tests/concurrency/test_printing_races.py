"""People and workers at one printing at the same time: real threads, and controls that show each race."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from accounts.bill_printings import deciding, freezing
from accounts.bill_printings.rules import AlreadyBegun
from tests.accounts.bill_printings.conftest import PrintShop, shop
from tests.accounts.billing_runs.offices import NOW
from tests.concurrency.threads import together
from tests.concurrency.unlocked import after_reading, unlocked, without_locks

__all__ = ["shop"]
_LOOKS = "FROM bill_printings WHERE billing_run_id"
_READS = "FROM bill_printings"
_LOCKED = "bill_printings.last_account_id"
"""What only a reading under lock asks for."""


def names(outcomes: list[Any]) -> list[str]:
    return [type(one).__name__ for one in outcomes if isinstance(one, Exception)]


def begin(shop: PrintShop, run: int) -> int:
    return freezing.begin(shop.sessions, shop.office.maker, run, now=NOW)


def jobs(shop: PrintShop, fact: str) -> int:
    rows = shop.office.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :fact", fact=fact)
    return int(rows[0][0])


def test_control_without_the_lock_both_find_that_nobody_has_begun(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    with without_locks(shop.sessions.kw["bind"], _LOOKS):
        outcomes = together([lambda: begin(shop, run)] * 2)
    assert names(outcomes) == ["IntegrityError"], "only the index of the database held the second one back"


def test_of_two_clerks_one_begins_and_the_other_is_told(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    outcomes = together([lambda: begin(shop, run)] * 4)
    assert sum(isinstance(one, AlreadyBegun) for one in outcomes) == 3
    assert sum(isinstance(one, int) for one in outcomes) == 1
    assert shop.office.rows("SELECT count(*) FROM bill_printings") == [(1,)]
    assert jobs(shop, freezing.TO_COUNT) == 1


def test_control_without_the_lock_two_clicks_are_two_freezings(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    printing = shop.counted(run)
    with without_locks(shop.sessions.kw["bind"], _READS):
        together([lambda: shop.ask(printing, 2)] * 2)
    assert jobs(shop, freezing.TO_FREEZE) == 2


def test_two_clicks_are_one_freezing(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    printing = shop.counted(run)
    outcomes = together([lambda: shop.ask(printing, 2)] * 4)
    assert names(outcomes) == []
    assert jobs(shop, freezing.TO_FREEZE) == 1


def test_control_without_the_lock_two_workers_both_write_the_list(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    printing = shop.counted(run)
    shop.ask(printing, 2)
    with without_locks(shop.sessions.kw["bind"], _LOCKED):
        outcomes = together([lambda: shop.freeze(printing)] * 2)
    assert names(outcomes) == ["IntegrityError"], "only the key of the items held the second one back"


def test_of_two_workers_one_freezes_and_the_other_finds_it_done(shop: PrintShop) -> None:
    run, _accounts = shop.posted(3)
    printing = shop.counted(run)
    shop.ask(printing, 3)
    outcomes = together([lambda: shop.freeze(printing)] * 3)
    assert sorted(outcomes) == [False, False, True]  # type: ignore[type-var]
    assert len(shop.outcomes(printing)) == 3
    assert jobs(shop, freezing.BEGUN) == 1


def test_control_without_the_lock_a_late_worker_takes_bills_out_again(
    shop: PrintShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "BATCH", 2)
    run, _accounts = shop.posted(5)
    printing, engine = begin(shop, run), shop.sessions.kw["bind"]
    counted, is_late = threading.Event(), threading.local()

    def count(late: bool) -> None:
        is_late.now = late
        freezing.count(shop.sessions, printing, now=NOW)
        counted.set()

    def dawdle() -> None:
        if is_late.now:
            is_late.now = False
            counted.wait(timeout=20)

    with unlocked(engine), after_reading(engine, _READS, dawdle):
        together([lambda: count(False), lambda: count(True)])
    assert (shop.view(printing).state, shop.view(printing).counts.all.bills) == ("counted", 2)


def test_workers_count_each_bill_once(shop: PrintShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "BATCH", 2)
    run, _accounts = shop.posted(5)
    printing = begin(shop, run)
    assert names(together([lambda: freezing.count(shop.sessions, printing, now=NOW)] * 3)) == []
    assert (shop.view(printing).state, shop.view(printing).counts.all.bills) == ("counted", 5)
