"""What may be asked of a card processor and how it may answer, in our words.

Errors say whose move it is: :class:`Unheard` means nobody knows yet (ask again), :class:`Refused` means that
nothing happened, :class:`Busy` means try again soon.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accounts.errors import DomainError
from accounts.money import Money
from payments.gateway.payouts import MovementTruth, PayoutTruth


class GatewayError(DomainError):
    """The processor did not simply do it."""


class Unheard(GatewayError):
    """Timeout, cut connection, 5xx or an unreadable answer: the act may have happened. Never read as a failure."""


class Busy(GatewayError):
    """Too many requests, or the same key is in flight: nothing is known to be wrong; try again soon."""


class Refused(GatewayError):
    """The processor said no before doing anything (4xx)."""


class KeyConflict(Refused):
    """The idempotency key was used with another request: what that one did is not known here."""


class BadSignature(GatewayError):
    """An event that the processor did not sign, or signed too long ago."""


class SessionStatus(enum.Enum):
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True)
class HostedPage:
    """A page of the processor's on which one attempt can be paid."""

    session_id: str
    url: str


@dataclass(frozen=True)
class Truth:
    """What the processor says of a session when asked, and of the money that moved in it, if any."""

    session_id: str
    status: SessionStatus
    paid: bool
    amount: Money
    currency: str
    livemode: bool
    attempt_id: str
    environment: str
    payment_intent_id: str | None
    intent_status: str | None
    paid_at: datetime | None
    brand: str
    last4: str
    url: str | None


@dataclass(frozen=True)
class ProcessorHint:
    """A verified event: a reason to go and ask, nothing more. Its fields may be empty, whatever it is about."""

    event_id: str
    event_type: str
    livemode: bool
    api_version: str
    environment: str
    attempt_id: str
    session_id: str
    payment_intent_id: str = ""
    subject_id: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True)
class IntentFact:
    """A payment intent as the processor lists it: what it would take, or (``paid``) what it took."""

    payment_intent_id: str
    paid: bool
    amount: Money
    currency: str
    livemode: bool
    environment: str
    attempt_id: str
    created_at: datetime


@dataclass(frozen=True)
class RegisteredEndpoint:
    """An address that the processor sends events to; ``types`` may hold ``*``, which stands for all."""

    url: str
    enabled: bool
    types: frozenset[str]


class Gateway(Protocol):
    """Every method may raise :class:`GatewayError`; none may be called inside a transaction."""

    def open_page(self, request: dict[str, object], idempotency_key: str) -> HostedPage:
        """Create the hosted page; the same key and request give the same page again for 24 hours."""
        ...

    def truth(self, session_id: str) -> Truth:
        """Ask for the state of a session and its money."""
        ...

    def expire(self, session_id: str) -> Truth:
        """Close an open page; a page that is complete or expired already is simply reported as it is."""
        ...

    def find_page(self, attempt_id: str, since: datetime, until: datetime) -> HostedPage | None:
        """The page of an attempt among those created in a window: for an attempt that never heard its answer."""
        ...

    def page_of(self, payment_intent_id: str) -> str | None:
        """The session in which a payment intent was paid, if it was one of ours."""
        ...

    def intent(self, payment_intent_id: str) -> IntentFact:
        """Ask for one payment intent."""
        ...

    def intents(self, since: datetime, until: datetime) -> Iterator[IntentFact]:
        """Every payment intent created from ``since`` until just before ``until``, a hundred at a time."""
        ...

    def events(self, since: datetime, types: Sequence[str]) -> Iterator[tuple[ProcessorHint, bytes]]:
        """Events of these types since a time, newest first, as told (the processor keeps 30 days)."""
        ...

    def read_event(self, body: bytes, signature: str) -> ProcessorHint:
        """Verify a webhook's raw body; raises :class:`BadSignature`, whose ``reason`` is counted."""
        ...

    def endpoints(self) -> Iterator[RegisteredEndpoint]:
        """Every address that events are sent to on this account, ours or another installation's."""
        ...

    def is_reachable(self) -> bool:
        """Does the processor answer at all, with our key?"""
        ...

    # Payouts: lists come newest first, a hundred at a time as they are read.

    def payout(self, payout_id: str) -> PayoutTruth:
        """Ask for one payout."""
        ...

    def payouts(self, since: datetime) -> Iterator[PayoutTruth]:
        """Every payout created since a time."""
        ...

    def movements(self, since: datetime) -> Iterator[MovementTruth]:
        """Every movement of the processor's balance since a time, whether it has been paid out or not."""
        ...

    def movements_of(self, payout_id: str) -> Iterator[MovementTruth]:
        """What a payout is made of, its own withdrawal included; complete for automatic, reconciled payouts only."""
        ...
