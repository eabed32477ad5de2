"""Setup intents: a card kept for later, confirmed once with its owner present (docs.stripe.com/api/setup_intents)."""

from __future__ import annotations

from sandbox import methods
from sandbox.errors import StripeError, invalid
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.setups import draft, keep
from sandbox.store import Json
from sandbox.world import Call

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@operation(
    "POST",
    "/v1/setup_intents",
    "confirm customer description metadata payment_method payment_method_types return_url usage",
)
def create(call: Call) -> Json:
    """Makes a setup intent, and confirms it at once where that is asked for."""
    if "customer" in call.params:
        call.world.fetch("customer", call.params["customer"], param="customer", status=400)
    intent = draft(call.world, call.params)
    if call.params.get("confirm"):
        return _confirm(call, intent)
    if "payment_method" in call.params:
        method = methods.resolve(call.world, call.params["payment_method"])
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return call.world.store.save(intent)


@operation("POST", "/v1/setup_intents/{intent}/confirm", "payment_method return_url")
def confirm(call: Call) -> Json:
    """Confirms a setup intent that is still open."""
    intent = call.world.fetch("setup_intent", call.ids["intent"], param="intent")
    if intent["status"] not in OPEN:
        raise StripeError(
            400,
            f"You cannot confirm this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
            setup_intent=intent,
        )
    return _confirm(call, intent)


def _confirm(call: Call, intent: Json) -> Json:
    if "return_url" in call.params:
        call.world.store.note(intent["id"], return_url=call.params["return_url"])
    wanted = call.params.get("payment_method") or intent["payment_method"]
    if wanted is None:
        raise invalid("You cannot confirm this SetupIntent because it's missing a payment method.")
    return keep(call.world, intent, methods.resolve(call.world, wanted))


@operation("GET", "/v1/setup_intents/{intent}", "client_secret")
def retrieve(call: Call) -> Json:
    """Reads a setup intent."""
    return call.world.fetch("setup_intent", call.ids["intent"], param="intent")


@operation("GET", "/v1/setup_intents", "created customer ending_before limit payment_method starting_after")
def list_all(call: Call) -> Json:
    """Lists setup intents."""
    where = call.given("customer", "payment_method")
    return listing(call, "setup_intent", "/v1/setup_intents", where)
