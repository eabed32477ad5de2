"""Payment methods (docs.stripe.com/api/payment_methods); card numbers are refused here, as Stripe does by default."""

from __future__ import annotations

from sandbox import cards, events, methods
from sandbox.errors import StripeError, invalid, missing
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, merge_metadata


@operation("POST", "/v1/payment_methods", "type card billing_details metadata")
def create(call: Call) -> Json:
    """Makes a payment method from a test token, never from a number."""
    if call.params.get("type", "card") != "card" or "card" not in call.params:
        raise invalid("The sandbox makes payment methods of type card only.", param="type")
    card = call.params["card"]
    if "number" in card:
        raise StripeError(
            402,
            "Sending credit card numbers directly to the Stripe API is generally unsafe.",
            kind="invalid_request_error",
            early=True,
        )
    if card["token"] not in cards.SOURCE_TOKENS:
        raise missing("token", "(hidden)", param="card[token]", status=400)
    name = cards.SOURCE_TOKENS[card["token"]]
    method = methods.from_token(call.world, name, call.params.get("billing_details"))
    merge_metadata(method, call.params)
    return call.world.store.save(method)


@operation("GET", "/v1/payment_methods/{payment_method}")
def retrieve(call: Call) -> Json:
    """Reads a payment method."""
    return call.world.fetch("payment_method", call.ids["payment_method"])


@operation("GET", "/v1/payment_methods", "customer ending_before limit starting_after type")
def list_all(call: Call) -> Json:
    """Lists the payment methods of a customer."""
    where = call.given("customer", "type")
    return listing(call, "payment_method", "/v1/payment_methods", where)


@operation("POST", "/v1/payment_methods/{payment_method}", "billing_details card metadata")
def update(call: Call) -> Json:
    """Changes expiry, billing details and metadata."""
    method = call.world.fetch("payment_method", call.ids["payment_method"])
    if method["customer"] is None:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    for name in ("exp_month", "exp_year"):
        if name in call.params.get("card", {}):
            method["card"][name] = call.params["card"][name]
    method["billing_details"] |= call.params.get("billing_details", {})
    merge_metadata(method, call.params)
    call.world.store.save(method)
    events.emit(call.world, "payment_method.updated", method)
    return method


@operation("POST", "/v1/payment_methods/{payment_method}/attach", "customer")
def attach(call: Call) -> Json:
    """Gives a payment method to a customer."""
    if "customer" not in call.params:
        raise invalid("Missing required param: customer.", code="parameter_missing", param="customer")
    method = methods.resolve(call.world, call.ids["payment_method"])
    return methods.attach(call.world, method, call.params["customer"])


@operation("POST", "/v1/payment_methods/{payment_method}/detach")
def detach(call: Call) -> Json:
    """Takes a payment method from its customer; it can never be used again."""
    method = call.world.fetch("payment_method", call.ids["payment_method"])
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    owner, method["customer"] = method["customer"], None
    call.world.store.save(method)
    call.world.store.note(method["id"], detached=True)
    events.emit(call.world, "payment_method.detached", method, {"customer": owner})
    return method
