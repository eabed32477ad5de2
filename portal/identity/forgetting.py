"""What of sign-ins is forgotten, and when: nobody needs it then, and what is not there cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from accounts.database import Sessions, transaction
from portal.identity import kept
from portal.identity.models import StaffSession
from portal.identity.signing_in import forget_old_misses

SESSIONS_KEPT_FOR = timedelta(days=30)
"""The audit keeps for good that somebody signed in; the address and the browser go."""


@dataclass(frozen=True)
class Forgotten:
    """How much was."""

    sessions: int
    forms: int
    misses: int


def forget_old(sessions: Sessions, now: datetime) -> Forgotten:
    """Use case: sessions that were last used a month ago, forms that nobody came back for, and counters that no rule
    reads any more."""
    with transaction(sessions) as session:
        old = delete(StaffSession).where(StaffSession.seen_at < now - SESSIONS_KEPT_FOR).returning(StaffSession.id)
        return Forgotten(
            sessions=len(session.execute(old).all()),
            forms=kept.forget_old(session, now),
            misses=forget_old_misses(session, now),
        )
