"""Refunds: whole or in part, never more than was paid (docs.stripe.com/api/refunds)."""

from __future__ import annotations

from sandbox import agenda, events, methods, money
from sandbox.clock import DAY
from sandbox.errors import invalid
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, World, merge_metadata

SLOW_DAYS = 3


@operation("POST", "/v1/refunds", "amount charge metadata payment_intent reason")
def create(call: Call) -> Json:
    """Gives money back on a charge; the processor's fee is not given back."""
    charge = _charge(call)
    left = charge["amount"] - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise invalid(
            f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge (${left / 100:.2f})",
            param="amount",
        )
    return _refund(call, charge, amount)


def _charge(call: Call) -> Json:
    if "charge" in call.params:
        charge = call.world.fetch("charge", call.params["charge"], param="charge", status=400)
    elif "payment_intent" in call.params:
        intent = call.params["payment_intent"]
        found = call.world.fetch("payment_intent", intent, param="payment_intent", status=400)
        if found["status"] != "succeeded":
            raise invalid("This PaymentIntent does not have a successful charge to refund.")
        charge = call.world.fetch("charge", found["latest_charge"])
    else:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} did not succeed and cannot be refunded.")
    return charge


def _refund(call: Call, charge: Json, amount: int) -> Json:
    world = call.world
    behaviour = methods.card_of(world, world.fetch("payment_method", charge["payment_method"])).refund
    refund = world.new("refund", "re_", amount=amount, currency="usd", charge=charge["id"], metadata={})
    refund |= {"payment_intent": charge["payment_intent"], "reason": call.params.get("reason")}
    refund["status"] = "pending" if behaviour == "pending" else "succeeded"
    refund["destination_details"] = {
        "type": "card",
        "card": {"type": "refund", "reference_status": "pending", "reference_type": "acquirer_reference_number"},
    }
    merge_metadata(refund, call.params)
    paid = world.fetch("balance_transaction", charge["balance_transaction"])
    ready = max(paid["available_on"], world.clock.now())
    refund["balance_transaction"] = money.book(world, "refund", refund, -amount, available_on=ready)["id"]
    world.store.insert(refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.store.save(charge)
    for kind, subject in (("refund.created", refund), ("charge.refunded", charge)):
        events.emit(world, kind, subject)
    if behaviour:
        agenda.schedule(world, world.clock.now() + SLOW_DAYS * DAY, f"refund_{behaviour}", refund["id"])
    return refund


@agenda.job("refund_pending")
def settle_pending(world: World, refund_id: str) -> None:
    """A slow refund arrives."""
    refund = world.fetch("refund", refund_id)
    world.store.save(refund | {"status": "succeeded"})
    _tell(world, refund | {"status": "succeeded"}, {"status": "pending"})


@agenda.job("refund_fails")
def fail(world: World, refund_id: str) -> None:
    """A refund that looked well comes back: the money is ours again and the charge is open to refund."""
    refund = world.fetch("refund", refund_id)
    entry = money.book(world, "refund_failure", refund, refund["amount"], available_on=world.clock.now())
    refund |= {"status": "failed", "failure_reason": "unknown", "failure_balance_transaction": entry["id"]}
    world.store.save(refund)
    charge = world.fetch("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.store.save(charge)
    _tell(world, refund, {"status": "succeeded"})
    events.emit(world, "refund.failed", refund)


def _tell(world: World, refund: Json, previous: Json) -> None:
    events.emit(world, "refund.updated", refund, previous)
    events.emit(world, "charge.refund.updated", refund, previous)


@operation("GET", "/v1/refunds/{refund}")
def retrieve(call: Call) -> Json:
    """Reads a refund."""
    return call.world.fetch("refund", call.ids["refund"])


@operation("POST", "/v1/refunds/{refund}", "metadata")
def update(call: Call) -> Json:
    """Changes a refund's metadata."""
    refund = call.world.fetch("refund", call.ids["refund"])
    merge_metadata(refund, call.params)
    call.world.store.save(refund)
    events.emit(call.world, "refund.updated", refund)
    return refund


@operation("GET", "/v1/refunds", "charge created ending_before limit payment_intent starting_after")
def list_all(call: Call) -> Json:
    """Lists refunds."""
    where = call.given("charge", "payment_intent")
    return listing(call, "refund", "/v1/refunds", where)
