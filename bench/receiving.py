"""From a webhook to its receipt: a running portal, a running worker, the sandbox, each a process of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import statistics
import time
from collections.abc import Sequence

import requests
from sqlalchemy import text

from accounts.database import reading
from bench import attempts, processor
from bench.place import SETTINGS, Place
from bench.posting import never_paid
from bench.report import Section
from bench.servers import portal_and_worker

PAYMENTS, WARM = 40, 5
PATIENCE = 30.0
LOOK_SECONDS = 0.002
"""Between two looks into the database; each is one indexed read."""
_RECEIPT = text("""
    SELECT r.token FROM payments p JOIN receipts r ON r.payment_id = p.id WHERE p.attempt_id = :attempt""")
STEPS = ("webhook answered", "payment posted, receipt numbered", "receipt read at its link")


def section(place: Place) -> Section:
    """One payment after the other; milliseconds from the moment the webhook leaves for the portal."""
    with processor.sandbox() as url:
        chosen = [account for account, _ in zip(never_paid(place), range(PAYMENTS + WARM), strict=False)]
        promised = attempts.promise(place, chosen, f"told-{time.time_ns()}-")
        intents = processor.pay(place, url, promised)
        with portal_and_worker(place, url) as port:
            spans = [_told(place, port, attempt, intents[attempt]) for attempt in promised]
    rows = [_row(name, [span[step] for span in spans[WARM:]]) for step, name in enumerate(STEPS)]
    note = (
        f"{len(promised) - WARM} payments, one after the other. Portal, worker, sandbox and database are processes "
        "of this machine: the worker asks the sandbox for the truth before it posts."
    )
    return Section("From a webhook to its receipt", ["", "p50 ms", "p95 ms"], rows, [note])


def _told(place: Place, port: int, attempt: str, intent: str) -> tuple[float, float, float]:
    body, headers = _event(attempt, intent)
    began = time.perf_counter()
    answer = requests.post(
        f"http://127.0.0.1:{port}/webhooks/processor", data=body, headers=headers, timeout=PATIENCE
    )
    answered = time.perf_counter()
    answer.raise_for_status()
    token = _receipt_of(place, attempt)
    posted = time.perf_counter()
    page = requests.get(f"http://127.0.0.1:{port}/receipts/{token}", headers=_host(), timeout=PATIENCE)
    read = time.perf_counter()
    page.raise_for_status()
    return tuple(1000 * (moment - began) for moment in (answered, posted, read))  # type: ignore[return-value]


def _receipt_of(place: Place, attempt: str) -> str:
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        with reading(place.sessions) as session:
            token = session.scalar(_RECEIPT, {"attempt": attempt})
        if token:
            return str(token)
        time.sleep(LOOK_SECONDS)
    raise LookupError(f"{attempt} was not posted; see worker.log in the bench's state folder")


def _event(attempt: str, intent: str) -> tuple[bytes, dict[str, str]]:
    """What the processor sends when a page was paid, signed."""
    subject = {
        "id": intent, "object": "payment_intent", "metadata": {"attempt_id": attempt, "env": processor.ENVIRONMENT},
    }  # fmt: skip
    event = {
        "id": f"evt_{attempt}", "object": "event", "type": "payment_intent.succeeded", "livemode": False,
        "created": int(time.time()), "data": {"object": subject},
    }  # fmt: skip
    body, now = json.dumps(event).encode(), int(time.time())
    digest = hmac.new(SETTINGS.stripe_webhook_secrets[0].encode(), f"{now}.".encode() + body, hashlib.sha256)
    return body, {**_host(), "Stripe-Signature": f"t={now},v1={digest.hexdigest()}"}


def _host() -> dict[str, str]:
    return {"Host": "localhost:8000", "X-Forwarded-For": "10.1.2.3"}


def _row(name: str, times: Sequence[float]) -> list[object]:
    return [name, f"{statistics.median(times):.0f}", f"{statistics.quantiles(times, n=20)[18]:.0f}"]
