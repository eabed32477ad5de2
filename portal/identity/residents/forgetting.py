"""What of residents' sign-ins is forgotten, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.identity.residents.models import ResidentEmailChange, ResidentLink, ResidentMiss, ResidentSession
from portal.identity.residents.rules import MAILS, TRIES
from portal.identity.throttles import forget_old as forget_old_misses

LINKS_KEPT_FOR = timedelta(days=2)
"""After their end; addresses that somebody typed and never proved are in them."""


@dataclass(frozen=True)
class Forgotten:
    """How much was."""

    sessions: int
    links: int
    misses: int


def forget_old(session: Session, now: datetime, unused_since: datetime) -> Forgotten:
    """Step: sessions that nobody used since, links and changes of address that are long over, counters that no rule
    reads."""
    old = delete(ResidentSession).where(ResidentSession.seen_at < unused_since).returning(ResidentSession.id)
    links = delete(ResidentLink).where(ResidentLink.expires_at < now - LINKS_KEPT_FOR).returning(ResidentLink.id)
    changes = delete(ResidentEmailChange).where(ResidentEmailChange.expires_at < now - LINKS_KEPT_FOR)
    gone = Forgotten(
        sessions=len(session.execute(old).all()),
        links=len(session.execute(links).all()),
        misses=forget_old_misses(session, ResidentMiss, max(TRIES.longest, MAILS.longest), now),
    )
    session.execute(changes)
    return gone
