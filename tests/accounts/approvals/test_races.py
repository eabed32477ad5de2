"""Two who decide at once: the act is done once. And a process that dies in between leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.approvals import service
from accounts.approvals.acts import Acts, Deed
from accounts.approvals.rules import AlreadyDecided, Weighed
from accounts.approvals.service import Done
from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from accounts.staff.rules import ActKind
from tests.accounts.approvals.gifts import ACTS, Give, Giving, books, person
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import make_chart

GIFT = Give(cents=600_00)


@pytest.fixture
def waiting(sessions: Sessions, clock: FixedClock) -> int:
    with transaction(sessions) as session:
        make_chart(session)
    return service.propose(sessions, ACTS, GIFT, person(sessions, "clara"), reason="x", clock=clock).proposal_id


def _decide_at_once(sessions: Sessions, acts: Acts, proposal: int, clock: FixedClock) -> list[Any]:
    people = [person(sessions, name) for name in ("sofia", "sergio")]
    return together([
        lambda by=by: service.approve(sessions, acts, proposal, by, clock=clock)  # type: ignore[misc]
        for by in people
    ])  # fmt: skip


def test_two_approve_at_once_and_it_is_done_once(sessions: Sessions, waiting: int, clock: FixedClock) -> None:
    outcomes = _decide_at_once(sessions, ACTS, waiting, clock)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyDecided", "Done"]
    after = books(sessions)
    assert (after["journals"], after["proposal_decisions"]) == (1, 1)


def test_one_approves_while_another_rejects(sessions: Sessions, waiting: int, clock: FixedClock) -> None:
    yes, no = person(sessions, "sofia"), person(sessions, "sergio")
    outcomes = together([
        lambda: service.approve(sessions, ACTS, waiting, yes, clock=clock),
        lambda: service.reject(sessions, waiting, no, clock=clock, reason="no"),
    ])  # type: ignore[list-item] # fmt: skip
    assert sum(isinstance(outcome, AlreadyDecided) for outcome in outcomes) == 1
    after = books(sessions)
    assert after["proposal_decisions"] == 1
    assert after["journals"] == sum(isinstance(outcome, Done) for outcome in outcomes)


class _Hasty(Giving):
    """The act without a lock of its own, waiting until both have begun to execute it."""

    def __init__(self) -> None:
        self.both_execute = threading.Barrier(2)
        self.executions = 0

    def world(self, session: Session, command: Give, today: date) -> Mapping[str, str]:
        return {"given": "0"}

    def execute(self, session: Session, command: Give, weighed: Weighed[int], deed: Deed) -> dict[str, object]:
        self.both_execute.wait(timeout=20)
        self.executions += 1
        return super().execute(session, command, weighed, deed)


def test_control_without_the_turn_both_execute_and_only_the_database_keeps_one(
    sessions: Sessions, waiting: int, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race that the turn prevents. What is left of the second is refused by the source of its journal."""
    monkeypatch.setattr(service, "_ONE_AT_A_TIME", text("SELECT :id"))
    hasty = _Hasty()
    outcomes = _decide_at_once(sessions, {ActKind.JOURNAL: hasty}, waiting, clock)
    assert hasty.executions == 2
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(lost) == 1
    assert "pk_source_effects" in str(lost[0])
    after = books(sessions)
    assert (after["journals"], after["proposal_decisions"]) == (1, 1)


class _Bookless(_Hasty):
    """An act that posts nothing: its decision's own key is what is left."""

    def execute(self, session: Session, command: Give, weighed: Weighed[int], deed: Deed) -> dict[str, object]:
        self.both_execute.wait(timeout=20)
        self.executions += 1
        return {}


def test_control_an_act_without_a_journal_is_kept_apart_by_its_decision(
    sessions: Sessions, waiting: int, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_ONE_AT_A_TIME", text("SELECT :id"))
    hasty = _Bookless()
    outcomes = _decide_at_once(sessions, {ActKind.JOURNAL: hasty}, waiting, clock)
    assert hasty.executions == 2
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyDecided", "Done"]


_KILLED = """
import sys
from accounts import kill_points
from accounts.approvals import service
from accounts.clock import FixedClock
from accounts.database import engine_for, sessions_for
from tests.accounts.approvals.gifts import ACTS, person
kill_points.arm("approvals.executed")
sessions = sessions_for(engine_for(sys.argv[1]))
service.approve(sessions, ACTS, int(sys.argv[2]), person(sessions, "sofia"), clock=FixedClock())
"""


@pytest.mark.long
def test_a_process_that_dies_between_executing_and_deciding_leaves_nothing(
    db: TestDatabase, sessions: Sessions, waiting: int, clock: FixedClock
) -> None:
    person(sessions, "sofia")
    before = books(sessions)
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, db.app_url, str(waiting)], check=False, timeout=60, capture_output=True
    )
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    assert books(sessions) == before
    done = service.approve(sessions, ACTS, waiting, person(sessions, "sergio"), clock=clock)
    assert done.outcome["journal_id"]
    assert books(sessions)["journals"] == 1
