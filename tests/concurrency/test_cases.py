"""Two people on one request: real threads, and a control that shows the race."""

from __future__ import annotations

import threading

from sqlalchemy import text

from accounts.cases.rules import ChangedMeanwhile, NotNow, OpenAlready, Outcome, State
from accounts.database import Sessions, transaction
from accounts.requests import residents, service
from accounts.requests.service import Settled
from accounts.staff.rules import Authority
from tests.accounts.requests.conftest import Window, clerk, supervisor, window
from tests.concurrency.threads import together

__all__ = ["clerk", "supervisor", "window"]


def _naive(sessions: Sessions, case: int, outcome: str, looked: threading.Barrier) -> None:
    """What deciding would be without the lock and the version: everybody looks, then everybody writes."""
    with transaction(sessions) as session:
        session.scalar(text("SELECT state FROM cases WHERE id = :id"), {"id": case})
        looked.wait(timeout=20)
        session.execute(text("UPDATE cases SET state = 'decided', division = :how WHERE id = :id"),
                        {"id": case, "how": outcome})  # fmt: skip


def test_control_without_the_version_both_are_told_that_they_decided(window: Window, clerk: Authority) -> None:
    case = window.asked("bill-question", window.link(window.desk.account()), {"question": "Why?"})
    window.take(clerk, case)
    looked, sessions = threading.Barrier(2), window.desk.sessions
    outcomes = together([lambda: _naive(sessions, case, "yes", looked), lambda: _naive(sessions, case, "no", looked)])
    assert outcomes == [None, None]


def test_of_two_who_decide_one_request_one_is_told(window: Window, clerk: Authority, supervisor: Authority) -> None:
    case = window.asked("bill-question", window.link(window.desk.account()), {"question": "Why?"})
    window.take(clerk, case)
    version = window.page(case).line.version

    def decide(by: Authority) -> Settled:
        return service.decide(window.requests, by, case, Outcome.ANSWERED, "So it is.", seen_version=version)

    outcomes = together([lambda: decide(clerk), lambda: decide(supervisor)] * 2)
    settled = [one for one in outcomes if isinstance(one, Settled)]
    refusals = [one for one in outcomes if isinstance(one, (ChangedMeanwhile, NotNow))]
    assert (len(settled), len(refusals)) == (1, 3)
    page = window.page(case)
    assert (page.line.state, len(page.decisions)) == (State.DONE, 1)


def test_one_account_is_asked_for_once_however_often_it_is_sent(window: Window) -> None:
    account, other = window.link(window.desk.account()), window.resident("luis")
    window.link(account, other)
    paid = {"paid_through": "A bank", "paid_on": "2026-11-10", "amount": 50_00}
    drafts = [(who, window.draft("paid-elsewhere", account, paid, who=who)) for who in (window.ana, other)]
    outcomes = together(
        [lambda who=who, case=case: residents.submit(window.cases, who, case) for who, case in drafts]  # type: ignore[misc]
    )
    assert [isinstance(one, OpenAlready) for one in outcomes].count(True) == 1
    assert window.scalar("SELECT count(*) FROM account_pauses") == 1
