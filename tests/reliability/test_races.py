"""Cases 1, 2, 3, 14 and 38: two at the same moment. Each race has a control that shows it without its guard."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.attempts.rules import State
from payments.checkout import service as checkout
from payments.posting import service as posting
from tests.concurrency.threads import together
from tests.page_client import PageClient
from tests.portal.scene import Scene, add, leave
from tests.reliability.errands import (
    all_is_told,
    exceptions,
    knocks,
    leaves,
    pays,
    posted,
    sessions_made,
    settled,
    state,
    told,
)
from tests.sandbox_server import pay_hosted_page


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the posting step was reached."""
    reached: list[str] = []
    real = posting.write

    def write(*given: Any, **named: Any) -> posting.Posted:
        reached.append(threading.current_thread().name)
        return real(*given, **named)

    monkeypatch.setattr(posting, "write", write)
    return reached


def test_case_01_the_return_page_and_the_webhook_settle_at_the_same_moment(scene: Scene, writes: list[str]) -> None:
    paid = pays(scene)
    knocks(scene, told(scene, "checkout.session.completed", paid.attempt_id))
    landed, done = together(
        [lambda: paid.guest.land(paid.back, budget=100).heading, lambda: ",".join(scene.run_jobs())]
    )
    assert (str(landed).split()[0], str(done).split(",")[0]) == ("Receipt", "processor_event")
    assert posted(scene) == (1, 1, 1)
    assert len(writes) == 1
    all_is_told(scene)


def test_case_01_control_without_the_lock_both_would_post(
    scene: Scene, writes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the attempt as unpaid before either writes; only the unique (source, effect) is left to stop one."""
    paid, both_have_read = pays(scene), threading.Barrier(2)
    real = posting.lock_attempt

    def read_without_lock(session: Session, attempt_id: str, today: date) -> posting.Locked | None:
        found = real(session, attempt_id, today)
        session.rollback()
        both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(posting, "lock_attempt", read_without_lock)
    outcomes = together([lambda: settled(scene, paid) for _ in range(2)])
    assert len(writes) == 2, "both were about to post"
    assert outcomes == [State.SUCCEEDED, State.SUCCEEDED], "and the loser found it done"
    assert posted(scene) == (1, 1, 1)


def test_case_02_two_tabs_return_at_once(scene: Scene, writes: list[str]) -> None:
    paid = pays(scene)
    headings = together([lambda: scene.guest().land(paid.back, budget=100).heading for _ in range(3)])
    assert len(set(map(str, headings))) == 1
    assert posted(scene) == (1, 1, 1)
    assert len(writes) == 1
    assert scene.scalar("SELECT count(*) FROM attempt_events WHERE new_state = 'succeeded'") == 1


def _pressed(scene: Scene, cookie: str, action: str, data: Mapping[str, str]) -> str:
    browser = scene.app.test_client()
    browser.set_cookie("ventanilla", cookie)
    return str(browser.post(action, data=data).headers["Location"])


def _press_together(scene: Scene, guest: PageClient) -> list[object]:
    action, data = guest.filled("Go to the payment page", {})
    cookie = guest.cookie("ventanilla") or ""
    return list(together([lambda: _pressed(scene, cookie, action, data) for _ in range(3)]))


def test_case_03_creating_a_payment_for_one_bill_three_times_at_once(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    _press_together(scene, guest)
    assert scene.scalar("SELECT count(*) FROM attempts") == 1
    assert len(sessions_made(scene)) == 1


def test_case_03_control_without_the_baskets_lock_there_are_several(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gate = checkout.reusable, threading.Barrier(3)

    def look_together(*given: Any) -> Any:
        found = real(*given)
        if threading.current_thread() is not threading.main_thread():
            gate.wait(timeout=20)
        return found

    unlocked = checkout._basket_id
    monkeypatch.setattr(checkout, "_basket_id", lambda session, token, lock=False: unlocked(session, token))
    monkeypatch.setattr(checkout, "_LOCK_ACCOUNTS", text("SELECT CAST(:basket AS bigint)"))
    monkeypatch.setattr(checkout, "reusable", look_together)
    monkeypatch.setattr(checkout, "_stale_attempts", lambda *given: [])
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    _press_together(scene, guest)
    assert scene.scalar("SELECT count(*) FROM attempts") == 3


def test_case_14_the_back_button_and_a_second_tab_pay_once(scene: Scene) -> None:
    gone = leaves(scene)
    again = leave(gone.guest, "ana@example.com")
    assert again == gone.url
    gone.guest.land(pay_hosted_page(gone.url))
    with pytest.raises(AssertionError):
        pay_hosted_page(again)
    assert posted(scene) == (1, 1, 1)


def test_two_people_pay_one_bill_and_the_second_is_credit_with_a_line(scene: Scene) -> None:
    """Money that has moved is never refused (rule 6)."""
    first = leaves(scene)
    second = leaves(scene, known=first.known, address="198.51.100.8")
    backs = [pay_hosted_page(errand.url) for errand in (first, second)]
    headings = together([lambda back=back: scene.guest().land(back, budget=100).heading for back in backs])  # type: ignore[misc]
    assert [str(heading).split()[0] for heading in headings] == ["Receipt", "Receipt"]
    assert posted(scene) == (2, 2, 2)
    assert exceptions(scene) == ["second-payment"]
    credit = scene.scalar("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=first.known.id)
    assert (scene.balance(first.known), credit) == (Money(), 50_00)
    all_is_told(scene)


def test_case_38_more_than_is_owed_is_credit_that_the_account_page_shows(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known, "Another amount", "80")
    guest.land(pay_hosted_page(leave(guest)))
    assert scene.scalar("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=known.id) == 30_00
    assert "$30.00" in guest.get(f"/accounts/{known.reference}").text
    assert exceptions(scene) == []


def test_who_did_not_see_the_first_is_told_before_leaving(scene: Scene) -> None:
    """The page was open when somebody else began: it is shown again, and going on knowingly is recorded."""
    known = scene.open("utility", 50_00)
    second = scene.guest("198.51.100.8")
    add(second, known)
    second.get("/basket")
    first = leaves(scene, known=known)
    page = second.submit("Go to the payment page", expect=409, budget=40)
    assert page.errors[0].startswith("Someone else has just begun to pay for the same.")
    assert "A payment is on its way" in page.text
    assert scene.scalar("SELECT count(*) FROM attempts") == 1, "nothing was promised"
    second.land(pay_hosted_page(second.submit("Go to the payment page", budget=40).location))
    (row,) = scene.rows("SELECT told FROM attempts WHERE id <> :id", id=first.attempt_id)
    assert [(one["account"], one["cents"]) for one in row.told] == [(known.id, 50_00)]
    assert state(scene, first) == "open"


def test_a_close_and_a_posting_do_not_share_an_attempt(scene: Scene) -> None:
    """Giving up and paying at the same moment: the processor decides which it was."""
    gone = leaves(scene)
    token = scene.scalar("SELECT token FROM attempts")
    back, closed = together([lambda: pay_hosted_page(gone.url), lambda: checkout.give_up(scene.wired.desk(), token)])
    settled(scene, gone)
    paid = not isinstance(back, Exception)
    assert (state(scene, gone), posted(scene)[0]) == (("succeeded", 1) if paid else ("expired", 0)), closed
    all_is_told(scene)
