"""Coming back from the processor's page: the truth is asked for, posted once, and told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.database import reading
from accounts.money import Money
from payments.attempts.queries import promise
from payments.attempts.rules import State
from payments.gateway.base import Truth
from payments.settlements.service import record_truth, settle
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, add, leave
from tests.sandbox_server import pay_hosted_page

THREE_D_SECURE, DECLINED, POOR = "4000002760003184", "4000000000000002", "4000000000009995"


def leaving(scene: Scene, *cents: int) -> tuple[PageClient, Known, str]:
    """A person on the processor's page with a bill."""
    guest, known = scene.guest(), scene.open("utility", *(cents or (50_00,)))
    add(guest, known)
    return guest, known, leave(guest, "ana@example.com")


def attempt_of(scene: Scene) -> Any:
    (row,) = scene.rows("SELECT id, state, token, session_id FROM attempts")
    return row


def nothing_posted(scene: Scene) -> bool:
    return scene.scalar("SELECT count(*) FROM payments") == 0 and scene.scalar("SELECT count(*) FROM receipts") == 0


def test_a_paid_bill_is_posted_receipted_and_the_basket_is_empty(scene: Scene) -> None:
    guest, known, url = leaving(scene)
    page = guest.land(pay_hosted_page(url))
    assert page.heading.startswith("Receipt W")
    assert "Visa ending in 4242" in page.text
    assert scene.balance(known) == Money(0)
    assert [fact for fact, _ in scene.facts()] == ["receipt_issued"]
    assert guest.get("/basket").heading == "Your basket is empty"
    assert scene.run_jobs() == ["receipt_issued"]
    assert scene.outbox.mails[0]["To"] == "ana@example.com"


def test_the_back_button_after_paying_shows_the_receipt_and_charges_nothing(scene: Scene) -> None:
    guest, _, url = leaving(scene)
    back = pay_hosted_page(url)
    first = guest.land(back)
    assert guest.land(back).path == first.path
    assert guest.land(f"/payments/{attempt_of(scene).token}/canceled").path == first.path
    assert scene.scalar("SELECT count(*) FROM payments") == 1


def test_an_older_payments_link_leaves_the_next_basket_alone(scene: Scene) -> None:
    guest, _, url = leaving(scene)
    guest.land(pay_hosted_page(url))
    add(guest, scene.open("license", 80_00))
    guest.land(f"/payments/{attempt_of(scene).token}")
    assert guest.get("/basket").amounts[0] == "$80.00"


@pytest.mark.parametrize("card", [DECLINED, POOR])
def test_a_declined_card_may_be_followed_by_a_good_one_on_the_same_page(scene: Scene, card: str) -> None:
    guest, _, url = leaving(scene)
    with pytest.raises(AssertionError):
        pay_hosted_page(url, card)
    page = guest.land(f"/payments/{attempt_of(scene).token}")
    assert page.heading == "Your payment is not completed"
    assert nothing_posted(scene)
    assert guest.land(pay_hosted_page(url)).heading.startswith("Receipt")
    assert scene.sandbox.charges_by_attempt()[attempt_of(scene).id] == 1


def test_a_card_that_its_bank_asks_about_pays_when_the_person_confirms(scene: Scene) -> None:
    guest, _, url = leaving(scene)
    with pytest.raises(AssertionError):
        pay_hosted_page(url, THREE_D_SECURE, authenticate=False)
    assert guest.land(f"/payments/{attempt_of(scene).token}").heading == "Your payment is not completed"
    assert guest.land(pay_hosted_page(url, THREE_D_SECURE)).heading.startswith("Receipt")


def test_coming_back_without_paying_posts_nothing_and_goes_on_where_one_stopped(scene: Scene) -> None:
    guest, known, url = leaving(scene)
    token = attempt_of(scene).token
    page = guest.land(f"/payments/{token}/return?session_id={attempt_of(scene).session_id}")
    assert page.heading == "Your payment is not completed"
    assert nothing_posted(scene)
    assert guest.submit("Go on with this payment", budget=30).location == url
    assert scene.balance(known) == known.owed


def test_the_session_in_the_address_is_not_believed(scene: Scene) -> None:
    payer, _, url = leaving(scene)
    payer.land(pay_hosted_page(url))
    paid = attempt_of(scene)
    liar, known, _ = leaving(scene)
    mine = scene.rows("SELECT token FROM attempts WHERE id <> :id", id=paid.id)[0].token
    for session_id in (paid.session_id, "cs_test_invented", "{CHECKOUT_SESSION_ID}", ""):
        page = liar.land(f"/payments/{mine}/return?session_id={session_id}")
        assert page.heading == "Your payment is not completed"
    assert scene.balance(known) == known.owed
    assert scene.scalar("SELECT count(*) FROM payments") == 1


def test_the_return_works_without_a_cookie_and_in_the_payments_language(scene: Scene) -> None:
    guest = scene.guest(lang="es")
    known = scene.open("utility", 50_00, name="Guadalupe Hernández")
    guest.get("/pay")
    with guest.browser.session_transaction() as session:
        session["proven"] = {known.reference: known.id}
    guest.get(f"/accounts/{known.reference}")
    guest.submit("Continuar")
    guest.follow()
    button = guest.page.soup.select("main form button")[-1].get_text()  # type: ignore[union-attr]
    back = pay_hosted_page(guest.submit(button, budget=30).location)
    elsewhere = scene.guest("198.51.100.77")
    page = elsewhere.land(back, reads="es")
    assert page.heading.startswith("Recibo")
    for secret in ("Guadalupe", "Hernández", "Elm", "ana@example.com"):
        assert secret not in page.html


