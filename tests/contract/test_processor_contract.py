"""What we rely on the processor for, said with the ``stripe`` library alone.

These tests run against the sandbox. With ``STRIPE_TEST_KEY`` set they run against Stripe's test mode instead.
They have not been run there: what they say of Stripe is what its documents say.
"""

from __future__ import annotations

import time

import pytest
import stripe

from tests.contract.asking import RETURN, bill, pay, session_params, unique


def test_customer_metadata_is_merged(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "a@example.com", "metadata": {"a": "1", "b": "2"}})
    client.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    assert client.v1.customers.retrieve(customer.id).metadata.to_dict() == {"a": "1", "c": "3"}


def test_session_opens_with_a_page(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(
        session_params(
            line_items=[bill(), bill("Service fee", 345)],
            client_reference_id="01ATTEMPT",
            locale="es-419",
            metadata={"attempt_id": "01ATTEMPT"},
        )
    )
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert session.amount_total == 12_690
    assert session.url
    assert session.ui_mode == "hosted_page"
    items = client.v1.checkout.sessions.line_items.list(session.id)
    assert [item.amount_total for item in items.data] == [12_345, 345]


def test_session_expires_once(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params())
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(session.id)


@pytest.mark.parametrize("seconds", [60, 90_000])
def test_session_lives_between_half_an_hour_and_a_day(client: stripe.StripeClient, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(session_params(expires_at=int(time.time()) + seconds))
    assert refusal.value.param == "expires_at"


def test_setup_session_needs_no_payment(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "usd", "customer": customer.id, "success_url": RETURN}
    )
    assert session.payment_status == "no_payment_required"


def test_payment_has_a_fee_and_a_net(client: stripe.StripeClient) -> None:
    intent = pay(client, 10_000, expand=["latest_charge.balance_transaction"])
    entry = intent.latest_charge.balance_transaction
    assert intent.status == "succeeded"
    assert (entry.amount, entry.fee, entry.net) == (10_000, 320, 9_680)
    assert sum(detail.amount for detail in entry.fee_details) == entry.fee


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_decline(client: stripe.StripeClient, card: str, code: str, decline_code: str | None) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, card=card)
    error = refusal.value.error
    assert refusal.value.code == code
    assert error
    assert error.payment_intent
    assert error.payment_intent.status == "requires_payment_method"
    assert decline_code is None or error.decline_code == decline_code


def test_declined_intent_can_still_be_paid(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, card="pm_card_visa_chargeDeclined")
    assert refusal.value.error
    assert refusal.value.error.payment_intent
    intent_id = refusal.value.error.payment_intent.id
    paid = client.v1.payment_intents.confirm(intent_id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_off_session_card_that_wants_its_owner(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    method = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, card=method.id, customer=customer.id, off_session=True)
    assert refusal.value.code == "authentication_required"


def test_on_session_card_that_wants_its_owner(client: stripe.StripeClient) -> None:
    intent = pay(
        client,
        card="pm_card_threeDSecure2Required",
        return_url="https://example.com/return",
        automatic_payment_methods={"enabled": True},
    )
    assert intent.status == "requires_action"
    assert intent.next_action.type == "redirect_to_url"


def test_kept_card_pays_off_session(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    setup = client.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "payment_method_types": ["card"],
        }
    )
    assert setup.status == "succeeded"
    (kept,) = client.v1.customers.payment_methods.list(customer.id).data
    assert pay(client, card=kept.id, customer=customer.id, off_session=True).status == "succeeded"
    client.v1.payment_methods.detach(kept.id)
    with pytest.raises(stripe.InvalidRequestError):
        pay(client, card=kept.id, customer=customer.id, off_session=True)


def test_refund_in_parts_and_never_more(client: stripe.StripeClient) -> None:
    intent = pay(client, 5_000)
    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 2_000})
    assert first.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    client.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_already_refunded"
    charge = client.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, len(charge.refunds.data)) == (5_000, True, 2)


def test_same_key_same_answer(client: stripe.StripeClient) -> None:
    key = {"idempotency_key": unique()}
    first = client.v1.checkout.sessions.create(session_params(), key)
    again = client.v1.checkout.sessions.create(session_params(), key)
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"


def test_same_key_other_parameters_or_endpoint(client: stripe.StripeClient) -> None:
    key = {"idempotency_key": unique()}
    client.v1.customers.create({"name": "Ana"}, key)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "Eva"}, key)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(session_params(), key)


def test_decline_is_replayed(client: stripe.StripeClient) -> None:
    params = {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True}
    params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    key, seen = {"idempotency_key": unique()}, []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            client.v1.payment_intents.create(params, key)
        assert refusal.value.error
        seen.append(refusal.value.error.charge)
    assert seen[0] == seen[1]


def test_validation_error_is_not_kept(client: stripe.StripeClient) -> None:
    key = {"idempotency_key": unique()}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"amount": "ten", "charge": "ch_none"}, key)  # type: ignore[typeddict-item]
    customer = client.v1.customers.create({}, key)
    assert customer.id.startswith("cus_")


def test_unknown_parameter_and_wrong_type(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.customers.create({"e_mail": "a@example.com"})  # type: ignore[typeddict-unknown-key]
    assert (refusal.value.code, refusal.value.param) == ("parameter_unknown", "e_mail")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create({"amount": 12.5, "currency": "usd"})  # type: ignore[typeddict-item]
    assert refusal.value.code == "parameter_invalid_integer"


def test_unknown_id(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.retrieve("pi_nothing")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_small_amounts_and_bad_descriptors(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay(client, 49)
    assert refusal.value.code == "amount_too_small"
    with pytest.raises(stripe.InvalidRequestError):
        pay(client, statement_descriptor_suffix="BILL <7>")


def test_pages_of_a_list(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    made = [pay(client, 100 + step, customer=customer.id).id for step in range(5)]
    first = client.v1.payment_intents.list({"customer": customer.id, "limit": 2})
    assert ([one.id for one in first.data], first.has_more) == (made[:2:-1], True)
    everything = [one.id for one in first.auto_paging_iter()]
    assert everything == made[::-1]
    newest = client.v1.payment_intents.retrieve(made[-1]).created
    assert client.v1.payment_intents.list({"customer": customer.id, "created": {"gt": newest}}).data == []


def test_events_tell_what_happened(client: stripe.StripeClient) -> None:
    intent = pay(client)
    listed = client.v1.events.list({"type": "payment_intent.succeeded", "limit": 20})
    (event,) = [one for one in listed.data if one.data.object["id"] == intent.id]
    assert event.api_version == "2026-08-26.dahlia"
    assert event.livemode is False


def test_cancel_an_open_intent(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 900, "currency": "usd"})
    assert client.v1.payment_intents.cancel(intent.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_live_and_missing_keys_are_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list(options={"api_key": "sk_live_nothing"})
