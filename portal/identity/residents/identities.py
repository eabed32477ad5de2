"""Residents by an OpenID provider: an issuer and a subject, and nobody by e-mail alone.

Who comes for the first time gets a sign-in of their own, without an address: what a provider says of one proves
nothing here. Who is signed in may add a provider to the sign-in that they have.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from portal.identity.oidc import Vouched
from portal.identity.residents.changes import note_change, own
from portal.identity.residents.mailed_links import new_sign_in
from portal.identity.residents.models import ResidentIdentity, ResidentSignIn
from portal.identity.residents.passkeys import must_keep_a_way
from portal.identity.residents.rules import IdentityTaken
from portal.identity.residents.signing_in import SUBJECT, Door, Half, SignedIn, begin_or_ask
from portal.identity.residents.users import ResidentUser
from portal.identity.sessions import Screen

_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('resident ' || :issuer || ' ' || :subject, 0))")


def enter(
    sessions: Sessions, vouched: Vouched, method: str, *, screen: Screen, language: str, now: datetime
) -> SignedIn | Half:
    """Use case: let in who a provider vouches for; the first time with a new sign-in of their own."""
    with transaction(sessions) as session:
        identity = _identity(session, vouched)
        if identity is None:
            found = new_sign_in(session, language)
            identity = _add(session, found, vouched, now)
            audit.record(
                session, "resident-registered", subject=(SUBJECT, found.id), actor_id=found.actor_id, method=method
            )
        else:
            wanted = select(ResidentSignIn).where(ResidentSignIn.id == identity.sign_in_id).with_for_update()
            found = session.scalars(wanted).one()
        identity.used_at = now
        return begin_or_ask(session, found, method, screen, now)


def add(sessions: Sessions, door: Door, user: ResidentUser, vouched: Vouched, now: datetime) -> None:
    """Use case: from now on this person signs in by this provider too. Raises :class:`IdentityTaken` where the
    identity is another sign-in's; one that is theirs already stays as it is."""
    with transaction(sessions) as session:
        identity = _identity(session, vouched)
        if identity is not None and identity.sign_in_id != user.sign_in_id:
            raise IdentityTaken("another sign-in has it")
        if identity is None:
            found = own(session, user)
            _add(session, found, vouched, now)
            note_change(session, door, found, "identity-linked")


def remove(sessions: Sessions, door: Door, user: ResidentUser, identity_id: int) -> None:
    """Use case: this provider opens nothing here any more. Raises :class:`NotFound` if it is not theirs, and
    :class:`~portal.identity.residents.rules.LastWayIn`."""
    with transaction(sessions) as session:
        found = own(session, user)
        gone = delete(ResidentIdentity).where(
            ResidentIdentity.id == identity_id, ResidentIdentity.sign_in_id == found.id
        )
        if session.scalar(gone.returning(ResidentIdentity.id)) is None:
            raise NotFound(f"no identity {identity_id} of theirs")
        must_keep_a_way(session, found)
        note_change(session, door, found, "identity-removed")


def _identity(session: Session, vouched: Vouched) -> ResidentIdentity | None:
    """Who comes by one identity at many screens at once takes turns, so that they get one sign-in."""
    session.execute(_TAKE_TURNS, {"issuer": vouched.issuer, "subject": vouched.subject})
    return session.scalar(
        select(ResidentIdentity).where(
            ResidentIdentity.issuer == vouched.issuer, ResidentIdentity.subject == vouched.subject
        )
    )


def _add(session: Session, found: ResidentSignIn, vouched: Vouched, now: datetime) -> ResidentIdentity:
    identity = ResidentIdentity(sign_in_id=found.id, issuer=vouched.issuer, subject=vouched.subject, linked_at=now)
    session.add(identity)
    session.flush()
    return identity
