"""What one who asks later finds: lists by time, state and owner, events of the past, and endpoints."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.sandbox.inbox import Inbox
from tests.sandbox.sessions import open_session
from tests.sandbox_server import Sandbox, pay_hosted_page


def ids(page: Any) -> list[str]:
    """What a page lists."""
    return [one.id for one in page.data]


def test_sessions_by_time_state_customer_and_intent(sandbox: Sandbox) -> None:
    client = sandbox.client()
    customer = client.v1.customers.create({})
    first = open_session(sandbox, customer=customer.id)
    sandbox.advance(hours=1)
    second = open_session(sandbox, expires_at=sandbox.now() + 3_600)
    pay_hosted_page(first.url)
    sessions = client.v1.checkout.sessions
    assert ids(sessions.list()) == [second.id, first.id]
    assert ids(sessions.list({"created": {"gte": second.created}})) == [second.id]
    assert ids(sessions.list({"created": {"gte": first.created, "lt": second.created}})) == [first.id]
    assert ids(sessions.list({"created": first.created})) == [first.id]
    assert ids(sessions.list({"customer": customer.id})) == [first.id]
    assert ids(sessions.list({"status": "open"})) == [second.id]
    intent = sessions.retrieve(first.id).payment_intent
    assert ids(sessions.list({"payment_intent": str(intent)})) == [first.id]
    sandbox.advance(hours=2)
    assert ids(sessions.list({"status": "expired"})) == [second.id]
    expanded = sessions.list({"status": "complete", "expand": ["data.payment_intent"]})
    assert expanded.data[0].payment_intent.status == "succeeded"


def test_intents_by_time(sandbox: Sandbox) -> None:
    intents = sandbox.client().v1.payment_intents
    first = intents.create({"amount": 500, "currency": "usd"})
    sandbox.advance(days=1)
    second = intents.create({"amount": 600, "currency": "usd"})
    window = {"gte": first.created, "lt": second.created}
    assert ids(intents.list({"created": window})) == [first.id]  # type: ignore[typeddict-item]
    assert ids(intents.list({"created": {"gt": first.created}})) == [second.id]


def test_a_page_has_a_hundred_at_most(sandbox: Sandbox) -> None:
    client = sandbox.client()
    made = [client.v1.customers.create({}).id for _ in range(103)]
    page = client.v1.events.list({"limit": 100, "types": ["customer.created"]})
    assert (len(page.data), page.has_more) == (100, True)
    rest = client.v1.events.list({"limit": 100, "starting_after": page.data[-1].id})
    assert (len(rest.data), rest.has_more) == (3, False)
    back = client.v1.events.list({"limit": 2, "ending_before": rest.data[0].id})
    assert (ids(back), back.has_more) == (ids(page)[-2:], True)
    told = [event.data.object["id"] for event in page.auto_paging_iter()]
    assert told == made[::-1]
    for limit in (0, 101):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.events.list({"limit": limit})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.events.list({"starting_after": "evt_nothing"})
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "starting_after")


def test_events_by_type_and_time(sandbox: Sandbox) -> None:
    client = sandbox.client()
    pay_hosted_page(open_session(sandbox).url)
    sandbox.advance(hours=1)
    since = sandbox.now()
    client.v1.checkout.sessions.expire(open_session(sandbox).id)
    wanted = ["checkout.session.completed", "checkout.session.expired"]
    events = client.v1.events
    assert [one.type for one in events.list({"types": wanted}).data] == wanted[::-1]
    assert [one.type for one in events.list({"types": wanted, "created": {"gte": since}}).data] == wanted[1:]
    assert [one.type for one in events.list({"type": "checkout.session.*"}).data] == wanted[::-1]
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        events.list({"type": "charge.succeeded", "types": wanted})
    with pytest.raises(stripe.InvalidRequestError, match="at most 20"):
        events.list({"types": ["charge.succeeded"] * 21})


def test_events_are_kept_for_thirty_days(sandbox: Sandbox) -> None:
    client = sandbox.client()
    client.v1.customers.create({})
    (event,) = client.v1.events.list().data
    sandbox.advance(days=29)
    assert client.v1.events.retrieve(event.id).id == event.id
    sandbox.advance(days=2)
    assert client.v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.events.retrieve(event.id)
    assert refusal.value.http_status == 404


def test_events_that_did_not_arrive(sandbox: Sandbox, inbox: Inbox) -> None:
    client = sandbox.client()
    client.v1.customers.create({})
    inbox.wait_until(lambda: sandbox.deliveries()[0]["state"] == "delivered")
    sandbox.webhook_mode("drop")
    lost = client.v1.customers.create({})
    missed = client.v1.events.list({"delivery_success": False}).data
    assert [event.data.object["id"] for event in missed] == [lost.id]
    assert len(client.v1.events.list({"delivery_success": True}).data) == 1


def test_life_of_an_endpoint(sandbox: Sandbox, inbox: Inbox) -> None:
    endpoints = sandbox.client().v1.webhook_endpoints
    made = endpoints.create(
        {"url": inbox.url, "enabled_events": ["refund.created"], "description": "One", "metadata": {"a": "1"}}
    )
    assert (made.status, made.livemode, made.enabled_events) == ("enabled", False, ["refund.created"])
    assert "secret" not in endpoints.retrieve(made.id).to_dict()
    changed = endpoints.update(made.id, {"enabled_events": ["*"], "disabled": True, "metadata": {"a": ""}})
    assert (changed.status, changed.enabled_events, changed.metadata.to_dict()) == ("disabled", ["*"], {})
    assert ids(endpoints.list({"limit": 1})) == [made.id]
    assert endpoints.delete(made.id).deleted is True
    for ask in (endpoints.retrieve, endpoints.delete):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            ask(made.id)
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError):
        endpoints.create({"url": inbox.url, "enabled_events": ["no.such.event"]})  # type: ignore[list-item]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        endpoints.create({"url": inbox.url, "enabled_events": ["*"], "api_version": "2022-11-15"})
    assert refusal.value.code == "sandbox_unsupported"


def test_endpoint_that_is_off_gets_nothing_until_it_is_on(sandbox: Sandbox, inbox: Inbox) -> None:
    client = sandbox.client()
    (configured,) = client.v1.webhook_endpoints.list().data
    sandbox.webhook_mode("hold")
    client.v1.customers.create({})
    client.v1.webhook_endpoints.update(configured.id, {"disabled": True})
    sandbox.release_webhooks()
    assert (inbox.mails, sandbox.deliveries()[0]["last_answer"]) == ([], "endpoint disabled")
    client.v1.webhook_endpoints.update(configured.id, {"disabled": False})
    sandbox.advance(hours=1)
    inbox.wait_for("customer.created")
