"""Addresses as the log keeps them, and how a try to send ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from accounts.premises.rules import masked_address

Channel = Literal["mail", "text"]
LogChannel = Literal["mail", "text", "letter"]
"""A letter is printed by a person, so it is in the log and not among what is sent."""
_LAST_DIGITS = 4


class Kind(StrEnum):
    """What a message is about."""

    RECEIPT = "receipt"
    RECEIPT_AGAIN = "receipt-again"
    LOOKUP_CODE = "lookup-code"
    LOOKUP_NUMBER = "lookup-number"
    PAY_LINK = "pay-link"
    PAYMENT_RETURNED = "payment-returned"
    SHARE_OFFERED = "share-offered"
    TEXT_CODE = "text-code"
    BILL_READY = "bill-ready"
    DUE_SOON = "due-soon"
    PAST_DUE = "past-due"
    PAYMENT_RECEIVED = "payment-received"
    PAYMENT_FAILED = "payment-failed"
    REQUEST_ANSWERED = "request-answered"
    HIGH_USE = "high-use"
    ACCOUNT_LINKED = "account-linked"
    ACCOUNT_UNLINKED = "account-unlinked"
    CHOICES_CHANGED = "choices-changed"
    PAPERLESS_ASKED = "paperless-asked"


UNASKED = frozenset({Kind.LOOKUP_CODE, Kind.LOOKUP_NUMBER, Kind.PAYMENT_RETURNED, Kind.CHOICES_CHANGED})
"""To the address on file, which its reader did not just give."""


class State(StrEnum):
    """Where a message is. ``delayed``: the other side did not answer or said "later", and the job tries again."""

    QUEUED = "queued"
    SENDING = "sending"
    DELAYED = "delayed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    DROPPED = "dropped"
    """Not sent: what it was about was over (paid), or its reader wants none."""
    PRINTED = "printed"
    """On paper, by a person; whether it was posted is not known here."""


STANDS_AFTER: dict[State, frozenset[State]] = {
    State.DELIVERED: frozenset({State.SENT, State.SENDING}),
    State.FAILED: frozenset({State.QUEUED, State.SENDING, State.DELAYED, State.SENT}),
    State.BOUNCED: frozenset({State.SENDING, State.SENT, State.DELIVERED}),
}
"""What the other side reports later, and of which states it is news: reports come late, twice and out of order."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the log knows it."""

    channel: Channel
    kind: Kind
    to: str
    """The whole address; only its mask is kept."""
    language: str
    about: str = ""
    asked_by: int | None = None
    accounts: tuple[int, ...] = ()
    """The accounts that it is about, by id, or by ``references``."""
    references: tuple[str, ...] = ()
    key: str = ""
    """The same each time that the same message is tried."""
    reader: int | None = None
    """The resident (their actor) whom it is for; it stands among the messages that they got."""


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """A letter that somebody printed, to the holder of an account."""

    kind: Kind
    account_id: int
    address: str
    """Its first line; only its mask is kept."""
    language: str
    asked_by: int

    @property
    def to_masked(self) -> str:
        return masked_address(self.address)


def masked_contact(channel: Channel, to: str) -> str:
    """``maria.lopez@example.com`` → ``m•••@example.com``; ``(559) 555-0123`` → ``•••-0123``."""
    if channel == "mail":
        name, _, domain = to.partition("@")
        return f"{name[:1]}•••@{domain}"
    digits = "".join(character for character in to if character.isdecimal())
    return f"•••-{digits[-_LAST_DIGITS:]}"
