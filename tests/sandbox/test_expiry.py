"""Sessions that end without payment: when their time is over, and when they are told to."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.sandbox.inbox import Inbox
from tests.sandbox.sessions import open_session
from tests.sandbox_server import Sandbox, pay_hosted_page


def told_of(sandbox: Sandbox, kind: str) -> list[Any]:
    """The events of a type."""
    return sandbox.client().v1.events.list({"type": kind}).data


def test_session_expires_when_its_time_is_over(sandbox: Sandbox, inbox: Inbox) -> None:
    chosen = open_session(sandbox, expires_at=sandbox.now() + 1_860)
    default = open_session(sandbox)
    sandbox.advance(minutes=30)
    assert told_of(sandbox, "checkout.session.expired") == []
    sandbox.advance(minutes=2)
    (event,) = told_of(sandbox, "checkout.session.expired")
    assert event.data.object["id"] == chosen.id
    assert event.created == chosen.expires_at
    assert inbox.wait_for("checkout.session.expired")["id"] == event.id
    sessions = sandbox.client().v1.checkout.sessions
    assert (sessions.retrieve(chosen.id).status, sessions.retrieve(chosen.id).url) == ("expired", None)
    assert sessions.retrieve(default.id).status == "open"
    sandbox.advance(days=1)
    assert sessions.retrieve(default.id).status == "expired"


def test_declined_intent_ends_with_its_session(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    with pytest.raises(AssertionError):
        pay_hosted_page(session.url, "4000000000000002")
    sandbox.advance(days=2)
    found = sandbox.client().v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_status) == ("expired", "unpaid")
    assert found.payment_intent.status == "canceled"
    assert len(told_of(sandbox, "payment_intent.canceled")) == 1


def test_complete_session_is_not_expired(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    pay_hosted_page(session.url)
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`") as refusal:
        sandbox.client().v1.checkout.sessions.expire(session.id)
    assert refusal.value.http_status == 400
    sandbox.advance(days=2)
    found = sandbox.client().v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "paid")
    assert told_of(sandbox, "checkout.session.expired") == []


def test_expired_session_is_not_expired_again(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    sandbox.client().v1.checkout.sessions.expire(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        sandbox.client().v1.checkout.sessions.expire(session.id)
    sandbox.advance(days=2)
    assert len(told_of(sandbox, "checkout.session.expired")) == 1


def test_unknown_session(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.client().v1.checkout.sessions.expire("cs_test_none")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_authentication_that_comes_too_late(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    with pytest.raises(AssertionError):
        pay_hosted_page(session.url, "4000002760003184", authenticate=False)
    sandbox.advance(days=2)
    with pytest.raises(AssertionError):
        pay_hosted_page(session.url, "4000002760003184")
    assert sandbox.charges_by_attempt() == {}
