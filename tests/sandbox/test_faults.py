"""The ways in which a call can fail, and what has happened all the same."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import stripe

from tests.sandbox.sessions import open_session, params
from tests.sandbox_server import TIMEOUT, Sandbox, running_sandbox

KEY = {"idempotency_key": "co:A1"}


def count(sandbox: Sandbox) -> int:
    """How many sessions there are."""
    return len(sandbox.client().v1.checkout.sessions.list().data)


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("before", stripe.APIConnectionError, 0),
        ("after", stripe.APIConnectionError, 1),
        ("cut", stripe.APIConnectionError, 1),
        ("empty_200", stripe.APIError, 1),
        ("500_after", stripe.APIError, 1),
        ("409", stripe.APIError, 0),
        ("429", stripe.RateLimitError, 0),
    ],
)
def test_fault_then_retry_with_the_same_key(
    sandbox: Sandbox, kind: str, error: type[stripe.StripeError], made: int
) -> None:
    client = sandbox.client()
    sandbox.fault(kind, match="POST /v1/checkout/sessions")
    with pytest.raises(error):
        client.v1.checkout.sessions.create(params(), KEY)
    assert count(sandbox) == made
    if kind == "500_after":  # the saved 500 is the answer for as long as the key is remembered
        with pytest.raises(stripe.APIError) as replayed:
            client.v1.checkout.sessions.create(params(), KEY)
        assert replayed.value.http_status == 500
        assert (replayed.value.headers or {})["Idempotent-Replayed"] == "true"
    else:
        client.v1.checkout.sessions.create(params(), KEY)
    assert count(sandbox) == 1


def test_late_answer_holds_its_key(sandbox: Sandbox) -> None:
    sandbox.fault("slow", seconds=1.5)
    with pytest.raises(stripe.APIConnectionError):
        sandbox.client(read_timeout=0.3).v1.checkout.sessions.create(params(), KEY)
    with pytest.raises(stripe.APIError, match="in-progress") as refusal:
        sandbox.client().v1.checkout.sessions.create(params(), KEY)
    assert refusal.value.http_status == 409
    time.sleep(1.5)
    sandbox.client().v1.checkout.sessions.create(params(), KEY)
    assert count(sandbox) == 1


def test_fault_is_used_up_and_fits_its_calls(sandbox: Sandbox) -> None:
    sandbox.fault("429", match="POST /v1/refunds", count=2)
    open_session(sandbox)
    assert sandbox.get("/faults")[0]["count"] == 2
    requests.delete(f"{sandbox.url}/_sim/faults", timeout=TIMEOUT)
    sandbox.fault("before")
    assert sandbox.post("/faults/clear") == {"forgotten": 1}
    assert sandbox.get("/faults") == []


def test_key_in_flight(sandbox: Sandbox) -> None:
    clients = [sandbox.client() for _ in range(4)]
    clients[0].v1.checkout.sessions.list()
    sandbox.fault("slow", match="POST", seconds=1.5)

    def create(client: stripe.StripeClient) -> str:
        try:
            return client.v1.checkout.sessions.create(params(), KEY).id
        except stripe.APIError as error:
            return str(error.http_status)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(create, clients))
    assert count(sandbox) == 1
    assert "409" in answers
    assert len(set(answers) - {"409"}) == 1


def test_key_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    client = sandbox.client()
    first = client.v1.checkout.sessions.create(params(), KEY)
    sandbox.advance(hours=23)
    assert client.v1.checkout.sessions.create(params(), KEY).id == first.id
    sandbox.advance(hours=2)
    assert client.v1.checkout.sessions.create(params(), KEY).id != first.id


def test_refused_operation_leaves_nothing(sandbox: Sandbox) -> None:
    client = sandbox.client()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create(
            {"amount": 500, "currency": "usd", "payment_method": "pm_none", "confirm": True}
        )
    assert client.v1.payment_intents.list().data == []
    assert client.v1.events.list().data == []


def test_unsupported_parameter_is_refused_aloud(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        open_session(sandbox, allow_promotion_codes=True)
    assert refusal.value.code == "sandbox_unsupported"


def test_restart_forgets_nothing(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        session = open_session(sandbox)
        now = sandbox.advance(hours=5)
    with running_sandbox(tmp_path) as sandbox:
        assert sandbox.client().v1.checkout.sessions.retrieve(session.id).status == "open"
        assert sandbox.now() >= now


def test_store_of_an_earlier_sandbox_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as old:
        old.execute(
            "CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, type TEXT NOT NULL,"
            " endpoint TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,"
            " due_at REAL NOT NULL, last_answer TEXT)"
        )
        old.execute("INSERT INTO delivery VALUES (1, 'evt_1', 'charge.succeeded', 'we_1', '{}', 'held', 0, 0, NULL)")
    old.close()
    with running_sandbox(tmp_path) as sandbox:
        sandbox.release_webhooks()
        (delivery,) = sandbox.deliveries()
        assert (delivery["manner"], delivery["last_answer"]) == ("", "endpoint deleted")


def test_control_is_for_this_machine_only(sandbox: Sandbox) -> None:
    browser = sandbox.server.app.test_client()
    assert browser.get("/_sim/health", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    assert browser.get("/_sim/", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post("/_sim/clock/advance", headers=foreign).status_code == 403
    assert requests.post(f"{sandbox.url}/_sim/faults", json={"kind": "fire"}, timeout=TIMEOUT).status_code == 400
