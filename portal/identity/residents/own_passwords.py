"""A resident chooses a password, or does without one."""

from __future__ import annotations

from datetime import datetime

from accounts.database import Sessions, transaction
from portal.identity.passwords import check_strength, hasher
from portal.identity.residents.changes import end_other_screens, note_change, own
from portal.identity.residents.rules import NoEmailYet
from portal.identity.residents.signing_in import Door
from portal.identity.residents.users import ResidentUser


def choose_password(sessions: Sessions, door: Door, user: ResidentUser, password: str, now: datetime) -> None:
    """Use case: a new password, for who signed in a short time ago; other screens are signed out.

    Raises :class:`~portal.identity.passwords.WeakPassword`, and :class:`NoEmailYet`.
    """
    check_strength(password, [user.email, user.email.partition("@")[0]])
    with transaction(sessions) as session:
        found = own(session, user)
        if found.email is None:
            raise NoEmailYet("a password needs an address to type before it")
        act = "password-changed" if found.password_hash else "password-chosen"
        found.password_hash = hasher().hash(password)
        end_other_screens(session, user, now)
        note_change(session, door, found, act)


def drop_password(sessions: Sessions, door: Door, user: ResidentUser) -> None:
    """Use case: from now on without a password; links are mailed."""
    with transaction(sessions) as session:
        found = own(session, user)
        if found.password_hash:
            found.password_hash = ""
            note_change(session, door, found, "password-dropped")
