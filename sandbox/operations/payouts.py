"""Automatic payouts (docs.stripe.com/api/payouts)."""

from __future__ import annotations

from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call


@operation("GET", "/v1/payouts/{payout}")
def retrieve(call: Call) -> Json:
    """Reads a payout."""
    return call.world.fetch("payout", call.ids["payout"])


@operation("GET", "/v1/payouts", "created ending_before limit starting_after status")
def list_all(call: Call) -> Json:
    """Lists payouts."""
    where = call.given("status")
    return listing(call, "payout", "/v1/payouts", where)
