"""The only module that imports ``stripe``. Pinned to the API version 2026-08-26.dahlia (docs/decisions)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe

from accounts.database import forbid_open_transaction
from accounts.money import Money
from payments.gateway.base import (
    BadSignature,
    Busy,
    HostedPage,
    ProcessorHint,
    Refused,
    SessionStatus,
    Truth,
    Unheard,
)

_TIMEOUTS = (3.05, 15)
"""Seconds to connect and to wait for an answer; the library's own default would hold a worker for minutes."""
_TOLERANCE_SECONDS = 300
_EXPANDED = ["payment_intent.latest_charge"]
Answer = TypeVar("Answer")


class StripeGateway:
    """Hosted Checkout at Stripe, or at the sandbox when ``api_base`` says so."""

    def __init__(self, key: str, webhook_secrets: Sequence[str], api_base: str | None = None) -> None:
        self._http = stripe.RequestsClient(timeout=_TIMEOUTS)
        options: dict[str, Any] = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(key, http_client=self._http, max_network_retries=1, **options)
        self._secrets = tuple(webhook_secrets)

    def open_page(self, request: dict[str, object], idempotency_key: str) -> HostedPage:
        def call() -> HostedPage:
            session = self._client.v1.checkout.sessions.create(
                params=request,  # type: ignore[arg-type]
                options={"idempotency_key": idempotency_key},
            )
            if not session.url:
                raise Unheard("the processor gave a session without an address", session=session.id)
            return HostedPage(session.id, session.url)

        return _heard(call)

    def truth(self, session_id: str) -> Truth:
        return _heard(lambda: _truth(self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _EXPANDED})))

    def expire(self, session_id: str) -> Truth:
        # Refused: it is complete or expired already, and what it is now is all that matters.
        with contextlib.suppress(Refused):
            _heard(lambda: self._client.v1.checkout.sessions.expire(session_id))
        return self.truth(session_id)

    def read_event(self, body: bytes, signature: str) -> ProcessorHint:
        text = body.decode("utf-8", errors="replace")
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(text, signature, secret, _TOLERANCE_SECONDS)
            except stripe.SignatureVerificationError:
                continue
            return _hint(text)
        raise BadSignature("no webhook secret fits the signature")

    def is_reachable(self) -> bool:
        try:
            _heard(self._client.v1.balance.retrieve)
        except (Unheard, Refused):
            return False
        except Busy:
            return True
        return True


def _heard(call: Callable[[], Answer]) -> Answer:
    """Make a call outside any transaction and sort its errors into ours."""
    forbid_open_transaction()
    try:
        return call()
    except (stripe.RateLimitError, stripe.IdempotencyError) as error:
        if isinstance(error, stripe.IdempotencyError) and error.http_status != _CONFLICT:
            raise Refused("the key was used with other parameters", code="idempotency_error") from error
        raise Busy("the processor is busy with this request") from error
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.InvalidRequestError) as error:
        raise Refused(f"the processor refused: {error.code or type(error).__name__}", code=error.code) from error
    except stripe.StripeError as error:
        if error.http_status == _CONFLICT:
            raise Busy("the same request is in flight") from error
        raise Unheard(f"no clear answer from the processor: {type(error).__name__}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unheard(f"an answer that is not the processor's: {type(error).__name__}") from error


_CONFLICT = 409


def _truth(session: Any) -> Truth:
    fields = session.to_dict()
    intent = fields.get("payment_intent")
    intent = intent if isinstance(intent, dict) else {"id": intent} if intent else {}
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    metadata = fields.get("metadata") or {}
    paid = fields["payment_status"] == "paid" and intent.get("status") == "succeeded"
    return Truth(
        session_id=fields["id"],
        status=SessionStatus(fields["status"]),
        paid=paid,
        amount=Money(int(intent["amount_received"] if paid else fields["amount_total"])),
        currency=str(fields["currency"]),
        livemode=bool(fields["livemode"]),
        attempt_id=fields.get("client_reference_id") or metadata.get("attempt_id", ""),
        environment=metadata.get("env", ""),
        payment_intent_id=intent.get("id"),
        intent_status=intent.get("status"),
        paid_at=datetime.fromtimestamp(charge["created"], UTC) if charge.get("created") else None,
        brand=card.get("brand") or "",
        last4=card.get("last4") or "",
        url=fields.get("url"),
    )


def _hint(text: str) -> ProcessorHint:
    event = stripe.Webhook.construct_event_without_verification(text)
    fields = event.to_dict()
    subject = fields["data"]["object"]
    metadata = subject.get("metadata") or {}
    is_session = subject.get("object") == "checkout.session"
    return ProcessorHint(
        event_id=fields["id"],
        event_type=fields["type"],
        livemode=bool(fields.get("livemode")),
        api_version=fields.get("api_version") or "",
        environment=metadata.get("env", ""),
        attempt_id=metadata.get("attempt_id", ""),
        session_id=subject["id"] if is_session else "",
    )
