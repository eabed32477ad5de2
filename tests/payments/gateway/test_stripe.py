"""The one door to the processor: its errors in our words, and never a call while a transaction is open."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from accounts.database import Sessions, transaction
from payments.gateway.base import BadSignature, Busy, Refused, SessionStatus, Unheard
from payments.gateway.stripe import StripeGateway
from sandbox.deliveries import signature
from tests.sandbox_server import KEY, WEBHOOK_SECRET, Sandbox, pay_hosted_page

REQUEST: dict[str, object] = {
    "mode": "payment",
    "ui_mode": "hosted_page",
    "line_items": [
        {
            "quantity": 1,
            "price_data": {"currency": "usd", "unit_amount": 12_34, "product_data": {"name": "Water"}},
        }
    ],
    "client_reference_id": "pa_gateway",
    "metadata": {"env": "test", "attempt_id": "pa_gateway"},
    "success_url": "http://localhost/done",
}


@pytest.fixture
def gateway(sandbox: Sandbox) -> Iterator[StripeGateway]:
    yield StripeGateway(sandbox.key, [sandbox.webhook_secret], sandbox.url)
    sandbox.server.app.extensions["faults"].clear()
    assert sandbox.violations() == []


def key() -> str:
    return f"test:{time.monotonic_ns()}"


@contextmanager
def answering(status: int, body: bytes, kind: str = "application/json") -> Iterator[str]:
    """A server that always answers so."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, *said: Any) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def error(kind: str, code: str | None = None) -> bytes:
    return json.dumps({"error": {"type": kind, "code": code, "message": "said by a test"}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (400, error("invalid_request_error", "parameter_missing"), Refused),
        (401, error("invalid_request_error"), Refused),
        (403, error("invalid_request_error"), Refused),
        (404, error("invalid_request_error", "resource_missing"), Refused),
        (400, error("idempotency_error"), Refused),
        (409, error("idempotency_error", "idempotency_key_in_use"), Busy),
        (409, error("invalid_request_error", "lock_timeout"), Busy),
        (429, error("invalid_request_error", "rate_limit"), Busy),
        (500, error("api_error"), Unheard),
        (502, b"<html>Bad gateway</html>", Unheard),
        (503, b"", Unheard),
        (200, b"", Unheard),
        (200, b"<html>captive portal</html>", Unheard),
        (200, b"[]", Unheard),
        (200, b"null", Unheard),
        (200, b'{"object": "checkout.session"}', Unheard),
    ],
)
def test_each_answer_says_whose_move_it_is(status: int, body: bytes, meant: type[Exception]) -> None:
    with answering(status, body) as address:
        gateway = StripeGateway(KEY, [], address)
        for call in _calls(gateway):
            with pytest.raises(meant):
                call()


def _calls(gateway: StripeGateway) -> list[Callable[[], object]]:
    return [lambda: gateway.open_page(REQUEST, key()), lambda: gateway.truth("cs_test_1")]


def test_nobody_there_is_unheard(unused_tcp_port: int) -> None:
    gateway = StripeGateway(KEY, [], f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(Unheard):
        gateway.truth("cs_test_1")
    assert gateway.is_reachable() is False


@pytest.fixture
def unused_tcp_port() -> int:
    with answering(200, b"") as address:
        return int(address.rsplit(":", 1)[1])


def test_a_slow_answer_is_unheard(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr("payments.gateway.stripe._TIMEOUTS", (1, 0.3))
    gateway = StripeGateway(sandbox.key, [], sandbox.url)
    sandbox.fault("slow", match="/v1/checkout/sessions", seconds=1, count=1)
    with pytest.raises((Unheard, Busy)):
        gateway.open_page(REQUEST, key())


def test_the_processor_is_reachable(gateway: StripeGateway) -> None:
    assert gateway.is_reachable() is True


def test_the_same_key_gives_the_same_page_and_other_words_under_it_are_refused(gateway: StripeGateway) -> None:
    used = key()
    assert gateway.open_page(REQUEST, used) == gateway.open_page(REQUEST, used)
    with pytest.raises(Refused):
        gateway.open_page({**REQUEST, "client_reference_id": "pa_other"}, used)


def test_the_truth_of_a_page_before_and_after_it_is_paid(gateway: StripeGateway) -> None:
    page = gateway.open_page(REQUEST, key())
    before = gateway.truth(page.session_id)
    assert (before.status, before.paid, before.paid_at, before.brand) == (SessionStatus.OPEN, False, None, "")
    pay_hosted_page(page.url, "5555555555554444")
    after = gateway.truth(page.session_id)
    assert (after.status, after.paid, after.amount.cents) == (SessionStatus.COMPLETE, True, 12_34)
    assert (after.brand, after.last4, after.attempt_id, after.environment) == (
        "mastercard",
        "4444",
        "pa_gateway",
        "test",
    )
    assert after.payment_intent_id
    assert after.paid_at
    assert gateway.expire(page.session_id).paid, "a page that was paid stays paid"


def test_a_page_is_closed_once_and_again(gateway: StripeGateway) -> None:
    page = gateway.open_page(REQUEST, key())
    assert gateway.expire(page.session_id).status is SessionStatus.EXPIRED
    assert gateway.expire(page.session_id).status is SessionStatus.EXPIRED


def test_no_call_leaves_while_a_transaction_is_open(gateway: StripeGateway, sessions: Sessions) -> None:
    for call in [*_calls(gateway), lambda: gateway.expire("cs_test_1"), gateway.is_reachable]:
        with transaction(sessions), pytest.raises(RuntimeError, match="inside a transaction"):
            call()


def test_either_secret_of_a_rotation_signs_events(gateway: StripeGateway) -> None:
    rotating = StripeGateway(KEY, ["whsec_new", WEBHOOK_SECRET])
    body = b'{"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": {"id": "o", "object": "x"}}}'
    assert rotating.read_event(body, signature(body, WEBHOOK_SECRET)).event_type == "x.y"
    assert rotating.read_event(body, signature(body, "whsec_new")).session_id == ""
    with pytest.raises(BadSignature):
        rotating.read_event(body, signature(body, "whsec_old"))
