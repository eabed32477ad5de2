"""A link to pay that the counter sends: what it asks for, how long, and how it stands. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money, total
from payments.attempts.rules import LIVE, State

Channel = Literal["mail", "text", "qr"]
"""``qr``: shown on the clerk's screen, for the telephone of somebody who stands there."""
CHANNELS: tuple[Channel, ...] = ("mail", "text", "qr")


class NothingAsked(DomainError):
    """A link asks for an amount on one account at least."""


class TooManyAsked(DomainError):
    """More accounts than one link takes: ``facts["most"]``."""


class AskedTwice(DomainError):
    """The same account stands on the link twice."""


class LinkOver(Conflict):
    """The link's time is over."""


class LinkCanceled(Conflict):
    """Whoever sent it has canceled it."""


class LinkPaid(Conflict):
    """It was paid. ``facts["token"]`` is the attempt that paid it."""


class Standing(StrEnum):
    """How a link stands, in the order in which it goes."""

    WAITING = "waiting"
    """Sent, not opened yet."""
    OPENED = "opened"
    PAYING = "paying"
    """Somebody is on the payment page."""
    CHECKING = "checking"
    """Money may have moved; the processor is being asked."""
    FAILED = "failed"
    """The last try did not go through; it may be tried again."""
    PAID = "paid"
    CANCELED = "canceled"
    OVER = "over"


ENDED = frozenset({Standing.PAID, Standing.CANCELED, Standing.OVER})
"""Nothing more happens to it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """So much on one account."""

    account_id: int
    amount: Money


def checked(lines: Sequence[Asked], most: int) -> tuple[Asked, ...]:
    """The lines of a link, in order; raises :class:`NothingAsked`, :class:`TooManyAsked`, :class:`AskedTwice`."""
    if not lines or any(line.amount <= ZERO for line in lines):
        raise NothingAsked("a link asks for money")
    if len(lines) > most:
        raise TooManyAsked(f"a link takes {most} accounts", most=most)
    if len({line.account_id for line in lines}) < len(lines):
        raise AskedTwice("an account stands there twice")
    return tuple(lines)


def asked_total(lines: Sequence[Asked]) -> Money:
    return total(line.amount for line in lines)


def digest(token: str) -> bytes:
    """How a link is found: its token is never stored."""
    return hashlib.sha256(b"pay-link:" + token.encode()).digest()


def basket_token(token: str) -> str:
    """The one basket of a link: whoever opens it, however often, promises the same."""
    return hashlib.sha256(b"pay-link-basket:" + token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a link's standing follows from. ``attempt`` is the state of its newest attempt; None: nobody went on."""

    expires_at: datetime
    opened_at: datetime | None
    canceled_at: datetime | None
    attempt: State | None
    is_paid: bool


def standing(facts: Facts, now: datetime) -> Standing:
    """Money first: what was paid is paid, whatever else was said of the link."""
    is_canceled, is_live = facts.canceled_at is not None, facts.attempt in LIVE
    held = (
        (facts.is_paid or facts.attempt is State.SUCCEEDED, Standing.PAID),
        (facts.attempt in (State.PROCESSING, State.UNKNOWN) or (is_canceled and is_live), Standing.CHECKING),
        (is_canceled, Standing.CANCELED),
        (is_live, Standing.PAYING),
        (facts.expires_at <= now, Standing.OVER),
        (facts.attempt is not None, Standing.FAILED),
        (facts.opened_at is not None, Standing.OPENED),
    )
    return next((stands for is_so, stands in held if is_so), Standing.WAITING)
