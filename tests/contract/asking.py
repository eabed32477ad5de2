"""What the contract tests ask the processor for."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import stripe

RETURN = "https://example.com/return?session_id={CHECKOUT_SESSION_ID}"


def bill(name: str = "Water bill", cents: int = 12_345, quantity: int = 1) -> dict[str, Any]:
    """A line item made on the spot."""
    price = {"currency": "usd", "unit_amount": cents, "product_data": {"name": name}}
    return {"quantity": quantity, "price_data": price}


def session_params(**changes: Any) -> dict[str, Any]:
    """A hosted session for one bill."""
    return {"mode": "payment", "success_url": RETURN, "line_items": [bill()], **changes}


def portal_params(attempt_id: str, expires_at: int, **changes: Any) -> dict[str, Any]:
    """A hosted session as the portal asks for it (``payments/checkout/rules.py``)."""
    metadata = {"env": "contract", "attempt_id": attempt_id, "channel": "guest"}
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "locale": "es-419",
        "payment_method_types": ["card"],
        "line_items": [bill(), bill("Service fee", 345)],
        "client_reference_id": attempt_id,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "statement_descriptor_suffix": "WATER"},
        "success_url": RETURN,
        "cancel_url": "https://example.com/canceled",
        "expires_at": expires_at,
        "customer_email": "ana@example.com",
        **changes,
    }


def pay(client: stripe.StripeClient, cents: int = 5_000, card: str = "pm_card_visa", **more: Any) -> Any:
    """Takes a payment in one step."""
    params = {"amount": cents, "currency": "usd", "payment_method": card, "confirm": True, **more}
    params.setdefault("automatic_payment_methods", {"enabled": True, "allow_redirects": "never"})
    return client.v1.payment_intents.create(params)


def unique() -> str:
    """An idempotency key."""
    return f"contract-{uuid.uuid4()}"


def eventually(look: Callable[[], list[Any]]) -> list[Any]:
    """What a look finds, as soon as it finds something: Stripe's log of events may lag by a moment."""
    deadline = time.monotonic() + 10
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found
