"""What sessions have in common, whoever they are of: a token that the database knows by its digest, and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

SEEN_AGAIN = timedelta(seconds=30)
"""So often at most a session's clock is written."""


class Lifetime(Protocol):
    """How long a session lasts, by the city's policy of the day."""

    @property
    def idle_minutes(self) -> int:
        """For so long nobody may use it."""

    @property
    def absolute_hours(self) -> int:
        """So long after it began it ends, used or not."""


@dataclass(frozen=True)
class Screen:
    """Where a session began: from which address, in which browser, with which roles that a provider vouched for."""

    client: str = ""
    browser: str = ""
    provider_roles: Sequence[str] = ()


def new_token() -> str:
    """256 random bits, for the browser or the mail alone."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """How a token of 256 random bits is kept; it needs no key."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def is_over(started_at: datetime, seen_at: datetime, lifetime: Lifetime, now: datetime) -> bool:
    """Has time run out for a session?"""
    return bool(
        now - seen_at > timedelta(minutes=lifetime.idle_minutes)
        or now - started_at > timedelta(hours=lifetime.absolute_hours)
    )
