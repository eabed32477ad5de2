"""Every way in which an event can travel, each with what is special about it."""

from __future__ import annotations

import threading
import time

import pytest
import requests
import stripe

from sandbox import courier
from sandbox.modes import MODES, OLD_VERSION, OTHER_ENVIRONMENT, UNKNOWN_TYPE, sentence
from tests.sandbox.inbox import Inbox
from tests.sandbox.sessions import open_session, params
from tests.sandbox_server import TIMEOUT, WEBHOOK_SECRET, Sandbox, pay_hosted_page

STORY = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def is_believed(mail: tuple[bytes, str]) -> bool:
    """Says whether Stripe's own check takes a request for genuine."""
    try:
        stripe.WebhookSignature.verify_header(mail[0].decode(), mail[1], WEBHOOK_SECRET, tolerance=300)
    except stripe.SignatureVerificationError:
        return False
    return True


def test_every_mode_has_a_sentence(sandbox: Sandbox) -> None:
    assert sandbox.get("/webhooks/modes").keys() == MODES.keys()
    for name in MODES:
        assert sentence(name).endswith(".")
        assert "\n" not in sentence(name)
    refused = requests.post(f"{sandbox.url}/_sim/webhooks/mode", json={"mode": "pigeon"}, timeout=TIMEOUT)
    assert refused.status_code == 400


@pytest.mark.parametrize("mode", ["reverse", "same_second"])
def test_newest_first(sandbox: Sandbox, inbox: Inbox, mode: str) -> None:
    sandbox.webhook_mode(mode)
    pay_hosted_page(open_session(sandbox).url)
    assert inbox.mails == []
    sandbox.advance(minutes=5)
    sandbox.client().v1.customers.create({})
    sandbox.webhook_mode("now")
    sandbox.release_webhooks()
    assert inbox.types() == ["customer.created", *STORY[::-1]]
    assert (len({event["created"] for event in inbox.events()}) == 1) == (mode == "same_second")


def test_same_second_is_what_the_list_says_too(sandbox: Sandbox) -> None:
    sandbox.webhook_mode("same_second")
    chosen_at = sandbox.now()
    sandbox.advance(minutes=5)
    sandbox.client().v1.customers.create({})
    (event,) = sandbox.client().v1.events.list().data
    assert event.created <= chosen_at


def test_held_in_their_order_beside_reversed(sandbox: Sandbox, inbox: Inbox) -> None:
    for mode in ("hold", "reverse"):
        sandbox.webhook_mode(mode)
        pay_hosted_page(open_session(sandbox).url)
    sandbox.release_webhooks()
    assert inbox.types() == STORY + STORY[::-1]


def test_pair_comes_at_the_same_moment(sandbox: Sandbox, inbox: Inbox) -> None:
    both = threading.Barrier(2)
    inbox.before_answer = lambda _: both.wait(5)  # breaks, and the test fails, unless both are being answered
    sandbox.webhook_mode("pair")
    sandbox.client().v1.customers.create({})
    inbox.wait_until(lambda: all(one["state"] == "delivered" for one in sandbox.deliveries()))
    assert inbox.types() == ["customer.created"] * 2
    assert len({event["id"] for event in inbox.events()}) == 1
    assert all(is_believed(mail) for mail in inbox.mails)


def test_duplicate_comes_one_after_the_other(sandbox: Sandbox, inbox: Inbox) -> None:
    inside: list[int] = []
    worst: list[int] = []

    def notice(_: object) -> None:
        inside.append(1)
        worst.append(len(inside))
        time.sleep(0.1)
        inside.pop()

    inbox.before_answer = notice
    sandbox.webhook_mode("duplicate")
    sandbox.client().v1.customers.create({})
    inbox.wait_until(lambda: len(worst) == 2)
    assert worst == [1, 1]


def test_early_is_told_before_the_call_is_answered(sandbox: Sandbox, inbox: Inbox) -> None:
    client = sandbox.client()
    session, seen = open_session(sandbox), []

    def look(event: dict[str, object]) -> None:
        seen.append((event["type"], client.v1.checkout.sessions.retrieve(session.id).status))

    inbox.before_answer = look
    sandbox.webhook_mode("early")
    client.v1.checkout.sessions.expire(session.id)
    assert seen == [("checkout.session.expired", "expired")]
    assert sandbox.deliveries()[0]["state"] == "delivered"


