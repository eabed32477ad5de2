"""The queue of webhook requests: planned with the change, sent after the commit, tried again with backoff."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import time

from sandbox.modes import MODES
from sandbox.store import Json
from sandbox.world import World

# Stripe tries for up to three days with growing pauses (docs.stripe.com/webhooks#automatic-retries).
PAUSES = (1, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200)


def listeners(world: World, kind: str) -> list[Json]:
    """The enabled endpoints that asked for this type of event."""
    found = world.store.find("webhook_endpoint", {"status": "enabled"}, ascending=True)
    return [one for one in found if {"*", kind} & set(one["enabled_events"])]


def plan(world: World, event: Json, endpoints: list[Json]) -> None:
    """Queues an event for its endpoints as the mode of the control page says."""
    mode = MODES[world.store.setting("webhook_mode", "now")]
    for endpoint in endpoints:
        for journey in mode(event):
            world.store.rows(
                "INSERT INTO delivery (event, type, endpoint, body, state, tries, due_at)"
                " VALUES (?, ?, ?, ?, ?, 0, ?)",
                event["id"],
                event["type"],
                endpoint["id"],
                json.dumps(journey.event, indent=2),
                journey.state,
                world.clock.time() + journey.delay,
            )


def take_due(world: World) -> sqlite3.Row | None:
    """Claims the next request that is due, oldest first."""
    with world.store.transaction():
        rows = world.store.rows(
            "SELECT * FROM delivery WHERE state = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT 1",
            world.clock.time(),
        )
        if not rows:
            return None
        world.store.rows("UPDATE delivery SET state = 'sending' WHERE id = ?", rows[0]["id"])
        return rows[0]


def record(world: World, delivery: sqlite3.Row, *, delivered: bool, answer: str) -> None:
    """Writes the answer down; a request that was not answered with 2xx is due again later."""
    tries = delivery["tries"] + 1
    state = "delivered" if delivered else "pending" if tries <= len(PAUSES) else "failed"
    due_at = world.clock.time() + (PAUSES[tries - 1] if state == "pending" else 0)
    with world.store.transaction():
        world.store.rows(
            "UPDATE delivery SET state = ?, tries = ?, due_at = ?, last_answer = ? WHERE id = ?",
            state, tries, due_at, answer, delivery["id"],
        )  # fmt: skip
        if state != "pending":
            _settle(world, delivery["event"])


def _settle(world: World, event_id: str) -> None:
    event = world.store.get(event_id, "event")
    if event and event["pending_webhooks"]:
        event["pending_webhooks"] -= 1
        world.store.save(event)


def recover(world: World) -> None:
    """Puts back what was on its way when the process ended: a webhook may come twice, never not at all."""
    world.store.rows("UPDATE delivery SET state = 'pending' WHERE state = 'sending'")


def release(world: World) -> int:
    """Lets the held events go, in their order, and counts them."""
    held = world.store.rows("SELECT id FROM delivery WHERE state = 'held'")
    world.store.rows("UPDATE delivery SET state = 'pending', due_at = ? WHERE state = 'held'", world.clock.time())
    return len(held)


def overview(world: World) -> list[Json]:
    """All requests, newest first, without their bodies."""
    rows = world.store.rows(
        "SELECT id, event, type, endpoint, state, tries, due_at, last_answer FROM delivery ORDER BY id DESC"
    )
    return [dict(row) for row in rows]


def signature(body: bytes, secret: str) -> str:
    """The ``Stripe-Signature`` header, by real time as receivers check it (docs.stripe.com/webhooks/signature)."""
    stamp = int(time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
