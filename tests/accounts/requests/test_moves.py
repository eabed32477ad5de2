"""A move is one form and two cases: each with its number, clock, papers and decision, and each names the other."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from accounts.cases import service as work
from accounts.cases.rules import OpenAlready, Outcome, State
from accounts.cities.desk import DocumentMissing
from accounts.cities.requests import RequestKind
from accounts.requests import residents
from accounts.staff.rules import Authority
from tests.accounts.assessments.city import house
from tests.accounts.counter import refused
from tests.accounts.requests.conftest import Window

MOVE = {
    "stop_on": "2026-12-05", "forwarding_address": "2 Elm Street", "service_address": "2 Elm Street",
    "service_zip": "95399", "start_on": "2026-12-01", "role": "tenant",
}  # fmt: skip


def moving(window: Window, clerk: Authority) -> tuple[int, int, int]:
    """The account that is left, and the two cases."""
    old, new = house(window.desk.sessions, 1), house(window.desk.sessions, 2)
    window.decide(clerk, window.asked("stop-service", window.link(new), {"stop_on": "2026-11-30"}))
    leave = window.draft("move-service", window.link(old), MOVE, "lease", "escrow-papers")
    numbers = residents.submit(window.cases, window.ana, leave)
    arrive = window.page(leave).beside[0].id
    assert numbers == tuple(window.page(case).line.number for case in (leave, arrive))
    return old, leave, arrive


def test_one_form_makes_two_cases_that_name_each_other(window: Window, clerk: Authority) -> None:
    _old, leave, arrive = moving(window, clerk)
    pages = window.page(leave), window.page(arrive)
    assert [page.line.state for page in pages] == [State.SUBMITTED] * 2
    assert [set(page.answers) for page in pages] == [
        {"stop_on", "forwarding_address"}, {"service_address", "service_zip", "start_on", "role"}
    ]  # fmt: skip
    assert [[paper.wanted for paper in page.papers] for page in pages] == [["escrow-papers"], ["lease"]]
    assert [[one.id for one in page.beside] for page in pages] == [[arrive], [leave]]
    assert window.scalar("SELECT count(*) FROM documents") == 2, "a paper is kept once"
    mine = {line.id for line in residents.mine(window.cases, window.ana)}
    assert {leave, arrive} <= mine


def test_each_is_decided_by_itself_and_stands_still_by_itself(window: Window, clerk: Authority) -> None:
    old, leave, arrive = moving(window, clerk)
    window.take(clerk, leave)
    work.ask(window.cases, clerk, leave, "Did you own it?", seen=window.page(leave).line.version)
    window.take(clerk, arrive)
    with refused(window.db, DocumentMissing):
        window.decide(clerk, arrive, take=False)
    settled = window.decide(clerk, arrive, take=False, documents=("lease",))
    assert (window.page(arrive).line.state, window.page(leave).line.state) == (State.DONE, State.WAITING)
    assert window.desk.rows("SELECT status FROM customer_accounts WHERE id = :old", old=old) == [("open",)]
    residents.answer(window.cases, window.ana, leave, "No, I rent.")
    assert window.decide(clerk, leave, take=False).effect["closed"] == old
    holder = "SELECT customer_id FROM customer_accounts WHERE id = :id"
    assert window.desk.rows(holder, id=settled.effect["opened"]) == window.desk.rows(holder, id=old)


def test_one_taken_back_or_denied_leaves_the_other(window: Window, clerk: Authority) -> None:
    old, leave, arrive = moving(window, clerk)
    residents.withdraw(window.cases, window.ana, leave)
    assert (window.page(leave).line.state, window.page(arrive).line.state) == (State.WITHDRAWN, State.SUBMITTED)
    window.decide(clerk, arrive, Outcome.DENIED)
    assert window.desk.rows("SELECT status FROM customer_accounts WHERE id = :old", old=old) == [("open",)]
    assert window.scalar("SELECT count(*) FROM customer_accounts WHERE opened_on = '2026-12-01'") == 0


def test_a_second_move_waits_for_the_first(window: Window, clerk: Authority) -> None:
    old, leave, _arrive = moving(window, clerk)
    window.decide(clerk, leave, Outcome.DENIED)
    again = window.draft("move-service", old, MOVE, "lease")
    with refused(window.db, OpenAlready):
        residents.submit(window.cases, window.ana, again)
    assert window.page(again).line.state is State.DRAFT


@pytest.mark.parametrize(
    "change",
    [
        {"effect": "close-service"},
        {"parts.0.questions": ["stop_on"]},
        {"parts.0.questions": ["stop_on", "forwarding_address", "unasked"]},
        {"parts.1.documents": ["lease", "escrow-papers"]},
    ],
)
def test_what_parts_leave_out_or_take_twice_is_named(window: Window, change: dict[str, Any]) -> None:
    kind = window.cases.city.request_kind("move-service", window.cases.today).model_dump(mode="json")
    for path, value in change.items():
        *steps, last = path.split(".")
        place: Any = kind
        for step in steps:
            place = place[int(step) if step.isdecimal() else step]
        place[last] = value
    with pytest.raises(ValidationError, match="move-service"):
        RequestKind.model_validate(kind)
