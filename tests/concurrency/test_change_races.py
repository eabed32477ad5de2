"""Two clerks on one customer, and a clerk and an import: real threads, with controls that show the race."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from accounts.clock import FixedClock
from accounts.customer_accounts import service as customer_accounts
from accounts.customer_accounts import sources
from accounts.customer_changes import rules
from accounts.customer_changes.service import apply_due_changes, change_customer
from accounts.database import Sessions, transaction
from tests.accounts.counter import person
from tests.accounts.customer_changes.conftest import MARIA, Counter, Open, counter, opened
from tests.accounts.customer_changes.test_sources import states
from tests.concurrency.threads import together
from tests.factories import DAY

__all__ = ["counter", "opened"]
SAME = "209 555 0199"


def _naive(sessions: Sessions, customer_id: int, phone: str, looked: threading.Barrier) -> None:
    """What changing would be without the version: everybody looks, then everybody writes."""
    with transaction(sessions) as session:
        session.scalar(text("SELECT version FROM customers WHERE id = :id"), {"id": customer_id})
        looked.wait(timeout=20)
        session.execute(
            text("UPDATE customers SET phone = :phone WHERE id = :id"), {"phone": phone, "id": customer_id}
        )


def test_control_without_the_version_one_clerk_writes_over_the_other(sessions: Sessions, opened: Open) -> None:
    maria, looked = opened().customer_id, threading.Barrier(2)
    outcomes = together([lambda: _naive(sessions, maria, "1", looked), lambda: _naive(sessions, maria, "2", looked)])
    assert outcomes == [None, None], "both were told that it was done"


def test_of_two_clerks_who_saw_the_same_one_is_told(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    other = replace(counter, clerk=person(counter.desk.sessions, "clerk", "omar"))
    wishes = [counter.request(maria, phone=f"209 555 01{place}0") for place in range(4)]
    outcomes = together(
        [
            lambda wish=wish, who=who: change_customer(who.desk, who.clerk, wish)  # type: ignore[misc]
            for wish, who in zip(wishes, (counter, other) * 2, strict=True)
        ]
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, rules.ChangedMeanwhile)]
    (place,) = [place for place, outcome in enumerate(outcomes) if not isinstance(outcome, Exception)]
    assert len(refusals) == 3
    assert (counter.card(maria).phone, counter.card(maria).version) == (f"209 555 01{place}0", 2)


def _import_beside_a_change(
    monkeypatch: pytest.MonkeyPatch, counter: Counter, account_id: int, customer_id: int
) -> None:
    """An import has read what the counter changed (nothing yet), and stops there until the counter has changed it."""
    has_read, has_changed = threading.Event(), threading.Event()
    really = customer_accounts.place_ids

    def slowly(*args: object) -> object:
        has_read.set()
        has_changed.wait(timeout=1)
        return really(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(customer_accounts, "place_ids", slowly)

    def change() -> None:
        assert has_read.wait(timeout=20)
        counter.change(customer_id, phone=SAME)
        has_changed.set()

    assert [
        o for o in together([lambda: states(counter.desk.sessions, account_id), change]) if isinstance(o, Exception)
    ] == []  # type: ignore[list-item]


def test_control_without_the_lock_an_import_undoes_the_change(
    monkeypatch: pytest.MonkeyPatch, counter: Counter, opened: Open
) -> None:
    account = opened(source_key="A-1")
    monkeypatch.setattr(sources, "_LOCK", text("SELECT CAST(:accounts AS bigint[])"))
    _import_beside_a_change(monkeypatch, counter, account.id, account.customer_id)
    assert counter.card(account.customer_id).phone == MARIA.phone


def test_with_the_lock_the_change_waits_and_stands(
    monkeypatch: pytest.MonkeyPatch, counter: Counter, opened: Open
) -> None:
    account = opened(source_key="A-1")
    _import_beside_a_change(monkeypatch, counter, account.id, account.customer_id)
    assert counter.card(account.customer_id).phone == SAME
    assert states(counter.desk.sessions, account.id).differences == ()
    assert counter.card(account.customer_id).phone == SAME


def test_two_clocks_apply_a_change_once(counter: Counter, opened: Open, clock: FixedClock) -> None:
    maria = opened().customer_id
    counter.change(maria, phone=SAME, effective_on=DAY.replace(day=DAY.day + 1))
    clock.advance(days=1)
    outcomes = together([lambda: apply_due_changes(counter.desk, counter.clerk.actor_id)] * 4)
    assert sum(outcome.applied for outcome in outcomes if not isinstance(outcome, Exception)) == 1
    assert counter.card(maria).version == 2
