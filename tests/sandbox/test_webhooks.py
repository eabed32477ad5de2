"""Webhooks as they arrive: signed, in order, again after a failure, and late or never where told so."""

from __future__ import annotations

import json
import time

import pytest
import stripe

from tests.sandbox.conftest import Inbox
from tests.sandbox.sessions import open_session
from tests.sandbox_server import WEBHOOK_SECRET, Sandbox, pay_hosted_page


def wait_for(inbox: Inbox, kind: str) -> dict[str, object]:
    """The first event of a type, as soon as it is there."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for body, _ in list(inbox.mails):
            if json.loads(body)["type"] == kind:
                return dict(json.loads(body))
        time.sleep(0.02)
    raise AssertionError(f"{kind} did not come: {types(inbox)}")


def types(inbox: Inbox) -> list[str]:
    """What has come so far."""
    return [json.loads(body)["type"] for body, _ in inbox.mails]


def test_events_are_signed_and_complete(sandbox: Sandbox, inbox: Inbox) -> None:
    session = open_session(sandbox)
    pay_hosted_page(session.url)
    event = wait_for(inbox, "checkout.session.completed")
    assert types(inbox) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert (event["api_version"], event["livemode"]) == ("2026-08-26.dahlia", False)
    for body, header in inbox.mails:
        assert stripe.WebhookSignature.verify_header(body.decode(), header, WEBHOOK_SECRET, tolerance=300)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body.decode(), header, "whsec_other", tolerance=300)


def test_failed_delivery_is_tried_again(sandbox: Sandbox, inbox: Inbox) -> None:
    inbox.status = 500
    session = open_session(sandbox)
    sandbox.client().v1.checkout.sessions.expire(session.id)
    wait_for(inbox, "checkout.session.expired")
    inbox.status = 200
    sandbox.advance(hours=1)
    sandbox.deliver_webhooks()
    deadline = time.monotonic() + 5
    while sandbox.deliveries()[0]["state"] != "delivered" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sandbox.deliveries()[0]["tries"] >= 2
    assert sandbox.client().v1.events.list().data[0].pending_webhooks == 0


def test_delivery_is_given_up_after_three_days(sandbox: Sandbox, inbox: Inbox) -> None:
    inbox.status = 503
    sandbox.client().v1.customers.create({})
    for _ in range(30):
        sandbox.advance(hours=13)
        sandbox.deliver_webhooks()
    assert sandbox.deliveries()[0]["state"] == "failed"


def test_hold_and_release(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.webhook_mode("hold")
    pay_hosted_page(open_session(sandbox).url)
    assert sandbox.deliver_webhooks() == 0
    assert inbox.mails == []
    sandbox.release_webhooks()
    wait_for(inbox, "checkout.session.completed")


@pytest.mark.parametrize(("mode", "times"), [("duplicate", 2), ("drop", 0)])
def test_twice_or_never(sandbox: Sandbox, inbox: Inbox, mode: str, times: int) -> None:
    sandbox.webhook_mode(mode)
    sandbox.client().v1.customers.create({})
    sandbox.deliver_webhooks()
    deadline = time.monotonic() + 5
    while len(inbox.mails) < times and time.monotonic() < deadline:
        time.sleep(0.02)
    assert types(inbox) == ["customer.created"] * times
    assert [event.type for event in sandbox.client().v1.events.list().data] == ["customer.created"]


def test_endpoint_of_the_api_gets_what_it_asked_for(sandbox: Sandbox, inbox: Inbox) -> None:
    client = sandbox.client()
    (configured,) = client.v1.webhook_endpoints.list().data
    client.v1.webhook_endpoints.update(configured.id, {"disabled": True})
    made = client.v1.webhook_endpoints.create({"url": inbox.url, "enabled_events": ["refund.created"]})
    assert str(made.secret).startswith("whsec_")
    intent = client.v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    client.v1.refunds.create({"payment_intent": intent.id})
    wait_for(inbox, "refund.created")
    assert types(inbox) == ["refund.created"]
