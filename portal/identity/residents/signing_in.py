"""Sign in, give the second proof, sign out. A refusal does the same work and says the same, whatever was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.database import Sessions, transaction
from portal.identity.factors import new_totp_secret, recovery_digest, step_of
from portal.identity.passwords import is_right
from portal.identity.recovery_codes import unused
from portal.identity.residents.models import (
    ResidentMiss,
    ResidentRecoveryCode,
    ResidentSession,
    ResidentSignIn,
)
from portal.identity.residents.rules import (
    HALF_LIFE,
    MAILS,
    PASSWORD,
    TRIES,
    BeginAgain,
    NotLetIn,
    TooManyTries,
    address_of,
)
from portal.identity.sessions import Screen, end_by_token, end_running, new_token, token_digest
from portal.identity.throttles import Throttle
from portal.identity.vault import Unreadable, Vault

_NO_SECRET = new_totp_secret()
WHOSE = "resident"
SUBJECT = "resident-sign-in"
"""Of lines in the audit: the sign-in, by its id."""


@dataclass(frozen=True)
class Door:
    """What residents' signing in needs besides the database: the key of HMACs, and the vaults of second factors and
    of addresses that are not proved yet."""

    secret: bytes
    factors: Vault
    addresses: Vault

    @property
    def tries(self) -> Throttle:
        """Of refused sign-ins."""
        return Throttle(ResidentMiss, self.secret, WHOSE, TRIES)

    @property
    def mails(self) -> Throttle:
        """Of mails that were asked for."""
        return Throttle(ResidentMiss, self.secret, "resident mail", MAILS)


@dataclass(frozen=True)
class SignedIn:
    """A session that began. The token is for the browser alone."""

    token: str
    sign_in_id: int
    actor_id: int
    language: str


@dataclass(frozen=True)
class Half:
    """Somebody has proved one thing and is to prove another before a session begins."""

    sign_in_id: int
    method: str
    at: datetime


def sign_in(
    sessions: Sessions, door: Door, typed: str, password: str, *, screen: Screen, now: datetime
) -> SignedIn | Half:
    """Use case: let in who types address and password, or ask them for their second proof.

    Raises :class:`NotLetIn`, which is counted, or :class:`TooManyTries`.
    """
    with transaction(sessions) as session:
        refused: NotLetIn | TooManyTries = NotLetIn()
        email, throttle = address_of(typed), door.tries
        client, name = throttle.client(screen.client), throttle.name(email)
        may_try = throttle.may_try(session, client, name, now)
        found = session.scalar(select(ResidentSignIn).where(ResidentSignIn.email == email).with_for_update())
        # Who may not try is told so, known or not: nothing is worked out for them, so that they cannot keep us busy.
        if may_try and is_right(found.password_hash if found else "", password) and found is not None:
            throttle.forget(session, name, client)
            return begin_or_ask(session, found, PASSWORD, screen, now)
        if may_try:
            throttle.count(session, client, name, now)
        else:
            refused = TooManyTries()
        note_refusal(session, found, refused)
    raise refused


def finish(sessions: Sessions, door: Door, half: Half, code: str, *, screen: Screen, now: datetime) -> SignedIn:
    """Use case: the second proof, a code of the app or a recovery code; each is good once.

    Raises :class:`NotLetIn`, :class:`TooManyTries`, :class:`BeginAgain`.
    """
    if not half.at <= now <= half.at + HALF_LIFE:
        raise BeginAgain("the first proof was too long ago")
    with transaction(sessions) as session:
        throttle = door.tries
        client, name = throttle.client(screen.client), throttle.name(f"second {half.sign_in_id}")
        may_try = throttle.may_try(session, client, name, now)
        found = session.scalars(
            select(ResidentSignIn).where(ResidentSignIn.id == half.sign_in_id).with_for_update()
        ).one()
        if may_try and code_fits(session, door, found, code, now):
            throttle.forget(session, name, client)
            return begin_session(session, found, half.method, screen, now)
        if may_try:
            throttle.count(session, client, name, now)
        refused = NotLetIn() if may_try else TooManyTries()
        note_refusal(session, found, refused)
    raise refused


def begin_or_ask(
    session: Session, found: ResidentSignIn, method: str, screen: Screen, now: datetime
) -> SignedIn | Half:
    """Step: a session, unless this person wants a second proof to be asked for."""
    if found.asks_second:
        return Half(found.id, method, now)
    return begin_session(session, found, method, screen, now)


def begin_session(session: Session, found: ResidentSignIn, method: str, screen: Screen, now: datetime) -> SignedIn:
    """Step: a session for somebody who has proved who they are."""
    token = new_token()
    session.add(
        ResidentSession(
            token_digest=token_digest(token), sign_in_id=found.id, method=method, started_at=now, seen_at=now,
            client=screen.client, browser=screen.browser,
        )
    )  # fmt: skip
    audit.record(session, "signed-in", subject=(SUBJECT, found.id), actor_id=found.actor_id, method=method)
    return SignedIn(token, found.id, found.actor_id, found.language)


def sign_out(sessions: Sessions, token: str, now: datetime) -> None:
    """Use case: end a session; one that has ended, or that never was, stays as it is."""
    with transaction(sessions) as session:
        ended = end_by_token(session, ResidentSession, token, now)
        if ended is not None:
            actor = session.scalars(select(ResidentSignIn.actor_id).where(ResidentSignIn.id == ended)).one()
            audit.record(session, "signed-out", subject=(SUBJECT, ended), actor_id=actor)


def end_sessions(session: Session, sign_in_id: int, now: datetime, *, but: int = 0) -> int:
    """Step: end every session of a person, on all screens but one; returns how many there were."""
    return end_running(session, ResidentSession, sign_in_id, now, but=but)


def note_refusal(session: Session, found: ResidentSignIn | None, refused: Exception) -> None:
    """Step: the line of the audit; the same for an unknown address, but for whose it is."""
    audit.record(
        session, "sign-in-refused", subject=(SUBJECT, found.id if found else "unknown"),
        actor_id=found.actor_id if found else None, why=type(refused).__name__,
    )  # fmt: skip


def code_fits(session: Session, door: Door, found: ResidentSignIn, code: str, now: datetime) -> bool:
    """Step: is it the code of their app, or one of their recovery codes? It is used up by this."""
    step = step_of(_secret_of(door, found), code, now, found.totp_step)
    digest = recovery_digest(door.secret, found.id, code, WHOSE)
    spare = unused(session, ResidentRecoveryCode, found.id, digest)
    if step is not None and found.totp_secret is not None:
        found.totp_step = step
        return True
    if spare is None:
        return False
    spare.used_at = now
    audit.record(session, "recovery-code-used", subject=(SUBJECT, found.id), actor_id=found.actor_id)
    return True


def _secret_of(door: Door, found: ResidentSignIn) -> str:
    if found.totp_secret is None:
        return _NO_SECRET
    try:
        return door.factors.open(found.totp_secret).decode()
    except Unreadable:
        return _NO_SECRET
