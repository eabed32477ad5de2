"""Keeps a card for later, for the API and for the hosted page alike."""

from __future__ import annotations

from sandbox import cards, events, methods
from sandbox.store import Json
from sandbox.world import Call, World, merge_metadata, new_id


def draft(world: World, params: Json, **private: object) -> Json:
    """Stores a new setup intent that has not been confirmed."""
    intent = world.new("setup_intent", "seti_", metadata={}, payment_method_types=["card"])
    intent |= {
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
        "client_secret": f"{intent['id']}_secret_{new_id('', 25)}",
        "payment_method_options": {
            "card": world.shapes.blank("setup_intent_payment_method_options_card", request_three_d_secure="automatic")
        },
    }
    Call(world, params).copied(intent, "customer", "description")
    merge_metadata(intent, params)
    world.store.insert(intent, **private)
    events.emit(world, "setup_intent.created", intent)
    return intent


def keep(world: World, intent: Json, method: Json, *, authenticated: bool = False) -> Json:
    """Keeps the card for later; a decline raises after it has been written down."""
    card = methods.card_of(world, method)
    if cards.needs_authentication(card, off_session=False, set_up=False) and not authenticated:
        return _ask(world, intent, method)
    if not card.attachable and card.decline:
        error = methods.declined(card.decline, payment_method=method)
        wants_another(world, intent, error.fields)
        error.fields["setup_intent"] = intent
        raise error
    intent |= {"status": "succeeded", "payment_method": method["id"], "next_action": None}
    intent["last_setup_error"] = None
    world.store.save(intent)
    world.store.note(method["id"], set_up=True)
    if intent["customer"]:
        methods.attach(world, method, intent["customer"])
    events.emit(world, "setup_intent.succeeded", intent)
    return intent


def _ask(world: World, intent: Json, method: Json) -> Json:
    return_url = world.store.private(intent["id"]).get("return_url")
    url = f"{world.settings.public_url}/authenticate/{intent['id']}"
    intent |= {"status": "requires_action", "payment_method": method["id"], "last_setup_error": None}
    intent["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": return_url, "url": url},
    }
    world.store.save(intent)
    events.emit(world, "setup_intent.requires_action", intent)
    return intent


def authentication_failed(world: World, intent: Json) -> None:
    """The person did not pass the bank's check: no card is kept."""
    error = world.shapes.blank(
        "api_errors",
        type="invalid_request_error",
        code="setup_intent_authentication_failure",
        message="The provided PaymentMethod has failed authentication.",
        payment_method=world.fetch("payment_method", intent["payment_method"]),
    )
    wants_another(world, intent, error)


def wants_another(world: World, intent: Json, error: Json) -> None:
    """Writes a failure down; the intent stays open for another card."""
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_setup_error"] = dict(error)
    world.store.save(intent)
    events.emit(world, "setup_intent.setup_failed", intent)
