"""Cash only: when the rule calls for it, what the window asks, and that one person alone does not lift it."""

from __future__ import annotations

import functools
import threading
from datetime import date, timedelta
from typing import Any, Self

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from accounts.cash_only import queries, service
from accounts.cash_only.models import CashOnlyLift
from accounts.cash_only.rules import CashOnly, LiftedBefore, LiftNeedsAReason, Wanted, flag_needed
from accounts.cities.window import CashPolicy
from accounts.clock import FixedClock
from accounts.customer_accounts.access import Account, locked_account, seen_account
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound, SamePerson
from accounts.staff.rules import Authority, NotAllowed
from tests.accounts.counter import person, refused, shipped
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import DAY, make_account

YEAR = timedelta(days=365)


def policy() -> CashPolicy:
    return shipped().cash_policy(DAY)


@pytest.mark.parametrize(
    ("days", "returns"),
    [
        ([], None),
        ([DAY], None),
        ([DAY, DAY - timedelta(days=30)], 2),
        ([DAY, DAY], 2),
        ([DAY, DAY - timedelta(days=30), DAY - timedelta(days=40)], 3),
        ([DAY, date(DAY.year - 1, DAY.month, DAY.day) + timedelta(days=1)], 2),
        ([DAY, date(DAY.year - 1, DAY.month, DAY.day)], None),
        ([DAY, DAY + timedelta(days=1)], None),
    ],
)
def test_so_many_returns_in_so_many_months_make_it_cash_only(days: list[date], returns: int | None) -> None:
    wanted = flag_needed(days, DAY, policy())
    assert (wanted.returns if wanted else None) == returns
    if wanted:
        assert (wanted.since_on, wanted.until_on) == (DAY, date(DAY.year + 1, DAY.month, DAY.day))
        assert (wanted.reason, wanted.authority) == (f"returned-payments:{returns}", policy().authority)


def _flag(sessions: Sessions, clock: FixedClock, account: int, actor: int, *, until: date = DAY + YEAR) -> int:
    wanted = Wanted(DAY, until, 2, "Resolution")
    with transaction(sessions) as session:
        return service.raise_flag(session, account, wanted, actor_id=actor, now=clock.now())


def _accounts(sessions: Sessions, count: int = 2) -> list[int]:
    with transaction(sessions) as session:
        return [make_account(session, charges=()).id for _ in range(count)]


def test_the_window_is_told_of_the_longest_flag_that_stands(sessions: Sessions, clock: FixedClock) -> None:
    clerk, other = person(sessions, "supervisor"), person(sessions, "supervisor", "omar")
    flagged, free = _accounts(sessions)
    _flag(sessions, clock, flagged, clerk.actor_id, until=DAY + timedelta(days=9))
    longest = _flag(sessions, clock, flagged, clerk.actor_id)
    with reading(sessions) as session:
        asked = [flagged, free]
        assert queries.flagged(session, asked, DAY) == {flagged: CashOnly(DAY + YEAR, "returned-payments:2")}
        assert queries.flagged(session, asked, DAY + YEAR)[flagged].until_on == DAY + YEAR
        assert queries.flagged(session, asked, DAY + YEAR + timedelta(days=1)) == {}
        assert queries.flagged(session, asked, DAY - timedelta(days=1)) == {}
        assert queries.flagged(session, [], DAY) == {}
    service.lift(sessions, other, longest, " Paid in full, bank's error. ", clock=clock)
    with reading(sessions) as session:
        assert queries.flagged(session, [flagged], DAY)[flagged].until_on == DAY + timedelta(days=9)
        lifted, standing = queries.flags_of(session, [flagged, free])
        assert (lifted.stands(DAY), lifted.lifter, lifted.lift_reason) == (
            False,
            "Omar",
            "Paid in full, bank's error.",
        )
        assert standing.stands(DAY)


