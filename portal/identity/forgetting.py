"""What of sign-ins is forgotten, and when: nobody needs it then, and what is not there cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from accounts.database import Sessions, transaction
from portal.identity.residents import forgetting as residents
from portal.identity.staff import kept
from portal.identity.staff.models import StaffMiss, StaffSession
from portal.identity.staff.signing_in import LIMITS
from portal.identity.throttles import forget_old as forget_old_misses

SESSIONS_KEPT_FOR = timedelta(days=30)
"""The audit keeps for good that somebody signed in; the address and the browser go."""


@dataclass(frozen=True)
class Forgotten:
    """How much was."""

    sessions: int
    forms: int
    misses: int
    links: int = 0


def forget_old(sessions: Sessions, now: datetime) -> Forgotten:
    """Use case: sessions that were last used a month ago, forms that nobody came back for, and counters that no rule
    reads any more."""
    with transaction(sessions) as session:
        old = delete(StaffSession).where(StaffSession.seen_at < now - SESSIONS_KEPT_FOR).returning(StaffSession.id)
        gone = residents.forget_old(session, now, now - SESSIONS_KEPT_FOR)
        return Forgotten(
            sessions=len(session.execute(old).all()) + gone.sessions,
            forms=kept.forget_old(session, now),
            misses=forget_old_misses(session, StaffMiss, LIMITS.longest, now) + gone.misses,
            links=gone.links,
        )
