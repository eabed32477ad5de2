"""The calls that the portal makes, as it makes them, said with the ``stripe`` library alone.

These tests run against the sandbox. With ``STRIPE_TEST_KEY`` set they run against Stripe's test mode instead.
They have not been run there. What a person does on the hosted page cannot be done here, so a completed session
is tried with the sandbox only (``tests/sandbox``).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.contract.asking import bill, eventually, pay, portal_params, session_params, unique
from tests.sandbox_server import Sandbox

HOUR = 3_600
SECRETS = ("whsec_old", "whsec_new")
Now = Callable[[], int]


def attempt() -> str:
    """An attempt's id."""
    return unique().upper()


def test_page_is_opened_once_and_read_again(client: stripe.StripeClient, now: Now) -> None:
    mine = attempt()
    asked, key = portal_params(mine, now() + HOUR), {"idempotency_key": unique()}
    session = client.v1.checkout.sessions.create(asked, key)
    assert (session.status, session.payment_status, session.currency) == ("open", "unpaid", "usd")
    assert (session.amount_total, session.expires_at) == (12_690, asked["expires_at"])
    assert (session.livemode, session.client_reference_id) == (False, mine)
    assert client.v1.checkout.sessions.create(asked, key).id == session.id
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert found.url == session.url
    assert found.metadata
    assert found.metadata.to_dict() == {"env": "contract", "attempt_id": mine, "channel": "guest"}
    assert found.payment_intent is None  # made when somebody pays
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create({**asked, "expires_at": asked["expires_at"] + 60}, key)


def test_page_is_closed_once(client: stripe.StripeClient, now: Now) -> None:
    session = client.v1.checkout.sessions.create(portal_params(attempt(), now() + HOUR))
    key = {"idempotency_key": unique()}
    assert client.v1.checkout.sessions.expire(session.id, None, key).status == "expired"
    assert client.v1.checkout.sessions.expire(session.id, None, key).status == "expired"  # the saved answer
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.expire(session.id)
    assert refusal.value.http_status == 400
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    found = eventually(lambda: _told_of(client, "checkout.session.expired", session.created, session.id))
    assert len(found) == 1


def _told_of(client: stripe.StripeClient, kind: str, since: int, subject: str) -> list[Any]:
    listed = client.v1.events.list({"types": [kind], "created": {"gte": since}, "limit": 100})
    return [event for event in listed.auto_paging_iter() if event.data.object["id"] == subject]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"succes_url": "https://example.com"}, "succes_url"),
        ({"payment_intent_data": {"metdata": "x"}}, "payment_intent_data[metdata]"),
        ({"ui_mode": "popup"}, "ui_mode"),
        ({"line_items": [bill(cents=12), bill(cents=30)]}, None),
        ({"payment_intent_data": {"statement_descriptor_suffix": "BILL <7>"}}, None),
        ({"expires_at": 1}, "expires_at"),
        ({"metadata": {"a": "x" * 501}}, None),
    ],
)
def test_refused_page(client: stripe.StripeClient, now: Now, changes: dict[str, Any], param: str | None) -> None:
    mine, since = attempt(), now()
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create({**portal_params(mine, since + HOUR), **changes})
    assert refusal.value.http_status == 400
    assert param is None or refusal.value.param == param
    listed = client.v1.checkout.sessions.list({"created": {"gte": since - 60}, "limit": 100})
    assert mine not in [one.client_reference_id for one in listed.auto_paging_iter()]


def test_page_is_found_by_its_time(client: stripe.StripeClient, now: Now) -> None:
    mine = attempt()
    session = client.v1.checkout.sessions.create(portal_params(mine, now() + HOUR))
    for _ in range(2):
        client.v1.checkout.sessions.create(session_params())
    window = {"gte": session.created - 1, "lt": session.created + 60}
    for size in (1, 100):
        listed = client.v1.checkout.sessions.list({"created": window, "limit": size})  # type: ignore[typeddict-item]
        found = [one.id for one in listed.auto_paging_iter() if one.client_reference_id == mine]
        assert found == [session.id]
    before = client.v1.checkout.sessions.list({"created": {"lt": session.created - 1}, "limit": 100})
    assert session.id not in [one.id for one in before.data]
    client.v1.checkout.sessions.expire(session.id)
    for status, there in (("open", False), ("expired", True)):
        listed = client.v1.checkout.sessions.list({"created": window, "status": status, "limit": 100})  # type: ignore[typeddict-item]
        assert (session.id in [one.id for one in listed.auto_paging_iter()]) == there