def test_a_flag_is_lifted_by_another_with_the_right_and_a_reason(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    maker, other = person(sessions, "supervisor"), person(sessions, "supervisor", "omar")
    clerk = person(sessions, "cashier", "ana")
    (account,) = _accounts(sessions, 1)
    flag = _flag(sessions, clock, account, maker.actor_id)
    over = _flag(sessions, clock, account, maker.actor_id, until=DAY)
    with refused(db, SamePerson):
        service.lift(sessions, maker, flag, "I was wrong", clock=clock)
    with refused(db, NotAllowed):
        service.lift(sessions, clerk, flag, "They asked nicely", clock=clock)
    with refused(db, LiftNeedsAReason):
        service.lift(sessions, other, flag, "  ", clock=clock)
    with refused(db, NotFound):
        service.lift(sessions, other, flag + 100, "Which?", clock=clock)
    clock.advance(days=1)
    with refused(db, LiftedBefore):
        service.lift(sessions, other, over, "Over anyway", clock=clock)
    service.lift(sessions, other, flag, "The bank's error", clock=clock)
    with refused(db, LiftedBefore):
        service.lift(sessions, other, flag, "Again", clock=clock)
    with pytest.raises(DBAPIError, match="lifted_by_another"), transaction(sessions) as session:
        session.execute(
            text("INSERT INTO cash_only_lifts (flag_id, raised_by, lifted_by, lifted_at, reason)"
                 " SELECT id, raised_by, raised_by, now(), 'x' FROM cash_only_flags WHERE id = :id"), {"id": over}
        )  # fmt: skip


def test_two_who_lift_at_once_lift_once(sessions: Sessions, clock: FixedClock) -> None:
    maker = person(sessions, "supervisor")
    others = [person(sessions, "supervisor", name) for name in ("omar", "lena")]
    (account,) = _accounts(sessions, 1)
    flag = _flag(sessions, clock, account, maker.actor_id)

    acts = [
        functools.partial(service.lift, sessions, other, flag, "The bank's error", clock=clock) for other in others
    ]
    assert sorted((type(one) for one in together(acts)), key=str) == sorted([type(None), LiftedBefore], key=str)
    with reading(sessions) as session:
        told = text("SELECT count(*) FROM audit_entries WHERE act = 'cash-only-lifted'")
        assert (session.scalar(text("SELECT count(*) FROM cash_only_lifts")), session.scalar(told)) == (1, 1)


def test_without_lock_and_look_only_the_key_stops_the_second(
    sessions: Sessions, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have found the flag standing, and write."""
    maker = person(sessions, "supervisor")
    others = [person(sessions, "supervisor", name) for name in ("omar", "lena")]
    (account,) = _accounts(sessions, 1)
    flag, gate = _flag(sessions, clock, account, maker.actor_id), threading.Barrier(2)

    def unlocked(session: Session, by: Authority, account_id: int) -> Account:
        return seen_account(session, by, account_id)

    def written_by_both(table: type[CashOnlyLift]) -> Any:
        gate.wait(timeout=20)
        return _Plain(table)

    monkeypatch.setattr(service, "locked_account", unlocked)
    monkeypatch.setattr(service, "insert", written_by_both)
    acts = [
        functools.partial(service.lift, sessions, other, flag, "The bank's error", clock=clock) for other in others
    ]
    refused = [one for one in together(acts) if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [IntegrityError]
    assert "pk_cash_only_lifts" in str(refused[0])
    with reading(sessions) as session:
        assert session.scalar(text("SELECT count(*) FROM cash_only_lifts")) == 1


class _Plain(Insert):
    """An INSERT that does not look whether the row is there."""

    inherit_cache = True

    def on_conflict_do_nothing(self, *_given: Any, **_more: Any) -> Self:
        return self


def test_a_check_and_a_lift_at_once_are_one_after_the_other(sessions: Sessions, clock: FixedClock) -> None:
    """Whoever holds the account decides: a lift waits for a return that is being posted on it."""
    maker, other = person(sessions, "supervisor"), person(sessions, "supervisor", "omar")
    (account,) = _accounts(sessions, 1)
    flag, done = _flag(sessions, clock, account, maker.actor_id), list[object]()
    with transaction(sessions) as session:
        locked_account(session, maker, account)
        lifting = threading.Thread(
            target=lambda: done.append(service.lift(sessions, other, flag, "The bank's error", clock=clock))
        )
        lifting.start()
        lifting.join(timeout=0.5)
        assert done == [], "the flag was lifted under somebody who was posting"
    lifting.join(timeout=20)
    assert done == [None]
