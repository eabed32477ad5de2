"""Cases 13, 19, 27, 28, 34 and 35: pages that are old, ended, or not what the address says."""

from __future__ import annotations

import pytest

from payments.attempts.rules import State
from payments.checkout.service import give_up
from tests.portal.scene import Scene
from tests.reliability.errands import (
    all_is_told,
    exceptions,
    knocks,
    later,
    leaves,
    pays,
    posted,
    settled,
    state,
    sweep,
    told,
)
from tests.sandbox_server import pay_hosted_page

DECLINED = "4000000000000002"


def test_case_13_a_page_whose_bill_somebody_else_paid_is_closed(scene: Scene) -> None:
    waiting = leaves(scene)
    paid = pays(scene, known=waiting.known, address="198.51.100.8")
    settled(scene, paid)
    assert sweep(scene).found["pages_closed"] == 1
    assert state(scene, waiting) == "expired"
    with pytest.raises(AssertionError):
        pay_hosted_page(waiting.url)
    assert exceptions(scene) == []


def test_case_13_paid_before_it_could_be_closed_it_is_credit_and_named(scene: Scene) -> None:
    waiting = leaves(scene)
    paid = pays(scene, known=waiting.known, address="198.51.100.8")
    pay_hosted_page(waiting.url)
    settled(scene, paid)
    sweep(scene)
    assert state(scene, waiting) == "succeeded"
    assert exceptions(scene) == ["second-payment"]
    assert posted(scene)[:2] == (2, 2)
    all_is_told(scene)


def test_a_page_that_still_asks_for_what_is_owed_stays_open(scene: Scene) -> None:
    waiting = leaves(scene)
    leaves(scene, known=waiting.known, address="198.51.100.8")
    assert "pages_closed" not in sweep(scene).found
    assert state(scene, waiting) == "open"


def test_case_19_a_decline_then_a_success_in_one_session_stays_paid_whatever_is_told_last(scene: Scene) -> None:
    gone = leaves(scene)
    with pytest.raises(AssertionError, match="declined"):
        pay_hosted_page(gone.url, DECLINED)
    back = pay_hosted_page(gone.url)
    failed = told(scene, "payment_intent.payment_failed", gone.attempt_id)
    assert gone.guest.land(back).heading.startswith("Receipt")
    knocks(scene, failed)
    scene.run_jobs()
    sweep(scene)
    assert state(scene, gone) == "succeeded"
    assert posted(scene) == (1, 1, 1)


def test_case_27_the_success_address_opened_without_paying_posts_nothing(scene: Scene) -> None:
    gone = leaves(scene)
    token = scene.scalar("SELECT token FROM attempts")
    page = gone.guest.land(f"/payments/{token}/return?session_id={gone.session_id}")
    assert page.heading == "Your payment is not completed"
    assert (state(scene, gone), posted(scene)) == ("open", (0, 0, 0))


def test_case_27_another_payments_session_in_the_address_is_not_believed(scene: Scene) -> None:
    paid = pays(scene)
    other = leaves(scene, address="198.51.100.8")
    token = scene.scalar("SELECT token FROM attempts WHERE id = :id", id=other.attempt_id)
    other.guest.land(f"/payments/{token}/return?session_id={paid.session_id}")
    assert (state(scene, other), posted(scene)) == ("open", (0, 0, 0))


def test_case_28_coming_back_without_a_session_settles_and_shows_little(scene: Scene) -> None:
    paid = pays(scene)
    stranger = scene.guest("198.51.100.9")
    page = stranger.land(paid.back)
    assert page.heading.startswith("Receipt")
    assert "López" not in page.text
    assert posted(scene) == (1, 1, 1)


def test_case_34_expired_here_and_then_paid_there_is_posted_and_flagged(scene: Scene) -> None:
    gone = leaves(scene)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET state = 'expired'")
        connection.exec_driver_sql("DELETE FROM pending_payments")
    back = pay_hosted_page(gone.url)
    assert gone.guest.land(back).heading == "Nothing was paid"
    assert sweep(scene).found["events_missed"] > 0
    assert state(scene, gone) == "succeeded"
    assert scene.scalar("SELECT forced FROM attempt_events ORDER BY id DESC LIMIT 1") is True
    assert exceptions(scene) == ["paid-after-expiry"]
    all_is_told(scene)


@pytest.mark.parametrize("ended", ["expired", "paid"])
def test_case_35_closing_a_page_that_has_ended_is_handled(scene: Scene, ended: str) -> None:
    gone = leaves(scene)
    token = scene.scalar("SELECT token FROM attempts")
    if ended == "expired":
        scene.sandbox.client().v1.checkout.sessions.expire(gone.session_id)
    else:
        pay_hosted_page(gone.url)
    assert give_up(scene.wired.desk(), token) is (State.EXPIRED if ended == "expired" else State.SUCCEEDED)
    assert give_up(scene.wired.desk(), token) is (State.EXPIRED if ended == "expired" else State.SUCCEEDED)
    assert posted(scene)[0] == (0 if ended == "expired" else 1)


def test_case_35_an_expired_page_sends_no_mail_of_a_failure(scene: Scene) -> None:
    gone = leaves(scene)
    later(scene, minutes=62)
    sweep(scene)
    scene.run_jobs()
    assert state(scene, gone) == "expired"
    assert scene.outbox.mails == []
