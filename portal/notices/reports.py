"""What the other side reports: the provider of texts by its webhooks, mail servers by mail that comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.database import Sessions
from portal.messages_sent.rules import State
from portal.messages_sent.service import reported
from portal.notices.bounces import read_bounce
from portal.texts import STOPPED

_TEXT_STATES = {"delivered": State.DELIVERED, "undelivered": State.FAILED, "failed": State.FAILED}
"""Twilio's; ``queued``, ``sending`` and ``sent`` say nothing that is not known."""
_DEAD_CODES = frozenset({"30003", "30004", "30005", "30006", "21211", "21614"})
"""Unreachable, blocked, unknown, a landline (Twilio's error codes): nothing else will arrive there either."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a report."""

    messages: int
    news: int


def signature_of(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Twilio's signature: the address and each field with its value, sorted, HMAC-SHA1 under the account's token."""
    said = url + "".join(f"{name}{value}" for name, value in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def is_signed(token: str, url: str, fields: Sequence[tuple[str, str]], signature: str) -> bool:
    """Whether a request is the provider's own; never without a token."""
    return bool(token) and hmac.compare_digest(signature_of(token, url, fields).encode(), signature.encode())


def text_status(sessions: Sessions, fields: Mapping[str, str], now: datetime) -> Told:
    """Use case: the provider says what became of a text."""
    state = _TEXT_STATES.get(fields.get("MessageStatus", ""))
    if state is None:
        return Told(1, 0)
    code = fields.get("ErrorCode", "") if state is State.FAILED else ""
    event = "stopped" if code == STOPPED else "refused" if code in _DEAD_CODES else ""
    news = reported(sessions, fields.get("MessageSid", ""), state, now=now, code=code, address_event=event)
    return Told(1, int(news))


def mail_came_back(sessions: Sessions, raw: bytes, now: datetime) -> Told:
    """Use case: a mail came to the mailbox of what comes back; a report in it is noted, anything else is passed over.

    A Message-ID of ours is not to be guessed, so a stranger marks no address as dead.
    """
    found = read_bounce(raw)
    news = [
        reported(
            sessions, one.message_id, one.state, now=now, code=one.status,
            address_event="bounced" if one.is_the_address else "",
        )
        for one in found
    ]  # fmt: skip
    return Told(len(found), sum(news))
