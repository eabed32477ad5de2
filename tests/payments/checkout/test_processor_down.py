"""The processor fails while its page is being opened: nobody is charged twice, and nobody is told a lie."""

from __future__ import annotations

import pytest

from tests.page_client import Page, PageClient
from tests.portal.scene import Scene, add
from tests.sandbox_server import pay_hosted_page

CREATE = "/v1/checkout/sessions"
TRIES = 2
"""The library itself repeats a call once with the same key, if no answer came or another call held the key."""
REPEATED = ("before", "after", "409")


def leave_badly(scene: Scene, fault: str) -> tuple[PageClient, Page]:
    """A person whose way to the payment page meets a fault; the page they end on."""
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    scene.sandbox.fault(fault, match=CREATE, count=TRIES if fault in REPEATED else 1)
    answer = guest.submit("Go to the payment page", {"Email": "ana@example.com"}, budget=30)
    assert answer.location.startswith("/payments/")
    return guest, guest.follow()


def charged_once(scene: Scene) -> bool:
    (attempt,) = scene.rows("SELECT id FROM attempts WHERE state = 'succeeded'")
    return scene.sandbox.charges_by_attempt()[attempt.id] == 1


def sessions_created(scene: Scene) -> int:
    """Sessions that the processor made for our attempts."""
    ours = {row.id for row in scene.rows("SELECT id FROM attempts")}
    made = scene.sandbox.client().v1.checkout.sessions.list({"limit": 100})
    return sum(session.client_reference_id in ours for session in made.data)


@pytest.mark.parametrize("fault", ["before", "after", "cut", "empty_200", "409", "429"])
def test_going_on_with_an_unheard_payment_uses_the_same_key_and_charges_once(scene: Scene, fault: str) -> None:
    guest, page = leave_badly(scene, fault)
    assert page.heading == "We are checking your payment"
    assert scene.scalar("SELECT state FROM attempts") == "unknown"
    url = guest.submit("Go on with this payment", budget=30).location
    receipt = guest.land(pay_hosted_page(url))
    assert receipt.heading.startswith("Receipt")
    assert sessions_created(scene) == 1
    assert charged_once(scene)


@pytest.mark.parametrize("fault", REPEATED)
def test_one_fault_alone_is_not_even_noticed(scene: Scene, fault: str) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    scene.sandbox.fault(fault, match=CREATE, count=1)
    guest.land(pay_hosted_page(guest.submit("Go to the payment page", budget=30).location))
    assert sessions_created(scene) == 1
    assert charged_once(scene)


def test_an_error_that_is_replayed_for_a_day_is_left_behind_when_the_page_has_expired(scene: Scene) -> None:
    guest, page = leave_badly(scene, "500_after")
    assert page.heading == "We are checking your payment"
    again = guest.submit("Go on with this payment", budget=30)
    assert guest.land(again.location).heading == "We are checking your payment"
    scene.clock.advance(minutes=56)
    guest.get("/basket")
    url = guest.submit("Go to the payment page", {"Email": "ana@example.com"}, budget=30).location
    guest.land(pay_hosted_page(url))
    assert charged_once(scene)
    assert sorted(row.state for row in scene.rows("SELECT state FROM attempts")) == ["expired", "succeeded"]


def test_the_same_basket_sent_again_is_the_same_attempt(scene: Scene) -> None:
    guest, _ = leave_badly(scene, "after")
    guest.get("/basket")
    url = guest.submit("Go to the payment page", {"Email": "ana@example.com"}, budget=30).location
    guest.land(pay_hosted_page(url))
    assert scene.scalar("SELECT count(*) FROM attempts") == 1
    assert sessions_created(scene) == 1


def test_a_processor_that_is_silent_on_the_way_back_is_said_and_asked_again(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    guest.get("/basket")
    back = pay_hosted_page(guest.submit("Go to the payment page", budget=30).location)
    scene.sandbox.fault("before", match=CREATE, count=TRIES)
    page = guest.land(back)
    assert page.heading == "We are checking your payment"
    assert "do not start a new payment" in page.text
    assert scene.scalar("SELECT count(*) FROM payments") == 0
    assert guest.land(page.path).heading.startswith("Receipt")


def test_a_silent_processor_does_not_close_an_older_page_and_start_another(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    guest.submit("Go to the payment page", budget=30)
    add(guest, known, "Another amount", "20")
    scene.sandbox.fault("before", match="/expire", count=TRIES)
    page = guest.submit("Go to the payment page", expect=409, budget=30)
    assert page.errors[0].startswith("The payment service does not answer")
    assert scene.scalar("SELECT count(*) FROM attempts") == 1


def test_a_request_that_the_processor_refuses_ends_the_attempt(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    scene.clock.advance(days=2)  # the page would end in more than a day
    answer = guest.submit("Go to the payment page", budget=30)
    page = guest.land(answer.location)
    assert page.heading == "Nothing was paid"
    assert scene.rows("SELECT state FROM attempts")[0].state == "failed"
    assert scene.scalar("SELECT count(*) FROM pending_payments") == 0