def test_payment_is_found_by_its_time(client: stripe.StripeClient) -> None:
    mine = attempt()
    intent = pay(client, metadata={"env": "contract", "attempt_id": mine})
    window = {"gte": intent.created, "lt": intent.created + 1}
    listed = client.v1.payment_intents.list({"created": window, "limit": 100})  # type: ignore[typeddict-item]
    (found,) = [one for one in listed.auto_paging_iter() if one.metadata["attempt_id"] == mine]
    assert (found.id, found.status, found.amount_received, found.currency) == (intent.id, "succeeded", 5_000, "usd")
    assert client.v1.payment_intents.retrieve(intent.id).latest_charge == intent.latest_charge


def test_events_are_read_page_by_page(client: stripe.StripeClient) -> None:
    first = pay(client, 501)
    others = [pay(client, 502 + step).id for step in range(2)]
    kinds = ["payment_intent.succeeded", "checkout.session.completed"]
    asked = {"types": kinds, "created": {"gte": first.created}, "limit": 1}

    def succeeded() -> list[str]:
        listed = client.v1.events.list(asked)  # type: ignore[arg-type]
        events = list(listed.auto_paging_iter())
        assert {event.type for event in events} <= set(kinds)
        assert [event.created for event in events] == sorted((event.created for event in events), reverse=True)
        ids = [event.data.object["id"] for event in events]
        return ids if {first.id, *others} <= set(ids) else []

    assert len(eventually(succeeded)) >= 3
    newest = client.v1.events.list(asked).data[0]  # type: ignore[arg-type]
    older = client.v1.events.list({"types": kinds, "limit": 1, "starting_after": newest.id}).data[0]
    back = client.v1.events.list({"types": kinds, "limit": 1, "ending_before": older.id}).data[0]
    assert back.id == newest.id
    assert client.v1.events.retrieve(newest.id).data.object["id"] == newest.data.object["id"]


def test_refund_is_made_once(client: stripe.StripeClient) -> None:
    intent, key = pay(client), {"idempotency_key": unique()}
    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_000}, key)
    assert client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_000}, key).id == first.id
    assert [one.id for one in client.v1.refunds.list({"payment_intent": intent.id}).data] == [first.id]


def test_endpoint_shows_its_secret_once(client: stripe.StripeClient) -> None:
    endpoints = client.v1.webhook_endpoints
    made = endpoints.create({"url": "https://example.com/hook", "enabled_events": ["checkout.session.completed"]})
    try:
        assert str(made.secret).startswith("whsec_")
        assert "secret" not in endpoints.retrieve(made.id).to_dict()
        assert made.id in [one.id for one in endpoints.list({"limit": 100}).auto_paging_iter()]
        assert endpoints.update(made.id, {"disabled": True}).status == "disabled"
    finally:
        assert endpoints.delete(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        endpoints.retrieve(made.id)
    assert refusal.value.http_status == 404


def test_signature_with_either_secret_in_time_and_untouched() -> None:
    body, stamp = '{"id": "evt_1", "object": "event"}', int(time.time())
    headers = [stripe.WebhookSignature.generate_signature_header(body, secret, stamp) for secret in SECRETS]
    both = f"{headers[0]},{headers[1].split(',')[1]}"
    for secret in SECRETS:
        assert stripe.WebhookSignature.verify_header(body, both, secret, 300)
    old = stripe.WebhookSignature.generate_signature_header(body, SECRETS[0], stamp - 600)
    for text, header, secret in ((body, old, SECRETS[0]), (body + " ", both, SECRETS[0]), (body, both, "whsec_x")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(text, header, secret, 300)


def test_reachable(client: stripe.StripeClient) -> None:
    assert client.v1.balance.retrieve().livemode is False


def test_payout_is_the_sum_of_its_movements(client: stripe.StripeClient, local: Sandbox | None) -> None:
    if local:  # at Stripe only time makes a payout
        pay(client, 12_345)
        local.advance(days=5)
    paid = client.v1.payouts.list({"status": "paid", "limit": 100}).data
    if not (automatic := [one for one in paid if one.automatic]):
        pytest.skip("This account has had no automatic payout yet.")
    payout = client.v1.payouts.retrieve(automatic[0].id)
    asked = {"payout": payout.id, "limit": 100, "expand": ["data.source"]}
    entries = list(client.v1.balance_transactions.list(asked).auto_paging_iter())  # type: ignore[arg-type]
    assert sum(entry.net for entry in entries if entry.type != "payout") == payout.amount
    assert all(entry.net == entry.amount - entry.fee for entry in entries)
    assert [entry.source.id for entry in entries if entry.type == "payout"] == [payout.id]