def test_a_page_that_was_left_tells_that_nothing_was_charged(scene: Scene) -> None:
    guest, _, url = leaving(scene)
    page = guest.get(f"/payments/{attempt_of(scene).token}/canceled")
    assert page.heading == "You left the payment page"
    assert guest.submit("Go on with this payment", budget=30).location == url


def test_an_expired_page_is_told_and_a_new_one_can_be_opened(scene: Scene) -> None:
    guest, _, url = leaving(scene)
    scene.sandbox.client().v1.checkout.sessions.expire(attempt_of(scene).session_id)
    page = guest.land(f"/payments/{attempt_of(scene).token}")
    assert page.heading == "Nothing was paid"
    assert scene.scalar("SELECT count(*) FROM pending_payments") == 0
    answer = guest.post(f"/payments/{attempt_of(scene).token}/resume", _token(guest), expect=303, budget=30)
    assert answer.location == f"/payments/{attempt_of(scene).token}"
    assert leave(guest) != url


def _token(guest: PageClient) -> dict[str, str]:
    """A form's CSRF token, from the basket's page."""
    return {"csrf_token": guest.get("/basket").soup.select_one('input[name="csrf_token"]')["value"]}  # type: ignore[index, dict-item]


def test_money_for_a_bill_that_somebody_paid_meanwhile_is_credit_and_named(scene: Scene) -> None:
    guest, known, url = leaving(scene)
    second = scene.guest("198.51.100.4")
    add(second, known)
    other = leave(second)
    guest.land(pay_hosted_page(url))
    page = second.land(pay_hosted_page(other))
    assert "Credit for later charges" in page.text
    assert scene.scalar("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=known.id) == 50_00
    (line,) = scene.rows("SELECT kind, evidence, customer_account_id FROM exception_lines")
    assert (line.kind, line.customer_account_id) == ("second-payment", known.id)
    assert line.evidence["paid_cents"] == 50_00


def test_more_than_the_balance_stays_as_credit_without_a_surprise(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known, "Another amount", "75")
    guest.land(pay_hosted_page(leave(guest)))
    assert scene.scalar("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=known.id) == 25_00
    assert scene.scalar("SELECT count(*) FROM exception_lines") == 0


def test_paying_current_charges_leaves_the_older_ones(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00, 20_00, past_due=(30_00,))
    add(guest, known, "Only what is not yet due")
    guest.land(pay_hosted_page(leave(guest)))
    left = scene.rows("SELECT open_cents FROM charges WHERE customer_account_id = :id ORDER BY due_on", id=known.id)
    assert [row.open_cents for row in left] == [30_00, 0, 0]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"amount": Money(1_00)}, "amount-mismatch"),
        ({"currency": "mxn"}, "wrong-currency"),
        ({"currency": "mxn", "amount": Money(1_00)}, "wrong-currency"),
        ({"attempt_id": "pa_SOMEBODYELSE"}, "wrong-owner"),
        ({"environment": "production"}, "wrong-owner"),
        ({"livemode": True}, "wrong-owner"),
    ],
)
def test_money_that_is_not_what_was_promised_is_kept_for_a_person_to_look_at(
    scene: Scene, wrong: dict[str, Any], kind: str
) -> None:
    _, known, url = leaving(scene)
    pay_hosted_page(url)
    attempt, desk = attempt_of(scene), scene.wired.desk()
    with reading(scene.sessions) as session:
        promised = promise(session, attempt.id, desk.environment, livemode=desk.livemode)
    assert promised is not None
    truth: Truth = replace(desk.gateway.truth(attempt.session_id), **wrong)
    assert record_truth(desk, promised, truth) is State.UNKNOWN
    assert record_truth(desk, promised, truth) is State.UNKNOWN
    assert nothing_posted(scene)
    (line,) = scene.rows("SELECT kind, subject, evidence FROM exception_lines")
    assert (line.kind, line.subject) == (kind, truth.payment_intent_id)
    assert line.evidence["attempt"] == attempt.id
    assert scene.balance(known) == known.owed
    assert settle(desk, attempt.id) is State.SUCCEEDED, "the true word still posts"


def test_money_that_comes_after_a_page_was_given_up_is_posted_and_marked_as_forced(scene: Scene) -> None:
    _, known, url = leaving(scene)
    pay_hosted_page(url)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET state = 'expired'")
        connection.exec_driver_sql("DELETE FROM pending_payments")
    assert settle(scene.wired.desk(), attempt_of(scene).id) is State.SUCCEEDED
    assert scene.scalar("SELECT forced FROM attempt_events WHERE new_state = 'succeeded'") is True
    assert scene.balance(known) == Money(0)


@pytest.mark.parametrize("path", ["", "/return", "/canceled"])
def test_a_link_that_we_never_gave_is_not_found(scene: Scene, path: str) -> None:
    scene.guest().get(f"/payments/nobodys{path}", expect=404)
