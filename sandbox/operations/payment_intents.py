"""Payment intents (docs.stripe.com/api/payment_intents)."""

from __future__ import annotations

import re

from sandbox import charging, methods
from sandbox.errors import StripeError, invalid
from sandbox.intents import PLAIN, canceled, check_descriptor, check_money, draft
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, merge_metadata

CONFIRMING = "off_session payment_method return_url"
CREATING = (
    "amount currency customer description metadata payment_method_types receipt_email setup_future_usage"
    " shipping statement_descriptor_suffix automatic_payment_methods confirm capture_method"
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
SEARCH_LAG_SECONDS = 60
TERM = re.compile(
    r"""^(?:metadata\[["'](?P<key>[^"']+)["']\]|(?P<field>status|customer)):["'](?P<value>[^"']*)["']$"""
)


@operation("POST", "/v1/payment_intents", f"{CREATING} {CONFIRMING}")
def create(call: Call) -> Json:
    """Makes an intent, and confirms it at once where that is asked for."""
    params = call.params
    if params.get("payment_method_types", ["card"]) != ["card"]:
        raise invalid("The sandbox takes cards only.", code="sandbox_unsupported", param="payment_method_types")
    if params.get("capture_method", "automatic") == "manual":
        raise invalid("The sandbox captures at once.", code="sandbox_unsupported", param="capture_method")
    if "customer" in params:
        call.world.fetch("customer", params["customer"], param="customer", status=400)
    if "off_session" in params and not params.get("confirm"):
        raise invalid("off_session can only be used with confirm=true.", param="off_session")
    intent = draft(call.world, params["amount"], params)
    if params.get("automatic_payment_methods", {}).get("enabled"):
        intent["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "always"}
    return _confirm(call, intent) if params.get("confirm") else _prepare(call, intent)


def _prepare(call: Call, intent: Json) -> Json:
    if "payment_method" in call.params:
        intent["payment_method"] = _method(call, intent)["id"]
        intent["status"] = "requires_confirmation"
    return call.world.store.save(intent)


def _method(call: Call, intent: Json) -> Json:
    wanted = call.params.get("payment_method") or intent["payment_method"]
    if wanted is None:
        raise unexpected(intent, "You cannot confirm this PaymentIntent because it's missing a payment method.")
    method = methods.resolve(call.world, wanted)
    if call.world.store.private(method["id"]).get("detached"):
        raise invalid("The provided PaymentMethod was detached from a Customer and may not be used again.")
    if method["customer"] not in (None, intent["customer"]):
        raise invalid("The PaymentMethod belongs to another Customer.", param="payment_method")
    return method


def _confirm(call: Call, intent: Json) -> Json:
    if "return_url" in call.params:
        call.world.store.note(intent["id"], return_url=call.params["return_url"])
    method = _method(call, intent)
    return charging.confirm(call.world, intent, method, off_session=bool(call.params.get("off_session")))


def unexpected(intent: Json, message: str) -> StripeError:
    """The refusal of a step that the intent's state does not allow."""
    return StripeError(400, message, code="payment_intent_unexpected_state", payment_intent=intent)


@operation("POST", "/v1/payment_intents/{intent}/confirm", f"{CONFIRMING} setup_future_usage receipt_email")
def confirm(call: Call) -> Json:
    """Confirms an intent that is still open."""
    intent = call.world.fetch("payment_intent", call.ids["intent"], param="intent")
    if intent["status"] not in OPEN:
        raise unexpected(intent, f"This PaymentIntent has a status of {intent['status']} and cannot be confirmed.")
    call.copied(intent, "setup_future_usage", "receipt_email")
    return _confirm(call, intent)


@operation("GET", "/v1/payment_intents/{intent}", "client_secret")
def retrieve(call: Call) -> Json:
    """Reads an intent."""
    return call.world.fetch("payment_intent", call.ids["intent"], param="intent")


@operation(
    "POST",
    "/v1/payment_intents/{intent}",
    "amount customer description metadata payment_method receipt_email setup_future_usage"
    " statement_descriptor_suffix",
)
def update(call: Call) -> Json:
    """Changes an intent; once it has succeeded only words and metadata may change."""
    intent = call.world.fetch("payment_intent", call.ids["intent"], param="intent")
    fixed = call.params.keys() - {"description", "metadata", "receipt_email"}
    if intent["status"] not in OPEN and fixed:
        raise unexpected(intent, f"This PaymentIntent's {min(fixed)} could not be updated.")
    if "amount" in call.params:
        check_money(call.params["amount"], intent["currency"])
        intent["amount"] = call.params["amount"]
    check_descriptor(call.params.get("statement_descriptor_suffix"))
    call.copied(intent, *PLAIN)
    merge_metadata(intent, call.params)
    if intent["status"] in OPEN and "payment_method" in call.params:
        return _prepare(call, intent)
    return call.world.store.save(intent)


@operation("POST", "/v1/payment_intents/{intent}/cancel", "cancellation_reason")
def cancel(call: Call) -> Json:
    """Cancels an open intent; one that a Checkout Session made is cancelled by expiring the session."""
    intent = call.world.fetch("payment_intent", call.ids["intent"], param="intent")
    if intent["status"] not in OPEN:
        raise unexpected(
            intent, f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        )
    if call.world.store.private(intent["id"]).get("session"):
        raise unexpected(intent, "You cannot cancel PaymentIntents created by Checkout; expire the session.")
    return canceled(call.world, intent, call.params.get("cancellation_reason"))


@operation("GET", "/v1/payment_intents", "created customer ending_before limit starting_after")
def list_all(call: Call) -> Json:
    """Lists intents."""
    where = call.given("customer")
    return listing(call, "payment_intent", "/v1/payment_intents", where)


@operation("GET", "/v1/payment_intents/search", "limit query")
def search(call: Call) -> Json:
    """Searches by metadata and status; what is younger than a minute is not found yet, as in life."""
    wanted = {}
    for term in call.params["query"].split(" AND "):
        match = TERM.match(term.strip())
        if not match:
            raise invalid("We were unable to parse your search query.", param="query")
        wanted[match["field"] or f'metadata."{match["key"]}"'] = match["value"]
    limit = call.params.get("limit", 10)
    visible = (call.world.clock.now() - SEARCH_LAG_SECONDS,)
    found = call.world.store.find(
        "payment_intent", wanted, clauses=" AND created <= ?", values=visible, limit=limit + 1
    )
    return {
        "object": "search_result",
        "data": found[:limit],
        "has_more": len(found) > limit,
        "next_page": None,
        "url": "/v1/payment_intents/search",
    }
