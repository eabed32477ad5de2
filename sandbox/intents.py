"""Drafts and cancels payment intents, for the API and for the hosted page alike."""

from __future__ import annotations

import re

from sandbox import events
from sandbox.errors import invalid
from sandbox.store import Json
from sandbox.world import Call, World, merge_metadata, new_id

MINIMUM_CENTS = 50
MAXIMUM_CENTS = 99_999_999
PLAIN = ("description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix", "customer", "shipping")


def check_money(amount: int, currency: str) -> None:
    """Refuses other currencies and amounts that no card payment may have."""
    if currency.lower() != "usd":
        raise invalid("The sandbox takes usd only.", code="sandbox_unsupported", param="currency")
    if amount < MINIMUM_CENTS:
        raise invalid("Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
    if amount > MAXIMUM_CENTS:
        raise invalid("Amount must be no more than $999,999.99", code="amount_too_large", param="amount")


def check_descriptor(suffix: str | None) -> None:
    """Refuses a suffix that the card networks would (docs.stripe.com/get-started/account/statement-descriptors)."""
    if suffix and (re.search(r"[<>\\'\"*]", suffix) or not suffix.isascii()):
        raise invalid(
            "The statement descriptor suffix has a forbidden character.", param="statement_descriptor_suffix"
        )
    if suffix and (len(suffix) > 22 or not re.search("[A-Za-z]", suffix)):
        raise invalid("The statement descriptor suffix needs a letter and at most 22 characters.")


def draft(world: World, amount: int, params: Json, **private: object) -> Json:
    """Stores a new intent that has not been confirmed."""
    check_money(amount, params.get("currency", "usd"))
    check_descriptor(params.get("statement_descriptor_suffix"))
    intent = world.new("payment_intent", "pi_", amount=amount, currency="usd", metadata={})
    intent |= {
        "amount_capturable": 0,
        "amount_received": 0,
        "amount_details": {"tip": {}},
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "client_secret": f"{intent['id']}_secret_{new_id('', 25)}",
        "payment_method_options": {"card": world.shapes.blank("payment_intent_payment_method_options_card")},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "allowed_payment_method_types": None,
    }
    intent["payment_method_options"]["card"]["request_three_d_secure"] = "automatic"
    Call(world, params).copied(intent, *PLAIN)
    merge_metadata(intent, params)
    world.store.insert(intent, **private)
    events.emit(world, "payment_intent.created", intent)
    return intent


def canceled(world: World, intent: Json, reason: str | None) -> Json:
    """Ends an open intent without money."""
    intent |= {"status": "canceled", "canceled_at": world.clock.now(), "cancellation_reason": reason}
    intent["next_action"] = None
    world.store.save(intent)
    events.emit(world, "payment_intent.canceled", intent)
    return intent
