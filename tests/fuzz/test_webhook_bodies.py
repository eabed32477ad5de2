"""Whatever is signed: never refused, never an error, and never money."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz import webhook_bodies
from fuzz.changes import NUMBERS, WORDS
from fuzz.webhook_bodies import PAID, SEEDS, changed, try_bytes
from portal.verify import verify
from sandbox.deliveries import signature
from tests.portal.scene import Scene, add, leave
from tests.sandbox_server import WEBHOOK_SECRET

JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(WORDS) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PAID, "metadata"]), inner),
    max_leaves=8,
)
COMPLETED = {"type": "checkout.session.completed", "livemode": False}
FOUND = [
    {"id": "evt_a", "created": 10**30},
    {"id": "evt_b", "created": -(10**12)},
    {"id": "evt_\x00", "type": "\ud800"},
    {"id": "evt_" + "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))},
    {**COMPLETED, "id": "evt_c", "data": {"object": {"object": "payment_intent", "id": "../../v1/events"}}},
    {
        **COMPLETED,
        "id": "evt_d",
        "data": {"object": {"payment_intent": "pi_\x00", "metadata": {"attempt_id": "\x00"}}},
    },
]
"""Bodies that broke something once."""
DEEP = b"[" * 100_000


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
@example(DEEP)
def test_any_signed_bytes_are_read_and_no_unsigned_ones(body: bytes) -> None:
    try_bytes(body)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_an_event_with_anything_in_any_place_is_read(seed: bytes, chance: random.Random) -> None:
    try_bytes(changed(seed, chance))


@pytest.mark.parametrize("event", FOUND)
def test_what_was_found(event: dict[str, Any]) -> None:
    try_bytes(json.dumps({**PAID, **event}).encode())


def test_a_target_that_is_too_kind_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_bodies.GATEWAY, "_secrets", ("whsec_another",))
    with pytest.raises(AssertionError, match="a signed text is refused"):
        try_bytes(b"{}")


def test_at_the_door_everything_signed_is_kept_and_nothing_becomes_money(scene: Scene) -> None:
    """A person has gone to the processor's page and not paid: whatever says that they have, nothing is posted."""
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    leave(guest, "ana@example.com")
    (attempt,) = scene.rows("SELECT id, session_id FROM attempts")
    claim = {**PAID, "data": {"object": {**_object(PAID), "id": attempt.session_id, "metadata": _mine(attempt.id)}}}
    before = _books(scene)

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sampled_from([claim, PAID]), st.randoms(use_true_random=False))
    def tell(event: dict[str, Any], chance: random.Random) -> None:
        _told(scene, changed(json.dumps(event).encode(), chance))

    tell()
    for body in (DEEP, b"\xff", b"", json.dumps(claim).encode()):
        _told(scene, body)
    for event in FOUND:
        _told(scene, json.dumps({**claim, **event}).encode())
    scene.run_jobs()
    assert scene.scalar("SELECT count(*) FROM processor_events WHERE state = 'received'") == 0, "followed to the end"
    assert _books(scene) == before
    with scene.sessions() as session:
        assert [violation for check in verify(session) for violation in check.violations] == []


def _told(scene: Scene, body: bytes) -> None:
    answer = scene.app.test_client().post(
        "/webhooks/processor", data=body, headers={"Stripe-Signature": signature(body, WEBHOOK_SECRET)}
    )
    assert answer.status_code == 200 or not _is_text(body), body[:200]


def _is_text(body: bytes) -> bool:
    return body.decode(errors="replace").encode() == body


def _object(event: dict[str, Any]) -> dict[str, Any]:
    return dict(event["data"]["object"])


def _mine(attempt_id: str) -> dict[str, str]:
    return {"env": "test", "attempt_id": attempt_id}


def _books(scene: Scene) -> list[int]:
    tables = ("payments", "receipts", "journals", "postings", "allocations", "attempt_events", "exception_lines")
    return [scene.scalar(f"SELECT count(*) FROM {table}") for table in tables]
