"""What has ended, as those read it who look over the day: decided acts, and acts that somebody did alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.approvals import queries, service
from accounts.approvals.rules import Verdict
from accounts.approvals.service import Done, Proposed
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from tests.accounts.approvals.gifts import ACTS, Give, person
from tests.database import TestDatabase
from tests.factories import make_account, make_chart

ALONE, DECIDED = (Verdict.ALONE,), (Verdict.APPROVED, Verdict.REJECTED, Verdict.WITHDRAWN, Verdict.STALE)


@pytest.fixture
def clerk(sessions: Sessions) -> Authority:
    with transaction(sessions) as session:
        make_chart(session)
    return person(sessions, "clara", alone=Money(50_00), decide=None)


def give(sessions: Sessions, clerk: Authority, clock: FixedClock, cents: int, account: int | None = None) -> int:
    asked = service.propose(
        sessions, ACTS, Give(cents=cents, account_id=account), clerk, reason="a present", clock=clock
    )
    assert isinstance(asked, Proposed | Done)
    return asked.proposal_id


def test_what_was_decided_and_what_was_done_alone_are_told_apart(
    sessions: Sessions, clerk: Authority, clock: FixedClock
) -> None:
    chief, other = person(sessions, "sofia"), person(sessions, "olga", alone=Money(50_00))
    old = give(sessions, clerk, clock, 10_00)
    clock.advance(days=31)
    since = clock.now() - timedelta(days=30)
    alone = [give(sessions, clerk, clock, 20_00 + number) for number in range(3)]
    hers = give(sessions, other, clock, 5_00)
    approved, rejected, waits = (give(sessions, clerk, clock, cents) for cents in (60_00, 61_00, 62_00))
    service.approve(sessions, ACTS, approved, chief, clock=clock)
    service.reject(sessions, rejected, chief, clock=clock, reason="no")
    with reading(sessions) as session:
        first = queries.ended(session, chief, ALONE, since=since, most=3)
        rest = queries.ended(session, chief, ALONE, since=since, most=3, before=first.before)
        assert [one.id for one in (*first.proposals, *rest.proposals)] == [hers, *reversed(alone)]
        assert rest.before is None
        mine = queries.ended(session, clerk, ALONE, since=since, maker_id=clerk.actor_id)
        assert [one.id for one in mine.proposals] == [*reversed(alone)]
        decided = queries.ended(session, chief, DECIDED, since=since).proposals
        assert [(one.id, one.decision.verdict) for one in decided if one.decision] == [
            (rejected, Verdict.REJECTED), (approved, Verdict.APPROVED),
        ]  # fmt: skip
        everything = queries.ended(session, chief, [*ALONE, *DECIDED], since=since - timedelta(days=9)).proposals
        assert {old, waits} & {one.id for one in everything} == {old}
        counted = [(one.name, one.acts, one.moved) for one in queries.done_alone(session, chief, since)]
        assert counted == [("staff:clara", 3, Money(60_03)), ("staff:olga", 1, Money(5_00))]


def test_acts_on_hidden_accounts_are_neither_shown_nor_counted(
    db: TestDatabase, sessions: Sessions, clerk: Authority, clock: FixedClock
) -> None:
    with transaction(sessions) as session:
        account = make_account(session, charges=()).id
    done = give(sessions, clerk, clock, 10_00, account)
    with db.owner.begin() as owner:
        owner.exec_driver_sql(f"UPDATE customer_accounts SET is_protected = true WHERE id = {account}")
    since = clock.now() - timedelta(days=1)
    sees = person(sessions, "sofia", may=frozenset({Permission.APPROVALS_SEE, Permission.PROTECTED_SEE}))
    with reading(sessions) as session:
        assert queries.ended(session, clerk, ALONE, since=since).proposals == ()
        assert queries.done_alone(session, clerk, since) == []
        assert [one.id for one in queries.ended(session, sees, ALONE, since=since).proposals] == [done]
        assert [one.acts for one in queries.done_alone(session, sees, since)] == [1]
