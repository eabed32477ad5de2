"""Mail that comes back, as the other side's server writes it: multipart/report; report-type=delivery-status. Pure.

RFC 3464 (the report), RFC 3463 (its status codes), RFC 3461 (what it is about). Anything else that comes to the
mailbox, such as an answer from holiday, is no report.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from portal.messages_sent.rules import State

LARGEST = 2_000_000
_STATES = {"failed": State.BOUNCED, "delivered": State.DELIVERED}
"""``delayed``, ``relayed`` and ``expanded`` are no end: nothing follows from them."""
_ADDRESS, _MAILBOX_FULL = "5.1.", "5.2.2"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of one message of ours."""

    message_id: str
    """The Message-ID of what came back, with its brackets."""
    state: State
    status: str
    """``5.1.1``."""

    @property
    def is_the_address(self) -> bool:
        """Whether nothing else will arrive there: any permanent failure but a mailbox that is full for now."""
        return self.state is State.BOUNCED and self.status.startswith("5.") and self.status != _MAILBOX_FULL


def read_bounce(raw: bytes) -> list[Bounce]:
    """What a mail reports of messages of ours; nothing, where it is no report. Never raises."""
    try:
        parsed = email.message_from_bytes(raw[:LARGEST], policy=email.policy.default)
        if not isinstance(parsed, EmailMessage) or parsed.get_content_type() != "multipart/report":
            return []
        if str(parsed.get_param("report-type", "")).lower() != "delivery-status":
            return []
        about = _original(parsed)
        return [] if not about else list(dict.fromkeys(_reports(parsed, about)))
    except Exception:  # noqa: BLE001 - a stranger's mail may be anything, and the parser raises many kinds of errors
        return []


def _reports(parsed: EmailMessage, about: str) -> Iterator[Bounce]:
    for part in parsed.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in part.get_payload():
            action = str(fields.get("Action", "")).strip().lower()  # type: ignore[union-attr]
            status = str(fields.get("Status", "")).split(" ")[0].strip()  # type: ignore[union-attr]
            if action in _STATES:
                yield Bounce(about, _STATES[action], status)


def _original(parsed: EmailMessage) -> str:
    """The Message-ID of what came back: in its headers, which are the report's last part."""
    for part in parsed.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload(0)
            return str(inner.get("Message-ID", "")).strip()  # type: ignore[union-attr]
        if kind == "text/rfc822-headers":
            text = str(part.get_content()).replace("\r\n", "\n")
            return str(email.message_from_string(text, policy=email.policy.default).get("Message-ID", "")).strip()
    return ""
