"""Signed links in mails, by which somebody does one thing without a sign-in: stop a kind of mail, go without paper.

A link carries no secret of anybody: what it says and a MAC over it (HMAC-SHA-256 under the key of proofs, 132 bits of
it). The MAC of a link that stops covers the address, so that it is of no use once that person has another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.message_choices.queries import Person

DAYS = 90
"""So long a link that stops works; 15 USC 7704(a)(3)(A)(ii) wants 30 days of mail that sells, which ours does not."""
_MAC = 22
_STOP = re.compile(r"([ac])([1-9]\d{0,17})\.([a-z-]{3,30})\.(\d{5,7})\.([\w-]{22})")
_PAPER = re.compile(r"([1-9]\d{0,17})\.([\w-]{22})")


@dataclass(frozen=True, slots=True)
class Stop:
    """Whose mail of which kind a link stops, and on which day it was written."""

    person: Person
    kind: str
    on: date

    @property
    def said(self) -> str:
        who = f"c{self.person.customer_id}" if self.person.actor_id is None else f"a{self.person.actor_id}"
        return f"{who}.{self.kind}.{self.on.toordinal()}"


def stop_token(secret: bytes, stop: Stop, address: bytes) -> str:
    """``address``: the keyed digest of where the mail goes."""
    return f"{stop.said}.{_mac(secret, 'stop', stop.said.encode() + b' ' + address)}"


def read_stop(token: str) -> Stop | None:
    """What a token says, whoever wrote it: :func:`is_good` tells whether we did."""
    found = _STOP.fullmatch(token)
    if found is None:
        return None
    number, days = int(found[2]), int(found[4])
    person = Person(customer_id=number) if found[1] == "c" else Person(actor_id=number)
    return Stop(person, found[3], date.fromordinal(days)) if days <= date.max.toordinal() else None


def is_good(secret: bytes, token: str, stop: Stop, address: bytes, today: date) -> bool:
    """Whether it is ours, for this address, and not too old."""
    fresh = today - timedelta(days=DAYS) <= stop.on <= today + timedelta(days=1)
    return hmac.compare_digest(stop_token(secret, stop, address).encode(), token.encode()) and fresh


def stop_link(base_url: str, token: str) -> str:
    """The address of a page that stops a kind of mail."""
    return f"{base_url.rstrip('/')}/mail/stop/{token}"


def paper_link(secret: bytes, base_url: str, asked_id: int) -> str:
    """The address of the page that confirms bills without paper."""
    return f"{base_url.rstrip('/')}/mail/paper/{asked_id}.{_mac(secret, 'paper', str(asked_id).encode())}"


def read_paper(secret: bytes, token: str) -> int | None:
    """Which request a link confirms; none, where it is not ours."""
    found = _PAPER.fullmatch(token)
    if found is None or not hmac.compare_digest(_mac(secret, "paper", found[1].encode()), found[2]):
        return None
    return int(found[1])


def _mac(secret: bytes, purpose: str, said: bytes) -> str:
    digest = hmac.new(secret, f"mail link {purpose} ".encode() + said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_MAC]
