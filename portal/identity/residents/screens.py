"""Screens at which a resident is signed in, ended from another one; and the language in which they are written to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from portal.identity.residents.models import ResidentSession, ResidentSignIn
from portal.identity.residents.signing_in import SUBJECT, end_sessions
from portal.identity.residents.users import ResidentUser


def end_session(sessions: Sessions, user: ResidentUser, session_id: int, now: datetime) -> None:
    """Use case: a person signs out at one of their screens. Raises :class:`NotFound` if it is not theirs; one that
    has ended stays as it is."""
    with transaction(sessions) as session:
        theirs = (ResidentSession.id == session_id, ResidentSession.sign_in_id == user.sign_in_id)
        if session.scalar(select(ResidentSession.id).where(*theirs)) is None:
            raise NotFound(f"no session {session_id} of theirs")
        ended = update(ResidentSession).where(*theirs, ResidentSession.ended_at.is_(None)).values(ended_at=now)
        if session.execute(ended.returning(ResidentSession.id)).scalar() is not None:
            _note(session, user, 1)


def end_all(sessions: Sessions, user: ResidentUser, now: datetime, *, this_too: bool) -> int:
    """Use case: a person signs out at every other screen, or at every one; returns how many there were."""
    with transaction(sessions) as session:
        ended = end_sessions(session, user.sign_in_id, now, but=0 if this_too else user.session_id)
        _note(session, user, ended)
        return ended


def choose_language(sessions: Sessions, user: ResidentUser, language: str) -> None:
    """Use case: the language in which a person is written to, and which a new browser of theirs begins with."""
    with transaction(sessions) as session:
        chosen = update(ResidentSignIn).where(ResidentSignIn.id == user.sign_in_id).values(language=language)
        session.execute(chosen)
        audit.record(
            session, "language-chosen", subject=(SUBJECT, user.sign_in_id), actor_id=user.actor_id,
            before=user.language, after=language,
        )  # fmt: skip


def _note(session: Session, user: ResidentUser, ended: int) -> None:
    audit.record(
        session, "sessions-ended", subject=(SUBJECT, user.sign_in_id), actor_id=user.actor_id, sessions=ended
    )
