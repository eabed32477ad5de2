"""The log of events, for those who missed a webhook (docs.stripe.com/api/events)."""

from __future__ import annotations

from sandbox.clock import DAY
from sandbox.errors import invalid, missing
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, World

KEPT_DAYS = 30
MOST_TYPES = 20


@operation("GET", "/v1/events/{id}")
def retrieve(call: Call) -> Json:
    """Reads an event of the last thirty days."""
    event = call.world.fetch("event", call.ids["id"])
    if event["created"] <= _oldest(call.world):
        raise missing("event", event["id"])
    return event


@operation("GET", "/v1/events", "created delivery_success ending_before limit starting_after type types")
def list_all(call: Call) -> Json:
    """Lists events of the last thirty days, of one or several types where they are named."""
    clauses, values = _of_types(call.params)
    if "delivery_success" in call.params:
        sign = "=" if call.params["delivery_success"] else ">"
        clauses += f" AND json_extract(body, '$.pending_webhooks') {sign} 0"
    extra = (f"{clauses} AND created > ?", (*values, _oldest(call.world)))
    return listing(call, "event", "/v1/events", extra=extra)


def _of_types(params: Json) -> tuple[str, tuple[str, ...]]:
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.")
    if "type" in params:  # a group of events may be asked for with *
        return " AND json_extract(body, '$.type') GLOB ?", (params["type"],)
    types = tuple(params.get("types", []))
    if len(types) > MOST_TYPES:
        raise invalid(f"You may name at most {MOST_TYPES} types.", param="types")
    marks = ", ".join("?" for _ in types)
    return (f" AND json_extract(body, '$.type') IN ({marks})", types) if types else ("", ())


def _oldest(world: World) -> int:
    return world.clock.now() - KEPT_DAYS * DAY
