"""Stripe's own command line and Node library against the sandbox: clients that share no code with ours.

They always talk to the sandbox, never to Stripe; `make clients` installs them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import signing
from tests.contract.other_clients import trigger, witness
from tests.sandbox.inbox import Inbox, open_inbox
from tests.sandbox_server import KEY, WEBHOOK_SECRET, Sandbox, running_sandbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as box:
        yield box


@pytest.fixture
def sandbox(tmp_path: Path, inbox: Inbox) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, webhook_url=inbox.url) as running:
        yield running
        assert running.violations() == []


def test_command_line_triggers(sandbox: Sandbox, inbox: Inbox, tmp_path: Path) -> None:
    wanted = [
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "charge.refunded",
        "setup_intent.succeeded",
        "customer.updated",
    ]
    for event in wanted:
        assert "Trigger succeeded!" in trigger(event, sandbox.url, tmp_path)
    sandbox.deliver_webhooks()
    for event in wanted:
        inbox.wait_for(event)


def test_node_library_pays_once(sandbox: Sandbox) -> None:
    found = witness("pay", url=sandbox.url, key=KEY)
    assert (found["status"], found["again"], found["replayed"]) == ("succeeded", found["first"], "true")
    assert (found["refusal"], found["listed"]) == ("StripeIdempotencyError", 1)
    assert sandbox.charges_by_attempt() == {"": 1}


def test_node_library_opens_and_expires_a_session(sandbox: Sandbox) -> None:
    found = witness("session", url=sandbox.url, key=KEY)
    assert (found["total"], found["expired"], found["refusal"]) == (1_250, "expired", "StripeInvalidRequestError")
    assert found["url"].startswith(f"{sandbox.url}/c/pay/cs_test_")


def test_node_library_reads_what_was_delivered(sandbox: Sandbox, inbox: Inbox) -> None:
    fresh = sandbox.roll_secret()
    sandbox.client().v1.customers.create({})
    event = inbox.wait_for("customer.created")
    body, header = inbox.mails[0]
    for secret in (WEBHOOK_SECRET, fresh):
        assert witness("read", payload=body.decode(), header=header, secret=secret)["id"] == event["id"]
    for payload, secret in ((body.decode() + " ", fresh), (body.decode(), "whsec_of_somebody_else")):
        refused = witness("read", payload=payload, header=header, secret=secret)
        assert refused == {"refusal": "StripeSignatureVerificationError"}


def test_node_library_signs_as_the_sandbox_does() -> None:
    payload, stamp = '{"id": "evt_1", "name": "María"}', int(time.time())
    signed = witness("sign", payload=payload, secret=WEBHOOK_SECRET, timestamp=stamp)["header"]
    assert signed == signing.header(payload.encode(), [WEBHOOK_SECRET], stamp)
