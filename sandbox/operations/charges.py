"""Charges, which only payment intents make (docs.stripe.com/api/charges)."""

from __future__ import annotations

from sandbox.lists import computed, envelope, listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, World


@operation("GET", "/v1/charges/{charge}")
def retrieve(call: Call) -> Json:
    """Reads a charge."""
    return call.world.fetch("charge", call.ids["charge"])


@operation("GET", "/v1/charges", "created customer ending_before limit payment_intent starting_after")
def list_all(call: Call) -> Json:
    """Lists charges."""
    where = call.given("customer", "payment_intent")
    return listing(call, "charge", "/v1/charges", where)


@computed("charge", "refunds")
def refunds(world: World, charge: Json) -> Json:
    """The refunds of a charge, when they are asked for."""
    found = world.store.find("refund", {"charge": charge["id"]})
    return envelope(f"/v1/charges/{charge['id']}/refunds", found)
