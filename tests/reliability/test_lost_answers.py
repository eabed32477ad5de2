"""Cases 8 to 12, 36, 37, 43 and 45: the processor's answer was lost, late, repeated or refused."""

from __future__ import annotations

import pytest

from accounts.database import reading
from accounts.money import Money
from payments.checkout.rules import descriptor_suffix
from payments.checkout.service import PaymentNotSent, send
from tests.portal.scene import Scene, add, leave
from tests.reliability.errands import (
    CREATE,
    all_is_told,
    exceptions,
    later,
    leaves,
    pays,
    posted,
    sessions_made,
    sweep,
)
from tests.sandbox_server import pay_hosted_page

DECLINED = "4000000000000002"


def leaves_badly(scene: Scene, fault: str, count: int = 2) -> object:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    scene.sandbox.fault(fault, match=CREATE, count=count)
    guest.submit("Go to the payment page", {"Email": "ana@example.com"}, budget=30)
    scene.sandbox.server.app.extensions["faults"].clear()
    return guest


@pytest.mark.parametrize("fault", ["after", "cut", "empty_200"])
def test_case_08_and_45_an_answer_lost_after_it_was_done_is_unknown_and_never_done_twice(
    scene: Scene, fault: str
) -> None:
    leaves_badly(scene, fault)
    assert scene.scalar("SELECT state FROM attempts") == "unknown", "not failed: nobody knows"
    pay_hosted_page(sessions_made(scene)[0].url)
    later(scene, minutes=3)
    sweep(scene)
    assert len(sessions_made(scene)) == 1
    assert posted(scene) == (1, 1, 1)
    all_is_told(scene)


def test_case_08_an_error_that_is_replayed_for_the_same_key_is_left_alone_until_the_lists_tell(scene: Scene) -> None:
    leaves_badly(scene, "500_after", count=1)
    pay_hosted_page(sessions_made(scene)[0].url)
    later(scene, minutes=3)
    sweep(scene)
    sweep_state = scene.scalar("SELECT state FROM attempts")
    assert (sweep_state, len(sessions_made(scene))) in {("succeeded", 1), ("unknown", 1)}
    later(scene, days=1)
    sweep(scene)
    assert (scene.scalar("SELECT state FROM attempts"), len(sessions_made(scene))) == ("succeeded", 1)
    all_is_told(scene)


def test_case_09_who_tries_again_after_a_crash_is_led_to_the_same_page(scene: Scene) -> None:
    guest = leaves_badly(scene, "after")
    assert leave(guest, "ana@example.com") == sessions_made(scene)[0].url  # type: ignore[arg-type]
    assert len(sessions_made(scene)) == 1


def test_case_10_a_key_in_flight_decides_nothing_and_the_processor_is_asked(scene: Scene) -> None:
    leaves_badly(scene, "409")
    assert scene.scalar("SELECT state FROM attempts") == "unknown"
    later(scene, minutes=3)
    sweep(scene)
    assert (scene.scalar("SELECT state FROM attempts"), len(sessions_made(scene))) == ("open", 1)


def test_case_11_a_key_that_the_processor_knows_for_another_request_is_named_and_not_sent_for_ever(
    scene: Scene,
) -> None:
    gone = leaves(scene)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE attempts SET state = 'unknown', session_id = NULL, session_url = NULL,"
            " request = jsonb_set(request, '{locale}', '\"es-419\"')"
        )
    with pytest.raises(PaymentNotSent):
        send(scene.wired.desk(), gone.attempt_id)
    assert exceptions(scene) == ["key-conflict"]
    pay_hosted_page(gone.url)
    later(scene, minutes=3)
    sweep(scene)
    assert scene.scalar("SELECT state FROM attempts") == "succeeded", "found by reading the lists"
    assert exceptions(scene) == ["key-conflict"], "one line, however often"
    all_is_told(scene)


def test_case_12_a_new_try_after_a_decline_has_its_own_key(scene: Scene) -> None:
    gone = leaves(scene)
    with pytest.raises(AssertionError, match="declined"):
        pay_hosted_page(gone.url, DECLINED)
    later(scene, minutes=62)
    sweep(scene)
    add(gone.guest, gone.known)
    gone.guest.land(pay_hosted_page(leave(gone.guest)))
    keys = scene.rows("SELECT idempotency_key FROM attempts")
    assert len({row.idempotency_key for row in keys}) == 2
    assert posted(scene) == (1, 1, 1)
    all_is_told(scene)


@pytest.mark.parametrize("dollars", ["19.99", "8.29", "7.77", "1.18", "1.15", "5.57", "64.35", "1234.56"])
def test_case_36_cents_are_exact_from_the_form_to_the_card_and_the_books(scene: Scene, dollars: str) -> None:
    cents = int(dollars.replace(".", ""))
    guest, known = scene.guest(), scene.open("utility", 2000_00)
    add(guest, known, "Another amount", dollars)
    guest.land(pay_hosted_page(leave(guest)))
    charge = scene.sandbox.client().v1.charges.list({"limit": 1}).data[0]
    (paid,) = scene.rows("SELECT amount_cents, fee_cents FROM payments")
    assert (paid.amount_cents, charge.amount) == (cents, cents + paid.fee_cents)
    assert scene.balance(known) == known.owed - Money(cents)


def test_case_37_the_fee_has_its_own_line_and_the_bill_is_exactly_paid(scene: Scene) -> None:
    paid = pays(scene, 50_00)
    paid.guest.land(paid.back)
    (row,) = scene.rows("SELECT amount_cents, fee_cents FROM payments")
    assert row.amount_cents == 50_00
    assert row.fee_cents > 0, "the city of the test asks a fee"
    assert scene.balance(paid.known) == Money()
    lines = scene.sandbox.client().v1.checkout.sessions.line_items.list(paid.session_id).data
    assert [line.amount_total for line in lines][-1] == row.fee_cents


@pytest.mark.parametrize("text", ["Agua <Río>", 'City "X" \\ *', "ñandú", "12345", "", "'", "A" * 40, "漢字"])
def test_case_43_a_descriptor_can_never_make_every_charge_fail(text: str) -> None:
    suffix = descriptor_suffix(text)
    assert 1 <= len(suffix) <= 12
    assert not set(suffix) & set("<>\\'\"*")
    assert suffix.isascii()
    assert any(letter.isalpha() for letter in suffix)


def test_an_attempt_is_sent_again_with_the_very_same_bytes(scene: Scene) -> None:
    """A time or an amount worked out anew would be another request under the same key."""
    gone = leaves(scene)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET session_id = NULL, session_url = NULL, state = 'unknown'")
    scene.clock.advance(minutes=20)
    assert send(scene.wired.desk(), gone.attempt_id) == gone.url
    with reading(scene.sessions):
        assert exceptions(scene) == []
