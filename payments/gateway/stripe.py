"""The only module that imports ``stripe``. Pinned to the API version 2026-08-26.dahlia (docs/decisions)."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe

from accounts.database import forbid_open_transaction
from accounts.money import Money
from payments.gateway.base import (
    BadSignature,
    Busy,
    HostedPage,
    IntentFact,
    KeyConflict,
    ProcessorHint,
    Refused,
    RegisteredEndpoint,
    SessionStatus,
    Truth,
    Unheard,
)
from payments.gateway.payouts import MovementTruth, PayoutTruth, movement_of, payout_of

_TIMEOUTS = (3.05, 15)
"""Seconds to connect and to wait for an answer; the library's own default would hold a worker for minutes."""
_TOLERANCE_SECONDS = 300
_EXPANDED = ["payment_intent.latest_charge"]
_SOURCES = ["data.source"]
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

    def find_page(self, attempt_id: str, since: datetime, until: datetime) -> HostedPage | None:
        window = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}}
        for session in _listed(self._client.v1.checkout.sessions.list, window):
            if session.get("client_reference_id") == attempt_id:
                return HostedPage(session["id"], session.get("url") or "")
        return None

    def page_of(self, payment_intent_id: str) -> str | None:
        sessions = _listed(self._client.v1.checkout.sessions.list, {"payment_intent": payment_intent_id})
        return next((str(session["id"]) for session in sessions), None)

    def intent(self, payment_intent_id: str) -> IntentFact:
        return _heard(lambda: _intent(self._client.v1.payment_intents.retrieve(payment_intent_id).to_dict()))

    def intents(self, since: datetime, until: datetime) -> Iterator[IntentFact]:
        window = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}}
        for intent in _listed(self._client.v1.payment_intents.list, window):
            yield _intent(intent)

    def events(self, since: datetime, types: Sequence[str]) -> Iterator[tuple[ProcessorHint, bytes]]:
        asked = {"created": {"gte": int(since.timestamp())}, "types": list(types)}
        for event in _listed(self._client.v1.events.list, asked):
            yield _hint(event), json.dumps(event).encode()

    def read_event(self, body: bytes, signature: str) -> ProcessorHint:
        text = body.decode("utf-8", errors="replace")
        problem = "signature"
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(text, signature, secret, _TOLERANCE_SECONDS)
            except stripe.SignatureVerificationError as error:
                problem = "stale" if "tolerance" in str(error) else problem
                continue
            return _hint(_parsed(text))
        raise BadSignature("no webhook secret fits the signature", reason=problem)

    def endpoints(self) -> Iterator[RegisteredEndpoint]:
        for listed in _listed(self._client.v1.webhook_endpoints.list, {}):
            types = frozenset(str(kind) for kind in listed["enabled_events"])
            yield RegisteredEndpoint(str(listed["url"]), listed["status"] == "enabled", types)

    def is_reachable(self) -> bool:
        try:
            _heard(self._client.v1.balance.retrieve)
        except (Unheard, Refused):
            return False
        except Busy:
            return True
        return True

    # Payouts.

    def payout(self, payout_id: str) -> PayoutTruth:
        return _heard(lambda: payout_of(self._client.v1.payouts.retrieve(payout_id).to_dict()))

    def payouts(self, since: datetime) -> Iterator[PayoutTruth]:
        asked = {"created": {"gte": int(since.timestamp())}}
        return _read(payout_of, _listed(self._client.v1.payouts.list, asked))

    def movements(self, since: datetime) -> Iterator[MovementTruth]:
        asked = {"created": {"gte": int(since.timestamp())}, "expand": _SOURCES}
        return _read(movement_of, _listed(self._client.v1.balance_transactions.list, asked))

    def movements_of(self, payout_id: str) -> Iterator[MovementTruth]:
        asked = {"payout": payout_id, "expand": _SOURCES}
        return _read(movement_of, _listed(self._client.v1.balance_transactions.list, asked))


def _heard(call: Callable[[], Answer]) -> Answer:
    """Make a call outside any transaction and sort its errors into ours."""
    forbid_open_transaction()
    try:
        return call()
    except (stripe.RateLimitError, stripe.IdempotencyError) as error:
        if isinstance(error, stripe.IdempotencyError) and error.http_status != _CONFLICT:
            raise KeyConflict("the key was used with another request", code="idempotency_error") from error
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


def _parsed(text: str) -> dict[str, Any]:
    """A signed body as an object; anything else the processor may sign is an event of which we know nothing."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _hint(event: Mapping[str, Any]) -> ProcessorHint:
    """What an event is about. Nothing in it is relied upon to be there: a signed event is never refused."""
    data = event.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    subject = subject if isinstance(subject, dict) else {}
    metadata = subject.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    subject_id = _id(subject.get("id"))
    kind = subject.get("object")
    return ProcessorHint(
        event_id=_id(event.get("id")),
        event_type=_text(event.get("type")),
        livemode=event.get("livemode") is True,
        api_version=_text(event.get("api_version")),
        environment=_text(metadata.get("env")),
        attempt_id=_id(metadata.get("attempt_id")),
        session_id=subject_id if kind == "checkout.session" else "",
        payment_intent_id=subject_id if kind == "payment_intent" else _id(subject.get("payment_intent")),
        subject_id=subject_id,
        created_at=_moment(event.get("created")),
    )


def _text(value: object) -> str:
    """Text that can be kept; anything else is as if it were not there."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable() else ""


def _id(value: object) -> str:
    """What can be asked for by its id; anything else is as if it were not there."""
    text = _text(value)
    return text if _ID.fullmatch(text) else ""


_LONGEST_TEXT = 255
"""As the processor says of its ids; an index of the database could not hold a very long one."""
_ID = re.compile(r"[A-Za-z0-9_-]+")


def _moment(seconds: object) -> datetime | None:
    """A moment of the calendar, from whole seconds since 1970."""
    if type(seconds) is not int:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _intent(fields: Mapping[str, Any]) -> IntentFact:
    metadata = fields.get("metadata") or {}
    paid = fields["status"] == "succeeded"
    return IntentFact(
        payment_intent_id=fields["id"],
        paid=paid,
        amount=Money(int(fields["amount_received"] if paid else fields["amount"])),
        currency=str(fields["currency"]),
        livemode=bool(fields["livemode"]),
        environment=metadata.get("env", ""),
        attempt_id=metadata.get("attempt_id", ""),
        created_at=datetime.fromtimestamp(fields["created"], UTC),
    )


def _listed(list_page: Callable[[Any], Any], asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All objects of a list, page after page; memory holds one page."""
    after: dict[str, str] = {}
    while True:
        page = _heard(lambda: list_page({**asked, "limit": _PAGE, **after}).to_dict())  # noqa: B023 - called at once
        yield from page["data"]
        if not page["has_more"] or not page["data"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def _read(as_ours: Callable[[Mapping[str, Any]], Answer], listed: Iterator[dict[str, Any]]) -> Iterator[Answer]:
    """Listed objects as ours; one that cannot be read is an answer that was not heard."""
    for fields in listed:
        yield _heard(lambda: as_ours(fields))  # noqa: B023 - called at once


_PAGE = 100
"""The most that the processor gives at once."""
