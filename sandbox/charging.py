"""Confirms a payment intent: succeed, decline, or ask for authentication (docs.stripe.com/payments/paymentintents/lifecycle)."""  # noqa: E501

from __future__ import annotations

from typing import Any

from sandbox import cards, events, methods, money
from sandbox.cards import TestCard
from sandbox.errors import StripeError
from sandbox.store import Json
from sandbox.world import World


def confirm(
    world: World, intent: Json, method: Json, *, off_session: bool = False, authenticated: bool = False
) -> Json:
    """Tries to take the money; a decline raises after it has been written down."""
    card = methods.card_of(world, method)
    set_up = bool(world.store.private(method["id"]).get("set_up"))
    asks = cards.needs_authentication(card, off_session=off_session, set_up=set_up)
    if asks and not authenticated:
        if off_session:
            raise _decline(world, intent, method, "authentication_required")
        return _ask(world, intent, method)
    if card.decline:
        raise _decline(world, intent, method, card.decline)
    return _succeed(world, intent, method, card)


def authentication_failed(world: World, intent: Json) -> None:
    """The person did not pass the bank's check: no charge, and the intent wants another card."""
    method = world.fetch("payment_method", intent["payment_method"])
    error = world.shapes.blank(
        "api_errors",
        type="invalid_request_error",
        code="payment_intent_authentication_failure",
        message="The provided PaymentMethod has failed authentication.",
        payment_method=method,
    )
    _wants_another(world, intent, error)


def _ask(world: World, intent: Json, method: Json) -> Json:
    intent |= {
        "status": "requires_action",
        "payment_method": method["id"],
        "last_payment_error": None,
        "next_action": challenge(world, intent),
    }
    world.store.save(intent)
    events.emit(world, "payment_intent.requires_action", intent)
    return intent


def challenge(world: World, intent: Json) -> Json:
    """Where the person goes to confirm; with no address to return to, only Stripe.js could show it."""
    return_url = world.store.private(intent["id"]).get("return_url")
    url = f"{world.settings.public_url}/authenticate/{intent['id']}"
    if return_url is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}


def _charge(world: World, intent: Json, method: Json, **values: Any) -> Json:
    charge = world.new(
        "charge",
        "ch_",
        amount=intent["amount"],
        currency=intent["currency"],
        billing_details=method["billing_details"],
        metadata=intent["metadata"],
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": "card", "card": card_details(world, method)},
        calculated_statement_descriptor=world.settings.merchant.upper()[:22],
        fraud_details={},
        **values,
    )
    for name in ("customer", "description", "receipt_email", "statement_descriptor_suffix", "shipping"):
        charge[name] = intent[name]
    return charge


def card_details(world: World, method: Json) -> Json:
    """The card as a charge shows it."""
    card = method["card"]
    same = ("brand", "last4", "exp_month", "exp_year", "funding", "fingerprint", "country", "checks")
    return world.shapes.blank(
        "payment_method_details_card", network=card["brand"], **{name: card[name] for name in same}
    )


def _succeed(world: World, intent: Json, method: Json, card: TestCard) -> Json:
    outcome = {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None, "reason": None,
        "network_status": "approved_by_network", "risk_level": "normal", "risk_score": 11,
        "seller_message": "Payment complete.", "type": "authorized",
    }  # fmt: skip
    charge = _charge(world, intent, method, status="succeeded", paid=True, captured=True, outcome=outcome)
    charge["amount_captured"] = charge["amount"]
    ready = world.clock.now() if card.available_at_once else None
    entry = money.book(
        world, "charge", charge, charge["amount"], fee=money.card_fee(charge["amount"]), available_on=ready
    )
    charge["balance_transaction"] = entry["id"]
    world.store.insert(charge)
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "payment_method": method["id"],
        "next_action": None,
        "last_payment_error": None,
    }
    world.store.save(intent)
    _keep_card(world, intent, method)
    events.emit(world, "charge.succeeded", charge)
    events.emit(world, "payment_intent.succeeded", intent)
    return intent


def _keep_card(world: World, intent: Json, method: Json) -> None:
    if intent["setup_future_usage"]:
        world.store.note(method["id"], set_up=True)
        if intent["customer"]:
            methods.attach(world, method, intent["customer"])


def _decline(world: World, intent: Json, method: Json, reason: str) -> StripeError:
    outcome = {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None, "reason": reason,
        "network_status": "declined_by_network", "risk_level": "normal", "risk_score": 11,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }  # fmt: skip
    charge = _charge(world, intent, method, status="failed", outcome=outcome)
    charge["failure_code"] = cards.decline_code(reason)
    charge["failure_message"] = cards.DECLINE_MESSAGES[reason]
    world.store.insert(charge)
    error = methods.declined(reason, charge=charge["id"], payment_method=method)
    intent["latest_charge"] = charge["id"]
    events.emit(world, "charge.failed", charge)
    _wants_another(world, intent, error.fields)
    error.fields["payment_intent"] = intent
    return error


def _wants_another(world: World, intent: Json, error: Json) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": dict(error),
    }
    world.store.save(intent)
    events.emit(world, "payment_intent.payment_failed", intent)
