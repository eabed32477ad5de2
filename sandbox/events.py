"""Writes events, in the same transaction as the change that they tell of."""

from __future__ import annotations

import copy
from contextvars import ContextVar

from sandbox import deliveries
from sandbox.spec import API_VERSION
from sandbox.store import Json
from sandbox.world import World

CAUSE: ContextVar[Json | None] = ContextVar("cause", default=None)


def emit(world: World, kind: str, subject: Json, previous: Json | None = None) -> Json:
    """Stores an event about an object and plans its delivery to every endpoint that wants it."""
    data: Json = {"object": copy.deepcopy(subject)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = world.new("event", "evt_", type=kind, data=data, api_version=API_VERSION, request=CAUSE.get())
    event["created"] = deliveries.moment(world)
    endpoints = deliveries.listeners(world, kind)
    event["pending_webhooks"] = len(endpoints)
    world.store.insert(event)
    deliveries.plan(world, event, endpoints)
    return event
