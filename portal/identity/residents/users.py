"""Which resident is signed in, from a token: one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.database import OneByOne, query
from portal.identity.sessions import SEEN_AGAIN, Lifetime, is_over, token_digest

_WHO = query("""
    SELECT s.id, s.started_at, s.seen_at, s.ended_at, s.method, i.id, i.actor_id, i.email, i.language
      FROM resident_sessions s
      JOIN resident_sign_ins i ON i.id = s.sign_in_id
     WHERE s.token_digest = :digest""",
    "session_id", "started_at", "seen_at", "ended_at", "method", "sign_in_id", "actor_id", "email", "language",
)  # fmt: skip
_SEEN = query("UPDATE resident_sessions SET seen_at = :now WHERE id = :id RETURNING id", "id")


@dataclass(frozen=True)
class ResidentUser:
    """The resident at the screen. ``email`` is empty for who came by a provider and never gave one."""

    token: str
    session_id: int
    sign_in_id: int
    actor_id: int
    email: str
    language: str
    method: str
    started_at: datetime

    def signed_in_within(self, minutes: int, now: datetime) -> bool:
        """Was it that short a time ago that they proved who they are?"""
        return now - self.started_at <= timedelta(minutes=minutes)


def who(reader: OneByOne, token: str, lifetime: Lifetime, now: datetime) -> ResidentUser | None:
    """Whose token this is; nobody's, once its session has ended or its time is up."""
    row = reader.execute(_WHO, {"digest": token_digest(token)}).one_or_none()
    if row is None or row.ended_at is not None or is_over(row.started_at, row.seen_at, lifetime, now):
        return None
    if now - row.seen_at > SEEN_AGAIN:
        reader.execute(_SEEN, {"id": row.session_id, "now": now})
    return ResidentUser(
        token=token,
        session_id=row.session_id,
        sign_in_id=row.sign_in_id,
        actor_id=row.actor_id,
        email=row.email or "",
        language=row.language,
        method=row.method,
        started_at=row.started_at,
    )
