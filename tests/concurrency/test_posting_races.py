"""Two payments at once: one after the other, nothing lost, nothing twice, no number skipped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.charges.queries import open_charges
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.seals.service import close_next_day
from payments.posting import service as posting
from payments.posting.rules import Fee, Paid, Received, Tender
from portal.sealing import PARTS
from portal.verify import verify
from tests.concurrency.threads import together
from tests.factories import DAY, ORDER, TERMS, make_account, make_chart, pay, pay_attempt, promise
from tests.factories.owed import open_cents
from tests.factories.paid import NOON


def _in_transaction(sessions: Sessions, act: Callable[[Session], object]) -> Callable[[], object]:
    def run() -> object:
        with transaction(sessions) as session:
            return act(session)

    return run


def _prove(sessions: Sessions) -> None:
    with reading(sessions) as session:
        assert {check.name: check.violations for check in verify(session) if check.violations} == {}


@pytest.fixture
def account(sessions: Sessions) -> int:
    """Owes $100.00 in one charge."""
    with transaction(sessions) as session:
        make_chart(session)
        actor_id(session, "staff:cashier")
        return make_account(session, charges=[Money(100_00)]).id


def _credit(sessions: Sessions, account: int) -> int:
    with reading(sessions) as session:
        return int(
            session.scalars(text("SELECT credit_cents FROM customer_accounts WHERE id = :id"), {"id": account}).one()
        )


def test_the_same_source_posts_once(sessions: Sessions, account: int) -> None:
    outcomes = together([_in_transaction(sessions, lambda s: pay(s, {account: Money(40_00)}, source_id="same"))] * 4)
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(lost) == 3
    assert all(isinstance(error, IntegrityError) and "source_effects" in str(error) for error in lost)
    with reading(sessions) as session:
        assert open_cents(session, account) == [60_00]
        assert session.scalars(text("SELECT count(*) FROM payments")).one() == 1
    _prove(sessions)


def test_the_same_attempt_posts_once(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        attempt = promise(session, {account: Money(40_00)})
    outcomes = together([_in_transaction(sessions, lambda s: pay_attempt(s, attempt))] * 4)
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert ["posted before" in str(error) for error in lost] == [True] * 3
    _prove(sessions)


def test_two_payments_of_one_bill_are_serialised_and_the_second_is_credit(sessions: Sessions, account: int) -> None:
    outcomes = together([_in_transaction(sessions, lambda s: pay(s, {account: Money(100_00)}))] * 2)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    with reading(sessions) as session:
        assert open_cents(session, account) == [0]
    assert _credit(sessions, account) == 100_00
    _prove(sessions)


def _pay_without_locks(sessions: Sessions, account: int, both_have_read: threading.Barrier) -> Callable[[], object]:
    """What ``pay`` would be without ``lock_accounts``: read, think, write."""

    def run() -> object:
        with transaction(sessions) as session:
            charges = tuple(open_charges(session, [account]))
            both_have_read.wait(timeout=20)
            part = Paid(account, "utility", "ref", Money(60_00), charges)
            return posting.write(
                session,
                Received((part,), Fee(), Tender("cash"), ORDER, NOON, DAY),
                TERMS,
                business_day=DAY,
                source=Source("naive", str(threading.get_ident()), "settle"),
                actor_id=actor_id(session, "staff:cashier"),
                channel="counter",
                language="en",
                series=("T1",),
            )

    return run


def test_control_without_locks_money_that_moved_is_refused(sessions: Sessions, account: int) -> None:
    """The race that the locks prevent: both spend the same $100.00; only a constraint stops the second."""
    gate = threading.Barrier(2)
    outcomes = together([_pay_without_locks(sessions, account, gate)] * 2)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 1
    assert "open_is_not_negative" in str(refused[0])
    _prove(sessions)


def test_with_locks_the_same_two_payments_are_both_kept(sessions: Sessions, account: int) -> None:
    outcomes = together([_in_transaction(sessions, lambda s: pay(s, {account: Money(60_00)}))] * 2)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert _credit(sessions, account) == 20_00
    _prove(sessions)


def test_baskets_in_opposite_order_do_not_deadlock(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        other = make_account(session, kind="citation", charges=[Money(100_00)]).id
    one, two = {account: Money(1_00), other: Money(1_00)}, {other: Money(1_00), account: Money(1_00)}

    def many(amounts: dict[int, Money]) -> Callable[[], object]:
        def run() -> object:
            return [_in_transaction(sessions, lambda s: pay(s, amounts))() for _ in range(15)]

        return run

    outcomes = together([many(one), many(two), many(one), many(two)])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    with reading(sessions) as session:
        assert (open_cents(session, account), open_cents(session, other)) == ([40_00], [40_00])
    _prove(sessions)


def test_receipts_have_no_gap_when_postings_roll_back(sessions: Sessions, account: int) -> None:
    def act(number: int) -> Callable[[], object]:
        def run() -> object:
            kept = 0
            for turn in range(6):
                with sessions() as session:
                    pay(session, {account: Money(1_00)})
                    if (number + turn) % 3 == 0:
                        session.rollback()
                    else:
                        session.commit()
                        kept += 1
            return kept

        return run

    outcomes = together([act(number) for number in range(6)])
    kept = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    assert kept == 24
    with reading(sessions) as session:
        numbers = session.scalars(text("SELECT number FROM receipts ORDER BY number")).all()
    assert numbers == list(range(1, kept + 1))
    _prove(sessions)


def _close(session: Session) -> object:
    tomorrow = FixedClock(NOON + timedelta(days=1))
    return close_next_day(session, PARTS, clock=tomorrow, swept_through=tomorrow.now())


def test_the_close_waits_for_a_posting_and_the_next_one_goes_to_the_next_day(
    sessions: Sessions, account: int
) -> None:
    done = threading.Event()

    def close() -> None:
        with transaction(sessions) as session:
            _close(session)
        done.set()

    with transaction(sessions) as session:
        pay(session, {account: Money(1_00)})
        closer = threading.Thread(target=close)
        closer.start()
        assert not done.wait(0.5), "the day was closed under an open posting"
    closer.join(timeout=10)
    assert done.is_set()
    with transaction(sessions) as session:
        pay(session, {account: Money(1_00)})
    with reading(sessions) as session:
        days = session.scalars(text("SELECT business_day - :day FROM payments ORDER BY id"), {"day": DAY}).all()
    assert days == [0, 1]
    _prove(sessions)


def test_a_posting_waits_for_the_close_and_goes_to_the_next_day(sessions: Sessions, account: int) -> None:
    posted: list[object] = []

    def run() -> None:
        with transaction(sessions) as session:
            posted.append(posting.lock_accounts(session, {account: Money(1_00)}, DAY).business_day)

    with transaction(sessions) as session:
        _close(session)
        poster = threading.Thread(target=run)
        poster.start()
        poster.join(timeout=0.5)
        assert posted == []
    poster.join(timeout=10)
    assert posted == [DAY + timedelta(days=1)]


def test_a_lock_that_never_comes_is_an_error_not_a_hang(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        posting.lock_accounts(session, {account: Money(1_00)}, DAY)

        def impatient() -> object:
            with sessions() as second:
                second.execute(text("SET LOCAL lock_timeout = '200ms'"))
                return posting.lock_accounts(second, {account: Money(1_00)}, DAY)

        outcome = together([impatient])[0]
    assert isinstance(outcome, DBAPIError)
    assert "lock timeout" in str(outcome)
