"""Webhooks as they arrive: signed, in order, again after a failure, and late or never where told so."""

from __future__ import annotations

import pytest
import stripe

from tests.sandbox.inbox import Inbox
from tests.sandbox.sessions import open_session
from tests.sandbox_server import WEBHOOK_SECRET, Sandbox, pay_hosted_page


def test_events_are_signed_and_complete(sandbox: Sandbox, inbox: Inbox) -> None:
    session = open_session(sandbox)
    pay_hosted_page(session.url)
    event = inbox.wait_for("checkout.session.completed")
    assert inbox.types() == [
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
    inbox.wait_for("checkout.session.expired")
    inbox.status = 200
    sandbox.advance(hours=1)
    sandbox.deliver_webhooks()
    inbox.wait_until(lambda: sandbox.deliveries()[0]["state"] == "delivered")
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
    inbox.wait_for("checkout.session.completed")


@pytest.mark.parametrize(("mode", "times"), [("duplicate", 2), ("drop", 0)])
def test_twice_or_never(sandbox: Sandbox, inbox: Inbox, mode: str, times: int) -> None:
    sandbox.webhook_mode(mode)
    sandbox.client().v1.customers.create({})
    sandbox.deliver_webhooks()
    inbox.wait_until(lambda: len(inbox.mails) >= times)
    assert inbox.types() == ["customer.created"] * times
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
    inbox.wait_for("refund.created")
    assert inbox.types() == ["refund.created"]
