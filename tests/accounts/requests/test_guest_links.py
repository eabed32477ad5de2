"""Links to a guest's request are called back, by the guest or at the counter; those that were mailed open nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.cases.rules import ChangedMeanwhile, Direction, NothingSaid, State
from accounts.database import reading
from accounts.errors import NotFound
from accounts.requests import guests, residents
from accounts.requests.guest_links import AsksSignedIn, call_back, call_back_at_counter
from accounts.staff.rules import Authority, NotAllowed
from tests.accounts.counter import refused
from tests.accounts.requests.conftest import Window
from tests.accounts.requests.test_guests import WISH, asked, begun, everything, hide

ENDED = "SELECT details FROM audit_entries WHERE act = 'guest-links-ended' ORDER BY id"
FACTS = "SELECT task_name, args FROM procrastinate_jobs WHERE task_name = 'guest_links_called_back' ORDER BY id"


def test_a_guest_calls_the_links_back_and_the_old_one_opens_nothing(window: Window) -> None:
    rosa = asked(window, window.desk.account("citation"))
    call_back(window.cases, rosa)
    for act in [*everything(window, rosa, rosa.case_id), lambda: call_back(window.cases, rosa)]:
        with refused(window.db, NotFound):
            act()
    with refused(window.db, NotFound):
        guests.must_open(window.cases, rosa)
    line = window.page(rosa.case_id).line
    renewed = guests.guest_of(line)
    assert renewed == replace(rosa, links=1)
    guests.must_open(window.cases, renewed)
    residents.answer(window.cases, renewed, rosa.case_id, "Sigo aquí.")
    assert window.desk.rows(FACTS) == [("guest_links_called_back", {"case_id": rosa.case_id, "links": 1})]
    ((details,),) = window.desk.rows(ENDED)
    assert "reason" not in details
    assert "rosa" not in str(details).lower(), "no personal data in the audit"
    with reading(window.desk.sessions) as session:
        assert guests.case_of_guest(session, line.number, "rosa@example.com") is not None
        assert guests.case_of_guest(session, line.number, "eve@example.com") is None


def test_a_draft_whose_links_were_called_back_is_not_gone_on_with_by_the_first_mail(window: Window) -> None:
    account = window.desk.account("citation")
    rosa = begun(window, account_id=account)
    residents.keep_answers(window.cases, rosa, rosa.case_id, {"question": "¿Por qué?"})
    call_back(window.cases, rosa)
    again = begun(window, account_id=account)
    assert again.case_id != rosa.case_id
    assert residents.page(window.cases, again, again.case_id).answers == {}


def test_the_counter_ends_the_links_with_a_reason(window: Window, clerk: Authority) -> None:
    rosa = asked(window, window.desk.account("citation"))
    call_back_at_counter(window.cases, clerk, rosa.case_id, " A neighbor has it. ", seen=0, mails_new=False)
    with refused(window.db, NotFound):
        residents.page(window.cases, rosa, rosa.case_id)
    page = window.page(rosa.case_id)
    assert [(one.direction, one.text) for one in page.messages] == [(Direction.NOTE, "A neighbor has it.")]
    assert page.line.state is State.SUBMITTED, "nothing else happened to it"
    assert window.desk.rows(FACTS) == []
    ((details,),) = window.desk.rows(ENDED)
    assert details["reason"] == "A neighbor has it."
    call_back_at_counter(window.cases, clerk, rosa.case_id, "Again.", seen=1, mails_new=True)
    assert [args for _name, args in window.desk.rows(FACTS)] == [{"case_id": rosa.case_id, "links": 2}]


def test_the_counter_is_refused_and_nothing_changes(window: Window, clerk: Authority) -> None:
    account = window.desk.account("citation")
    rosa, draft = asked(window, account), begun(window, kind="start-service", account_id=None)
    mine = window.asked("bill-question", window.link(window.desk.account("citation")), {"question": "Why?"})
    cashier = window.desk.person("carlos", "cashier")
    for by, case, reason, seen, why in (
        (clerk, rosa.case_id, "  ", 0, NothingSaid),
        (clerk, rosa.case_id, "Lost.", 1, ChangedMeanwhile),
        (clerk, mine, "Lost.", 0, AsksSignedIn),
        (clerk, draft.case_id, "Lost.", 0, NotFound),
        (clerk, 999_999, "Lost.", 0, NotFound),
        (cashier, rosa.case_id, "Lost.", 0, NotAllowed),
    ):
        with refused(window.db, why):
            call_back_at_counter(window.cases, by, case, reason, seen=seen, mails_new=True)
    hide(window, account)
    with refused(window.db, NotFound):
        call_back_at_counter(window.cases, clerk, rosa.case_id, "Lost.", seen=0, mails_new=True)


@pytest.mark.parametrize("changed", [{"links": 1}, {"links": -1}, {"email": "eve@example.com"}])
def test_no_other_link_calls_them_back(window: Window, changed: dict[str, object]) -> None:
    rosa = asked(window, window.desk.account("citation"))
    with refused(window.db, NotFound):
        call_back(window.cases, replace(rosa, **changed))  # type: ignore[arg-type]
    assert WISH.email == rosa.email
