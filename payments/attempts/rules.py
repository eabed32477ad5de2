"""The life of an attempt as one table, and how the processor's word is read. Pure.

After GOV.UK Pay's explicit transition graph: what is not in the table is refused; moves out of an ended state
happen only on the processor's evidence and are marked as forced.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.errors import DomainError
from accounts.money import Money
from payments.gateway.base import SessionStatus, Truth

PAGE_LIFE = timedelta(minutes=60)
"""How long the processor's page can be paid. Stripe allows 30 minutes to 24 hours."""
REUSE_MARGIN = timedelta(minutes=5)
"""A page about to expire is not offered again."""
KEY_LIFE = timedelta(hours=23)
"""Replays of an idempotency key are safe for 24 hours; an hour is kept in hand."""

FIRST_CHECK = timedelta(minutes=2)
"""An attempt whose page has not been heard of by then is asked about."""
OPEN_PAUSE = timedelta(minutes=35)
"""Most people have paid or given up by then."""


class State(enum.Enum):
    """Where an attempt stands. UNKNOWN is not FAILED: the processor has not been heard yet."""

    SENDING = "sending"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class Event(enum.Enum):
    """What may happen to an attempt."""

    PAGE_OPENED = "page_opened"
    UNHEARD = "unheard"
    REFUSED = "refused"
    PAID = "paid"
    PROCESSING = "processing"
    EXPIRED = "expired"
    CANCELED = "canceled"
    MISMATCH = "mismatch"


class NotAllowed(DomainError):
    """An event that this state does not know."""


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.SENDING, Event.PAGE_OPENED): State.OPEN,
    (State.SENDING, Event.UNHEARD): State.UNKNOWN,
    (State.SENDING, Event.REFUSED): State.FAILED,
    (State.UNKNOWN, Event.PAGE_OPENED): State.OPEN,
    (State.UNKNOWN, Event.REFUSED): State.FAILED,
    (State.OPEN, Event.PROCESSING): State.PROCESSING,
    (State.OPEN, Event.REFUSED): State.FAILED,
    **{
        (state, Event.PAID): State.SUCCEEDED for state in (State.SENDING, State.UNKNOWN, State.OPEN, State.PROCESSING)
    },
    **{(state, Event.EXPIRED): State.EXPIRED for state in (State.SENDING, State.UNKNOWN, State.OPEN)},
    **{(state, Event.CANCELED): State.CANCELED for state in (State.OPEN, State.UNKNOWN)},
    **{(state, Event.MISMATCH): State.UNKNOWN for state in (State.SENDING, State.OPEN, State.PROCESSING)},
    (State.PROCESSING, Event.REFUSED): State.FAILED,
}
FORCED: dict[tuple[State, Event], State] = {
    (state, Event.PAID): State.SUCCEEDED for state in (State.EXPIRED, State.CANCELED, State.FAILED)
}
"""Corrections by evidence: money came although we thought it could not."""
IGNORED: frozenset[tuple[State, Event]] = frozenset(
    {
        (State.OPEN, Event.PAGE_OPENED),
        (State.OPEN, Event.UNHEARD),
        (State.UNKNOWN, Event.UNHEARD),
        (State.UNKNOWN, Event.MISMATCH),
        (State.PROCESSING, Event.PROCESSING),
        (State.PROCESSING, Event.PAGE_OPENED),
        (State.PROCESSING, Event.UNHEARD),
        *((state, event) for state in (State.EXPIRED, State.CANCELED, State.FAILED)
          for event in Event if event not in (Event.PAID, Event.PROCESSING)),
        *((State.SUCCEEDED, event) for event in Event),
    }
)  # fmt: skip
"""Late or repeated news that changes nothing."""
LIVE = frozenset({State.SENDING, State.OPEN, State.PROCESSING, State.UNKNOWN})


