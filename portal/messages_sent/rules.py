"""Addresses as the log keeps them, and how a try to send ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Channel = Literal["mail", "text"]
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


class Outcome(StrEnum):
    """``delayed``: the server did not answer or said "later", and the job tries again."""

    SENT = "sent"
    REFUSED = "refused"
    DELAYED = "delayed"


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


def masked_contact(channel: Channel, to: str) -> str:
    """``maria.lopez@example.com`` → ``m•••@example.com``; ``(559) 555-0123`` → ``•••-0123``."""
    if channel == "mail":
        name, _, domain = to.partition("@")
        return f"{name[:1]}•••@{domain}"
    digits = "".join(character for character in to if character.isdecimal())
    return f"•••-{digits[-_LAST_DIGITS:]}"
