"""Somebody without a sign-in asks: what they may, and that their link opens one case and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.cases.asking import NotForThisAccount
from accounts.cases.rules import NotNow, Outcome, State
from accounts.cities.rules import NotInTheCity
from accounts.database import reading
from accounts.documents.rules import Sent
from accounts.errors import NotFound
from accounts.pauses.queries import shut_off_blocks
from accounts.requests import guests, residents
from accounts.requests.guests import Guest, TakesASignIn, Wish
from accounts.staff.rules import Authority
from tests.accounts.assessments.city import house
from tests.accounts.counter import refused
from tests.accounts.documents.test_documents import PAGE
from tests.accounts.requests.conftest import Window
from tests.accounts.requests.test_journeys import START

WISH = Wish("bill-question", "Rosa Díaz", "rosa@example.com", "", "es")


def begun(window: Window, wish: Wish = WISH, **changes: object) -> Guest:
    wanted = replace(wish, **changes)  # type: ignore[arg-type]
    return guests.begin(window.cases, wanted)


def asked(window: Window, account: int) -> Guest:
    rosa = begun(window, account_id=account)
    residents.keep_answers(window.cases, rosa, rosa.case_id, {"question": "¿Por qué?"})
    residents.submit(window.cases, rosa, rosa.case_id)
    return rosa


def test_a_guest_asks_is_answered_and_reads_it(window: Window, clerk: Authority) -> None:
    rosa = asked(window, window.desk.account("citation"))
    facts = window.desk.rows("SELECT task_name FROM procrastinate_jobs ORDER BY id")
    assert facts == [("case_handed_in",)]
    line = window.page(rosa.case_id).line
    assert (line.asked_by, line.asker, line.state, line.language) == (None, "Rosa Díaz", State.SUBMITTED, "es")
    residents.answer(window.cases, rosa, rosa.case_id, "Es la multa del 3.")
    window.decide(clerk, rosa.case_id, Outcome.ANSWERED)
    page = residents.page(window.cases, rosa, rosa.case_id)
    assert page.decision is not None
    assert page.decision.reason == "Because it is so."
    with reading(window.desk.sessions) as session:
        assert guests.case_of_guest(session, line.number, "rosa@example.com") is not None
        assert guests.case_of_guest(session, line.number, "eve@example.com") is None
        assert guests.case_of_guest(session, "REQ-2026-999999-0", "rosa@example.com") is None


def test_a_draft_goes_on_for_the_same_address_kind_and_account_only(window: Window) -> None:
    account, other = window.desk.account("citation"), window.desk.account("citation")
    first = begun(window, account_id=account)
    assert begun(window, account_id=account) == first
    others = [
        begun(window, account_id=other), begun(window, account_id=account, email="eve@example.com"),
        begun(window, kind="start-service"),
    ]  # fmt: skip
    assert len({first.case_id, *(one.case_id for one in others)}) == 4


def test_somebody_without_an_account_starts_service(window: Window, clerk: Authority) -> None:
    old = house(window.desk.sessions)
    window.decide(clerk, window.asked("stop-service", window.link(old), {"stop_on": "2026-11-30"}))
    rosa = begun(window, kind="start-service", account_id=None)
    residents.keep_answers(window.cases, rosa, rosa.case_id, START)
    residents.add_document(window.cases, window.store, rosa, rosa.case_id, wanted="lease", sent=Sent("a.pdf", PAGE))
    residents.submit(window.cases, rosa, rosa.case_id)
    settled = window.decide(clerk, rosa.case_id, documents=("lease",))
    assert settled.effect["opened"]


def test_an_appeal_of_a_guest_blocks_the_shut_off(window: Window) -> None:
    account = window.desk.account()
    rosa = begun(window, kind="bill-appeal", account_id=account)
    said = {"bill": window.bill_of(account), "grounds": "reading", "statement": "No."}
    residents.keep_answers(window.cases, rosa, rosa.case_id, said)
    residents.submit(window.cases, rosa, rosa.case_id)
    with reading(window.desk.sessions) as session:
        assert shut_off_blocks(session, account, window.cases.today)


@pytest.mark.parametrize("kind", ["stop-service", "move-service", "change-name", "change-address"])
def test_what_could_take_an_account_away_takes_a_sign_in(window: Window, kind: str) -> None:
    account = window.desk.account()
    with refused(window.db, TakesASignIn):
        guests.begin(window.cases, replace(WISH, kind=kind, account_id=account))


def test_an_account_that_was_not_proved_or_is_of_another_kind_is_refused(window: Window) -> None:
    citation, protected = window.desk.account("citation"), window.desk.account()
    hide(window, protected)
    for account in (None, 999_999, citation, protected):
        with refused(window.db, NotForThisAccount):
            guests.begin(window.cases, replace(WISH, kind="bill-appeal", account_id=account))
    with refused(window.db, NotInTheCity):
        guests.begin(window.cases, replace(WISH, kind="unheard-of"))


def everything(window: Window, who: Guest, case: int) -> list[Callable[[], object]]:
    desk, store = window.cases, window.store
    return [
        lambda: residents.page(desk, who, case),
        lambda: residents.keep_answers(desk, who, case, {"question": "x"}),
        lambda: residents.add_document(desk, store, who, case, wanted="evidence", sent=Sent("a.pdf", PAGE)),
        lambda: residents.remove_document(desk, who, case, 1),
        lambda: residents.open_document(desk, store, who, case, 1),
        lambda: residents.submit(desk, who, case),
        lambda: residents.answer(desk, who, case, "x"),
        lambda: residents.withdraw(desk, who, case),
    ]


def test_to_any_other_link_a_case_is_not_there(window: Window) -> None:
    account = window.desk.account("citation")
    rosa, of_resident = asked(window, account), window.asked(
        "bill-question", window.link(account), {"question": "Why?"}
    )  # fmt: skip
    eve = begun(window, email="eve@example.com", account_id=account)
    for who, case in (
        (eve, rosa.case_id),
        (replace(rosa, email="eve@example.com"), rosa.case_id),
        (replace(rosa, case_id=eve.case_id), eve.case_id),
        (replace(rosa, case_id=of_resident), of_resident),
        (rosa, of_resident),
        (replace(rosa, email=""), rosa.case_id),
    ):
        for act in everything(window, who, case):
            with refused(window.db, NotFound):
                act()


def test_to_a_resident_a_guests_case_is_not_there_even_on_their_own_account(window: Window) -> None:
    account = window.link(window.desk.account("citation"))
    rosa = asked(window, account)
    with refused(window.db, NotFound):
        residents.page(window.cases, window.ana, rosa.case_id)
    assert residents.mine(window.cases, window.ana) == []


def test_a_link_opens_nothing_more_once_the_account_is_protected(window: Window) -> None:
    account = window.desk.account("citation")
    rosa = asked(window, account)
    hide(window, account)
    for act in everything(window, rosa, rosa.case_id):
        with refused(window.db, NotFound):
            act()


def test_what_was_handed_in_is_not_handed_in_again(window: Window) -> None:
    rosa = asked(window, window.desk.account("citation"))
    with refused(window.db, NotNow):
        residents.submit(window.cases, rosa, rosa.case_id)


def hide(window: Window, account: int) -> None:
    with window.db.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE customer_accounts SET is_protected = true WHERE id = {int(account)}")
