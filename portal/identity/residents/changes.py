"""What every change of a resident's sign-in has in common: it is locked, written down, and its person is told."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.outbox import SOMEBODY_WAITS, announce
from portal.identity.residents.mailed_links import Envelope
from portal.identity.residents.models import ResidentSignIn
from portal.identity.residents.signing_in import SUBJECT, Door, end_sessions
from portal.identity.residents.users import ResidentUser

CHANGED = "resident_sign_in_changed"


def own(session: Session, user: ResidentUser) -> ResidentSignIn:
    """Step: the sign-in of who is at the screen, locked."""
    return session.scalars(select(ResidentSignIn).where(ResidentSignIn.id == user.sign_in_id).with_for_update()).one()


def note_change(session: Session, door: Door, found: ResidentSignIn, act: str, *, tell: str = "") -> None:
    """Step: the line of the audit, and a mail that says what was changed: to their address, or to ``tell`` (one that
    was theirs until now)."""
    audit.record(session, act, subject=(SUBJECT, found.id), actor_id=found.actor_id)
    to = tell or found.email
    if to:
        sealed = Envelope("", to).sealed(door.addresses)
        announce(
            session, CHANGED, priority=SOMEBODY_WAITS, sign_in_id=found.id, act=act, language=found.language,
            sealed=sealed, key=secrets.token_hex(4),
        )  # fmt: skip


def end_other_screens(session: Session, user: ResidentUser, now: datetime) -> None:
    """Step: whoever else is signed in as this person proves anew who they are."""
    end_sessions(session, user.sign_in_id, now, but=user.session_id)
