"""Two people at once with what the bank sent back: a check comes back once, and the second of two is the second."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.staff.rules import Authority
from payments.returned_payments import service, weighing
from payments.returned_payments.rules import LookedElsewhere, Return
from payments.returned_payments.service import Posted
from payments.reversals import queries as reversals
from payments.reversals import service as taking_back
from payments.reversals.rules import AlreadyTakenBack, TakenPayment, Void
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories.window import Window
from tests.payments.returned_payments.returning import desk_of, opens, owing, paid, told

BANK = "990-1010"


def _ready(window: Window, tender: int, name: str, reference: str = "ADV-1") -> Callable[[], Posted]:
    """Somebody has looked at it, and is about to press the button; ``reference`` is where they have it from."""
    person, desk = window.desk.person(name, "clerk"), desk_of(window)
    asked = told(window, tender)
    command = Return(tender, asked.reason, asked.returned_on, reference)
    seen = weighing.look(desk, person, command).seen
    return functools.partial(service.post, desk, person, command, seen)


def _bank_line_and_hand(window: Window) -> tuple[int, list[Callable[[], Posted]]]:
    """One has the line of the bank's statement on the screen, the other the advice on paper."""
    account = owing(window)
    tender = paid(window, {account: 100_00})
    return account, [_ready(window, tender, "clara", "BNK-557-1"), _ready(window, tender, "carlos", "")]


def _meet(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, after: bool = False) -> list[object]:
    """Both wait for each other at a step; what each raised there, or None."""
    gate, step, outcomes = threading.Barrier(2), getattr(module, name), []

    def both_here(*given: Any, **more: Any) -> Any:
        if not after:
            gate.wait(timeout=20)
        try:
            found = step(*given, **more)
        except Exception as error:
            outcomes.append(error)
            raise
        outcomes.append(None)
        if after:
            gate.wait(timeout=20)
        return found

    monkeypatch.setattr(module, name, both_here)
    return outcomes


def _unlocked(session: Session, payment_id: int, _today: object) -> TakenPayment:
    return reversals.taken_payment(session, payment_id)


def _came_back_once(window: Window, account: int, before: dict[str, int]) -> None:
    desk = window.desk
    assert opens(window, account) == [100_00, 25_00]
    assert desk.balances()[BANK] - before.get(BANK, 0) == -100_00
    for table, rows in (("returned_payments", 1), ("payment_reversals", 1), ("returned_accounts", 1)):
        assert desk.rows(f"SELECT count(*) FROM {table}") == [(rows,)]
    assert desk.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'payment_returned'") == [(1,)]


def test_by_the_line_of_the_bank_and_by_hand_at_once_it_comes_back_once(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, acts = _bank_line_and_hand(window)
    before, posted, step = window.desk.balances(), [], service.take_back

    def counted(*given: Any) -> int:
        posted.append(given)
        return step(*given)

    monkeypatch.setattr(service, "take_back", counted)
    outcomes = together(acts)
    assert sorted(one.again for one in outcomes if isinstance(one, Posted)) == [False, True], outcomes
    assert len({one.id for one in outcomes if isinstance(one, Posted)}) == 1
    assert len(posted) == 1, "the second knew it under the locks, and wrote nothing"
    _came_back_once(window, account, before)


def test_without_the_locks_only_the_constraint_stops_the_second(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both come as far as the journal. The second still ends as one that found it posted."""
    account, acts = _bank_line_and_hand(window)
    before = window.desk.balances()
    monkeypatch.setattr(service, "_LOCK_HOLDERS", text("SELECT CAST(:accounts AS bigint[])"))
    monkeypatch.setattr(taking_back, "_locked", _unlocked)
    met = _meet(monkeypatch, service, "take_back")
    outcomes = together(acts)
    refused = [one for one in met if one is not None]
    assert (len(met), len(refused)) == (2, 1)
    assert isinstance(refused[0], IntegrityError)
    assert "pk_source_effects" in str(refused[0])
    assert sorted(one.again for one in outcomes if isinstance(one, Posted)) == [False, True], outcomes
    _came_back_once(window, account, before)


def _two_of_one_holder(window: Window, db: TestDatabase) -> tuple[list[int], list[Callable[[], Posted]]]:
    """Two checks on two accounts of one customer; two people, each with the first return that they know of."""
    one, other = owing(window), owing(window)
    with db.owner.begin() as connection:
        connection.execute(
            text("""UPDATE customer_accounts SET customer_id = (SELECT customer_id FROM customer_accounts
                     WHERE id = :one) WHERE id = :other"""),
            {"one": one, "other": other},
        )
    tenders = [paid(window, {account: 100_00}) for account in (one, other)]
    acts = [_ready(window, tender, name) for tender, name in zip(tenders, ("clara", "carlos"), strict=True)]
    return tenders, acts


def test_the_second_check_of_one_customer_is_never_charged_as_the_first(window: Window, db: TestDatabase) -> None:
    tenders, acts = _two_of_one_holder(window, db)
    outcomes = together(acts)
    assert sorted(type(one).__name__ for one in outcomes) == ["LookedElsewhere", "Posted"], outcomes
    assert window.desk.rows("SELECT fee_cents, earlier FROM returned_payments") == [(25_00, 0)]
    left = tenders[[isinstance(one, LookedElsewhere) for one in outcomes].index(True)]
    _ready(window, left, "clara")()
    assert window.desk.rows("SELECT fee_cents, earlier FROM returned_payments ORDER BY id") == [
        (25_00, 0),
        (35_00, 1),
    ]


def test_without_the_holder_s_lock_both_are_the_first(
    window: Window, db: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: two accounts, so nothing else keeps the two apart, and the city charges too little."""
    _tenders, acts = _two_of_one_holder(window, db)
    monkeypatch.setattr(service, "_LOCK_HOLDERS", text("SELECT CAST(:accounts AS bigint[])"))
    _meet(monkeypatch, service, "weighed", after=True)
    outcomes = together(acts)
    assert [type(one) for one in outcomes] == [Posted, Posted], outcomes
    assert window.desk.rows("SELECT fee_cents, earlier FROM returned_payments") == [(25_00, 0), (25_00, 0)]


def test_a_return_and_a_correction_at_once_take_the_money_back_once(window: Window) -> None:
    """The bank sent it back while a supervisor takes the payment back: one of them is told."""
    account = owing(window)
    tender = paid(window, {account: 100_00})
    ((payment,),) = window.desk.rows("SELECT payment_id FROM payment_tenders WHERE id = :id", id=tender)
    before = window.desk.balances()
    waits = window.desk.waits(window.rosa, Void(payment_id=payment))
    supervisor: Authority = window.sofia
    outcomes = together([_ready(window, tender, "clara"), lambda: window.desk.approve(supervisor, waits)])
    refused = [one for one in outcomes if isinstance(one, Exception)]
    kept = window.desk.rows("SELECT kind FROM payment_reversals")
    assert len(kept) == 1, outcomes
    if kept == [("returned",)]:
        assert window.desk.balances()[BANK] - before.get(BANK, 0) == -100_00
        assert len(refused) <= 1
    else:
        assert [type(one) for one in refused] == [AlreadyTakenBack], outcomes
        assert window.desk.balances().get(BANK, 0) == before.get(BANK, 0)