def next_state(state: State, event: Event) -> tuple[State, bool]:
    """(new state, forced); the same state for news that is ignored. Raises :class:`NotAllowed`."""
    if (state, event) in TRANSITIONS:
        return TRANSITIONS[state, event], False
    if (state, event) in FORCED:
        return FORCED[state, event], True
    if (state, event) in IGNORED:
        return state, False
    raise NotAllowed(f"{event.value} cannot happen to an attempt that is {state.value}")


@dataclass(frozen=True)
class Promise:
    """What an attempt must be paid with: the whole of it, in this environment."""

    attempt_id: str
    total: Money
    currency: str
    environment: str
    livemode: bool


_GIVEN_BACK = frozenset({"requires_payment_method", "canceled"})
"""Of an intent whose page is complete: the bank said no after the person had left (Stripe, delayed notification)."""


def read_truth(promise: Promise, truth: Truth) -> tuple[Event | None, tuple[str, ...]]:
    """What the processor's word means for the attempt, with the mismatches found; None: still open, keep waiting.

    Only money that moved is compared: a mismatch must never hide that a card was charged.
    """
    if truth.paid:
        found = tuple(
            name
            for name, ours, theirs in (
                ("amount", promise.total, truth.amount),
                ("currency", promise.currency, truth.currency),
                ("attempt", promise.attempt_id, truth.attempt_id),
                ("environment", promise.environment, truth.environment),
                ("livemode", promise.livemode, truth.livemode),
            )
            if ours != theirs
        )
        return (Event.MISMATCH, found) if found else (Event.PAID, ())
    if truth.status is SessionStatus.COMPLETE:
        return (Event.REFUSED if truth.intent_status in _GIVEN_BACK else Event.PROCESSING), ()
    if truth.status is SessionStatus.EXPIRED:
        return Event.EXPIRED, ()
    return None, ()


def kind_of_mismatch(differs: Sequence[str]) -> str:
    """The kind of line in the exceptions queue that names what is most wrong about money that moved."""
    if {"attempt", "environment", "livemode"} & set(differs):
        return "wrong-owner"
    return "wrong-currency" if "currency" in differs else "amount-mismatch"


def next_check(state: State, created_at: datetime, expires_at: datetime, now: datetime) -> datetime:
    """When to ask about a live attempt again, after it was asked about ``now``.

    An open page is asked about again soon after it has ended. Where nothing was heard, or money is on its way, the
    pauses grow with the attempt's age.
    """
    if state is State.OPEN and now < expires_at:
        return min(now + OPEN_PAUSE, expires_at + timedelta(minutes=1))
    age = now - created_at
    if age < timedelta(hours=1):
        return now + FIRST_CHECK
    return now + (timedelta(minutes=15) if age < timedelta(days=1) else timedelta(hours=6))


@dataclass(frozen=True)
class QuotedLine:
    """One account of an attempt as promised; ``quoted`` is (charge id, version, open cents) of each open charge."""

    customer_account_id: int
    amount: Money
    choice: str
    quoted: tuple[tuple[int, int, int], ...]
    targets: tuple[int, ...] = ()


@dataclass(frozen=True)
class Quote:
    """What a person is about to promise: accounts and amounts, the fee, and in which language."""

    lines: tuple[QuotedLine, ...]
    fee: Money
    language: str
    email: str

    def same_as(self, other: Quote) -> bool:
        """Equal whatever the order of the lines."""
        return set(self.lines) == set(other.lines) and replace(self, lines=()) == replace(other, lines=())


@dataclass(frozen=True)
class LiveAttempt:
    """An attempt of the same basket that is not over."""

    attempt_id: str
    token: str
    state: State
    session_id: str | None
    expires_at: datetime
    quote: Quote


def reusable(live: Sequence[LiveAttempt], quote: Quote, now: datetime) -> LiveAttempt | None:
    """The live attempt that promises just the same, so that a double click or a second tab shares one page."""
    for attempt in live:
        if attempt.quote.same_as(quote) and attempt.expires_at - now > REUSE_MARGIN:
            return attempt
    return None
