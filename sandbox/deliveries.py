"""The queue of webhook requests: planned with the change, sent after the commit, tried again with backoff."""

from __future__ import annotations

import json
import sqlite3
from contextvars import ContextVar

from sandbox.modes import MODES, Journey
from sandbox.signing import signature as signature  # noqa: PLC0414 - asked for here
from sandbox.store import Json
from sandbox.world import World

# Stripe tries for up to three days with growing pauses (docs.stripe.com/webhooks#automatic-retries).
PAUSES = (1, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200)

EARLY: ContextVar[list[int] | None] = ContextVar("early", default=None)
"""Collects the requests that must be answered before the call at hand is; None outside a call."""


def chosen_mode(world: World) -> str:
    """The mode of the control page."""
    return world.store.setting("webhook_mode", "now")


def choose_mode(world: World, mode: str) -> None:
    """Sets the mode for the events to come."""
    if mode not in MODES:
        raise ValueError(f"A mode is one of {', '.join(MODES)}.")
    with world.store.transaction():
        world.store.set_setting("webhook_mode", mode)
        world.store.set_setting("webhook_mode_since", str(world.clock.now()))


def moment(world: World) -> int:
    """The ``created`` of an event made now."""
    now = world.clock.now()
    if chosen_mode(world) == "same_second":
        return int(world.store.setting("webhook_mode_since", str(now)))
    return now


def listeners(world: World, kind: str) -> list[Json]:
    """The enabled endpoints that asked for this type of event."""
    found = world.store.find("webhook_endpoint", {"status": "enabled"}, ascending=True)
    return [one for one in found if {"*", kind} & set(one["enabled_events"])]


def plan(world: World, event: Json, endpoints: list[Json]) -> None:
    """Queues an event for its endpoints as the mode of the control page says."""
    mode = MODES[chosen_mode(world)]
    for endpoint in endpoints:
        for journey in mode(event):
            _queue(world, endpoint["id"], journey)


def _queue(world: World, endpoint_id: str, journey: Journey) -> None:
    waiting = EARLY.get() if journey.manner == "early" else None
    state = journey.state if waiting is None else "early"
    (row,) = world.store.rows(
        "INSERT INTO delivery (event, type, endpoint, body, state, tries, due_at, manner)"
        " VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING id",
        journey.event["id"],
        journey.event["type"],
        endpoint_id,
        json.dumps(journey.event, indent=2),
        state,
        world.clock.time(),
        journey.manner,
    )
    if waiting is not None:
        waiting.append(row["id"])


def take_due(world: World) -> list[sqlite3.Row]:
    """Claims the next request that is due, oldest first, and with one of a pair its twin."""
    with world.store.transaction():
        rows = world.store.rows(
            "SELECT * FROM delivery WHERE state = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT 1",
            world.clock.time(),
        )
        if rows and rows[0]["manner"] == "pair" and rows[0]["tries"] == 0:
            rows = world.store.rows(
                "SELECT * FROM delivery WHERE state = 'pending' AND tries = 0 AND event = ? AND endpoint = ?",
                rows[0]["event"],
                rows[0]["endpoint"],
            )
        return [_claim(world, row) for row in rows]


def take_early(world: World, delivery_id: int) -> sqlite3.Row | None:
    """Claims a request that goes out before its call is answered; None where the call was undone."""
    with world.store.transaction():
        rows = world.store.rows("SELECT * FROM delivery WHERE id = ? AND state = 'early'", delivery_id)
        return _claim(world, rows[0]) if rows else None


def _claim(world: World, row: sqlite3.Row) -> sqlite3.Row:
    world.store.rows("UPDATE delivery SET state = 'sending' WHERE id = ?", row["id"])
    return row


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
    world.store.rows("UPDATE delivery SET state = 'pending' WHERE state IN ('sending', 'early')")


def release(world: World) -> int:
    """Lets the held events go, in their order or where the mode said so newest first, and counts them."""
    with world.store.transaction():
        held = world.store.rows("SELECT id, manner FROM delivery WHERE state = 'held' ORDER BY id")
        forward = [row["id"] for row in held if row["manner"] != "reversed"]
        backward = [row["id"] for row in reversed(held) if row["manner"] == "reversed"]
        first = world.clock.time() - len(held) / 1_000
        for place, delivery_id in enumerate(forward + backward):
            due_at = first + place / 1_000  # already past, and one after the other
            world.store.rows("UPDATE delivery SET state = 'pending', due_at = ? WHERE id = ?", due_at, delivery_id)
    return len(held)


def overview(world: World) -> list[Json]:
    """All requests, newest first, without their bodies."""
    rows = world.store.rows(
        "SELECT id, event, type, endpoint, state, manner, tries, due_at, last_answer FROM delivery ORDER BY id DESC"
    )
    return [dict(row) for row in rows]