@pytest.mark.parametrize("card", ["4242424242424242", "4000002760003184"])
def test_early_is_told_before_the_page_leads_back(sandbox: Sandbox, inbox: Inbox, card: str) -> None:
    sandbox.webhook_mode("early")
    pay_hosted_page(open_session(sandbox).url, card)
    assert inbox.types()[-1] == "checkout.session.completed"
    assert {one["state"] for one in sandbox.deliveries()} == {"delivered"}


def test_early_although_the_answer_is_lost(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.webhook_mode("early")
    sandbox.fault("after", match="POST /v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        sandbox.client().v1.customers.create({})
    assert inbox.types() == ["customer.created"]


def test_early_waits_only_so_long(sandbox: Sandbox, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "EARLY_LIMIT", 0.3)
    leave = threading.Event()
    inbox.before_answer = lambda _: leave.wait(5)
    sandbox.webhook_mode("early")
    sandbox.client().v1.customers.create({})
    assert inbox.types()[0] == "customer.created"
    assert (sandbox.deliveries()[0]["state"], sandbox.deliveries()[0]["last_answer"]) == ("pending", "ReadTimeout")
    leave.set()
    inbox.wait_until(lambda: sandbox.deliveries()[0]["state"] == "delivered")


def test_early_event_of_a_refused_call_is_not_told(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.webhook_mode("early")
    refused = {"amount": 500, "currency": "usd", "payment_method": "pm_none", "confirm": True}
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.client().v1.payment_intents.create(refused)  # type: ignore[arg-type]
    assert (inbox.mails, sandbox.deliveries()) == ([], [])


def test_early_where_the_clock_is_the_cause(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.client().v1.checkout.sessions.create(params())
    sandbox.webhook_mode("early")
    sandbox.advance(days=2)
    inbox.wait_for("checkout.session.expired")


@pytest.mark.parametrize("mode", ["stale", "tampered"])
def test_spoiled_once_and_right_when_tried_again(sandbox: Sandbox, inbox: Inbox, mode: str) -> None:
    inbox.before_answer = lambda _: setattr(inbox, "status", 200 if is_believed(inbox.mails[-1]) else 400)
    sandbox.webhook_mode(mode)
    sandbox.client().v1.customers.create({})
    inbox.wait_until(lambda: len(inbox.mails) == 1)
    sandbox.advance(minutes=1)
    inbox.wait_until(lambda: sandbox.deliveries()[0]["state"] == "delivered")
    assert [is_believed(mail) for mail in inbox.mails] == [False, True]
    first, second = inbox.events()
    assert (first["id"] == second["id"]) == (mode == "stale")
    assert (sandbox.deliveries()[0]["tries"], sandbox.deliveries()[0]["manner"]) == (2, mode)


def test_stale_is_ten_minutes_old(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.webhook_mode("stale")
    sandbox.client().v1.customers.create({})
    inbox.wait_until(lambda: bool(inbox.mails))
    stamp = int(inbox.mails[0][1].split(",")[0].removeprefix("t="))
    assert 595 < time.time() - stamp < 660


def test_unknown_type_before_the_real_event(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.webhook_mode("unknown_type")
    sandbox.client().v1.customers.create({})
    inbox.wait_for("customer.created")
    assert inbox.types() == [UNKNOWN_TYPE, "customer.created"]
    assert all(is_believed(mail) for mail in inbox.mails)
    assert [one.type for one in sandbox.client().v1.events.list().data] == ["customer.created"]


def test_other_environment_before_the_real_event(sandbox: Sandbox, inbox: Inbox) -> None:
    session = open_session(sandbox, metadata={"env": "ours", "attempt_id": "A1"})
    sandbox.webhook_mode("other_environment")
    sandbox.client().v1.checkout.sessions.expire(session.id)
    inbox.wait_until(lambda: len(inbox.mails) == 3)
    theirs, live, real = inbox.events()
    subjects = [event["data"]["object"] for event in (theirs, live, real)]
    assert subjects[0]["metadata"] == {"env": OTHER_ENVIRONMENT, "attempt_id": "A1"}
    assert [event["livemode"] for event in (theirs, live, real)] == [False, True, False]
    assert [subject["livemode"] for subject in subjects] == [False, True, False]
    assert subjects[2]["id"] == session.id
    assert len({subject["id"] for subject in subjects} | {event["id"] for event in inbox.events()}) == 6


def test_old_version(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.webhook_mode("old_version")
    sandbox.client().v1.customers.create({})
    assert inbox.wait_for("customer.created")["api_version"] == OLD_VERSION
