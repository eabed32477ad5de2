"""Refusals in Stripe's error envelope (docs.stripe.com/api/errors)."""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """One refused request: its status, and the fields of the ``error`` object.

    ``keep`` says that what was written before the refusal stays (a declined charge is a fact).
    ``early`` says that the endpoint never started, so an idempotency key does not remember it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        keep: bool = False,
        early: bool = False,
        **fields: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        self.early = early
        self.fields = {"type": kind, "message": message, **{k: v for k, v in fields.items() if v is not None}}

    @property
    def envelope(self) -> dict[str, Any]:
        """The body as it goes over the wire."""
        return {"error": self.fields}


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    """A 400 that an operation found while it worked."""
    return StripeError(400, message, code=code, param=param)


def missing(noun: str, identifier: str, *, param: str = "id", status: int = 404) -> StripeError:
    """An id that names nothing: 404 in the path, 400 in a parameter."""
    return StripeError(status, f"No such {noun}: '{identifier}'", code="resource_missing", param=param)
