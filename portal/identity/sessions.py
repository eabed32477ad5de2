"""What sessions have in common, whoever they are of: a token that the database knows by its digest, and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.identity.shapes import SessionShape

S = TypeVar("S", bound=SessionShape)
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


def end_by_token(session: Session, table: type[S], token: str, now: datetime) -> int | None:
    """Step: the session of a token ends; whose it was, or None where it had ended or never was."""
    running = update(table).where(table.token_digest == token_digest(token), table.ended_at.is_(None))
    return session.execute(running.values(ended_at=now).returning(table.sign_in_id)).scalar()


def end_running(session: Session, table: type[S], sign_in_id: int, now: datetime, *, but: int = 0) -> int:
    """Step: every session of a person ends, on all screens but one; returns how many there were."""
    running = update(table).where(table.sign_in_id == sign_in_id, table.ended_at.is_(None), table.id != but)
    return len(session.execute(running.values(ended_at=now).returning(table.id)).all())
