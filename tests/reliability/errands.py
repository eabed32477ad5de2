"""What people and the processor do in these cases, in short words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from accounts.database import reading
from payments.attempts.rules import State
from payments.settlements.service import settle
from payments.sweeps.queries import owners
from payments.sweeps.service import Swept, deep, frequent
from sandbox.deliveries import signature
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, add, leave
from tests.sandbox_server import WEBHOOK_SECRET, pay_hosted_page

CREATE = "/v1/checkout/sessions"


@dataclass(frozen=True)
class Errand:
    """A person who has left for the processor's page (and, with ``back``, has paid there)."""

    guest: PageClient
    known: Known
    url: str
    attempt_id: str
    session_id: str
    back: str = ""


def leaves(scene: Scene, *cents: int, known: Known | None = None, address: str = "203.0.113.7") -> Errand:
    """A person on the processor's page."""
    guest, known = scene.guest(address), known or scene.open("utility", *(cents or (50_00,)))
    add(guest, known)
    url = leave(guest, "ana@example.com")
    (attempt,) = scene.rows("SELECT id, session_id FROM attempts WHERE session_url = :url", url=url)
    return Errand(guest, known, url, attempt.id, attempt.session_id)


def pays(scene: Scene, *cents: int, **given: Any) -> Errand:
    """A person who has paid and not come back."""
    gone = leaves(scene, *cents, **given)
    return Errand(gone.guest, gone.known, gone.url, gone.attempt_id, gone.session_id, pay_hosted_page(gone.url))


def told(scene: Scene, kind: str, about: str) -> bytes:
    """The event of a kind that the processor made about something."""
    (body,) = (body for body in scene.events(kind) if about.encode() in body)
    return body


def knocks(scene: Scene, body: bytes, header: str | None = None) -> TestResponse:
    """A webhook at our door."""
    signed = signature(body, WEBHOOK_SECRET) if header is None else header
    return scene.app.test_client().post(
        "/webhooks/processor", data=body, headers={"Stripe-Signature": signed}, content_type="application/json"
    )


def later(scene: Scene, **span: int) -> None:
    """Time passes, for us and for the processor."""
    scene.clock.advance(**span)
    scene.sandbox.advance(seconds=int(timedelta(**span).total_seconds()))


def sweep(scene: Scene) -> Swept:
    """The sweep of every two minutes."""
    return frequent(scene.wired.desk())


def deep_sweep(scene: Scene, days: int = 30) -> Swept:
    """The sweep of the night."""
    return deep(scene.wired.desk(), days)


def state(scene: Scene, errand: Errand) -> str:
    """Where its attempt stands."""
    return str(scene.scalar("SELECT state FROM attempts WHERE id = :id", id=errand.attempt_id))


def settled(scene: Scene, errand: Errand) -> State:
    """What the return page and the queue both call."""
    return settle(scene.wired.desk(), errand.attempt_id)


def posted(scene: Scene) -> tuple[int, int, int]:
    """Payments, receipts and mails about receipts that are in the queue or were sent."""
    mails = scene.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'receipt_issued'")
    counts = (scene.scalar(f"SELECT count(*) FROM {table}") for table in ("payments", "receipts"))
    payments, receipts = (int(count) for count in counts)
    return payments, receipts, int(mails)


def exceptions(scene: Scene) -> list[str]:
    """Kinds of the lines in the exceptions queue."""
    return [row.kind for row in scene.rows("SELECT kind FROM exception_lines ORDER BY kind, id")]


def sessions_made(scene: Scene) -> list[Any]:
    """All sessions that the processor has."""
    return list(scene.sandbox.client().v1.checkout.sessions.list({"limit": 100}).data)


def all_is_told(scene: Scene) -> None:
    """Money at the processor and in the books is the same, each payment once; nothing is left unnamed."""
    assert all(count == 1 for count in scene.sandbox.charges_by_attempt().values())
    paid = [
        intent.id
        for intent in scene.sandbox.client().v1.payment_intents.list({"limit": 100}).data
        if intent.status == "succeeded"
    ]
    with reading(scene.sessions) as session:
        known = owners(session, paid)
    assert set(paid) == set(known)
    posted_intents = {row.ref for row in scene.rows("SELECT tender_reference AS ref FROM payments")}
    assert posted_intents <= set(paid)


def event(kind: str, subject: dict[str, Any], **changes: Any) -> bytes:
    """An event that the sandbox would never tell."""
    told = {"id": "evt_made_up", "object": "event", "type": kind, "livemode": False, "data": {"object": subject}}
    return json.dumps({**told, **changes}).encode()
