"""The balance and its transactions (docs.stripe.com/api/balance, /balance_transactions)."""

from __future__ import annotations

from sandbox import money
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call


@operation("GET", "/v1/balance")
def retrieve(call: Call) -> Json:
    """What can be paid out, and what cannot yet."""
    available, pending = money.balance(call.world)
    return call.world.shapes.blank(
        "balance",
        livemode=False,
        available=[{"amount": available, "currency": "usd", "source_types": {"card": available}}],
        pending=[{"amount": pending, "currency": "usd", "source_types": {"card": pending}}],
    )


@operation("GET", "/v1/balance_transactions/{id}")
def retrieve_transaction(call: Call) -> Json:
    """Reads one movement."""
    return call.world.fetch("balance_transaction", call.ids["id"])


@operation(
    "GET",
    "/v1/balance_transactions",
    "created currency ending_before limit payout source starting_after type",
)
def list_transactions(call: Call) -> Json:
    """Lists movements, of one payout where one is named."""
    where = call.given("currency", "source", "type")
    if "payout" in call.params:
        call.world.fetch("payout", call.params["payout"], param="payout", status=400)
        inside = {entry["id"] for entry in money.members(call.world, call.params["payout"])}
        return _of_payout(call, where, inside)
    return listing(call, "balance_transaction", "/v1/balance_transactions", where)


def _of_payout(call: Call, where: Json, inside: set[str]) -> Json:
    marks = ", ".join("?" for _ in inside)
    return listing(
        call, "balance_transaction", "/v1/balance_transactions", where,
        extra=(f" AND id IN ({marks})", tuple(inside)),
    )  # fmt: skip
