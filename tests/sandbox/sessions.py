"""Opens sessions for the tests of this folder."""

from __future__ import annotations

from typing import Any

from tests.sandbox_server import Sandbox

SUCCESS = "http://localhost:8000/return?session_id={CHECKOUT_SESSION_ID}"
CANCEL = "http://localhost:8000/basket"


def line(name: str = "Water bill", cents: int = 12_345) -> dict[str, Any]:
    """One line item."""
    return {
        "quantity": 1,
        "price_data": {"currency": "usd", "unit_amount": cents, "product_data": {"name": name}},
    }


def params(attempt: str = "A1", **changes: Any) -> dict[str, Any]:
    """What a portal would send for one bill."""
    metadata = {"attempt_id": attempt}
    return {
        "mode": "payment",
        "success_url": SUCCESS,
        "cancel_url": CANCEL,
        "line_items": [line()],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        **changes,
    }


def open_session(sandbox: Sandbox, **changes: Any) -> Any:
    """Opens a session for one bill."""
    return sandbox.client().v1.checkout.sessions.create(params(**changes))
