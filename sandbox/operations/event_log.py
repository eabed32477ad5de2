"""The log of events, for those who missed a webhook (docs.stripe.com/api/events)."""

from __future__ import annotations

from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call


@operation("GET", "/v1/events/{id}")
def retrieve(call: Call) -> Json:
    """Reads an event."""
    return call.world.fetch("event", call.ids["id"])


@operation("GET", "/v1/events", "created ending_before limit starting_after type types")
def list_all(call: Call) -> Json:
    """Lists events, of one or several types where they are named."""
    types = call.params.get("types") or ([call.params["type"]] if "type" in call.params else [])
    marks = ", ".join("?" for _ in types)
    extra = (f" AND json_extract(body, '$.type') IN ({marks})", tuple(types)) if types else ("", ())
    return listing(call, "event", "/v1/events", extra=extra)
