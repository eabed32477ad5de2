"""Sign in, be known, sign out. A refusal does the same work and says the same, whatever was wrong."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.customer_accounts.rules import keyed_digest
from accounts.database import Sessions, transaction
from accounts.errors import DomainError
from portal.identity.factors import new_totp_secret, recovery_key, step_of
from portal.identity.models import StaffMiss, StaffRecoveryCode, StaffSession, StaffSignIn
from portal.identity.passwords import is_right
from portal.identity.vault import Unreadable, Vault

PER_CLIENT_AND_NAME = (10, timedelta(minutes=15))
PER_CLIENT = (60, timedelta(hours=1))
PER_NAME = (100, timedelta(days=1))
"""Refusals after which nobody gets in from there: a window has one address, so its own is counted by name first.
A hundred for one name is the most that NIST SP 800-63B (5.2.2) allows."""
USERNAME = re.compile(r"[a-z][a-z0-9.\-]{1,39}")
PASSWORD = "password"  # noqa: S105 - the name of the way in
_NO_SECRET = new_totp_secret()


class SignInRefused(DomainError):
    """Nothing is said about why: unknown name, wrong password, wrong or used code, somebody who left."""


class TooManySignIns(DomainError):
    """Too many refusals from here or for this name; wait, or ask an administrator. Said of unknown names too."""


@dataclass(frozen=True)
class Tried:
    """What somebody typed, and from where. ``remembered`` says whose second factor this window has seen (see
    ``portal.identity.windows``): sign-in id → version of the factor."""

    username: str
    password: str
    code: str
    client: str
    remembered: Mapping[int, int]
    browser: str = ""


@dataclass(frozen=True)
class Screen:
    """Where a session began: from which address, in which browser, with which roles that a provider vouched for."""

    client: str = ""
    browser: str = ""
    provider_roles: Sequence[str] = ()


@dataclass(frozen=True)
class SignedIn:
    """A session that began. The token is for the browser alone."""

    token: str
    sign_in_id: int
    actor_id: int
    language: str
    factor_version: int


@dataclass(frozen=True)
class Door:
    """What signing in needs besides the database: the key of HMACs, and the vault of second factors."""

    secret: bytes
    vault: Vault


def sign_in(sessions: Sessions, door: Door, tried: Tried, now: datetime) -> SignedIn:
    """Use case: begin a session. Raises :class:`SignInRefused`, which is counted, or :class:`TooManySignIns`."""
    with transaction(sessions) as session:
        proved = prove(session, door, tried, now)
        if isinstance(proved, StaffSignIn):
            screen = Screen(client=tried.client, browser=tried.browser)
            return begin_session(session, proved, PASSWORD, now, screen)
    raise proved


def prove(session: Session, door: Door, tried: Tried, now: datetime) -> StaffSignIn | SignInRefused | TooManySignIns:
    """Step: the person who has typed the right name, password and code, or the refusal to raise once the
    transaction has written it down."""
    username = username_of(tried.username)
    client, name = _client_digest(door, tried.client), name_digest(door, username)
    may_try = _may_try(session, client, name, now)
    found = session.scalar(select(StaffSignIn).where(StaffSignIn.username == username).with_for_update())
    # Who may not try is told so, known or not: nothing is worked out for them, so that they cannot keep us busy.
    if may_try and _fits(session, door, found, tried, now) and found is not None:
        session.execute(delete(StaffMiss).where(StaffMiss.client_digest == client, StaffMiss.username_digest == name))
        return found
    refused = SignInRefused() if may_try else TooManySignIns()
    if may_try:  # a try that was not looked at counts for nothing: else one client could shut a name for everybody
        session.add(StaffMiss(client_digest=client, username_digest=name, missed_at=now))
    audit.record(
        session, "sign-in-refused", subject=("sign-in", found.id if found else "unknown"),
        actor_id=found.actor_id if found else None, why=type(refused).__name__,
    )  # fmt: skip
    return refused


def begin_session(
    session: Session, found: StaffSignIn, method: str, now: datetime, screen: Screen | None = None
) -> SignedIn:
    """Step: a session for somebody who has proved who they are."""
    token, screen = secrets.token_urlsafe(32), screen or Screen()
    session.add(
        StaffSession(
            token_digest=token_digest(token), sign_in_id=found.id, method=method, started_at=now, seen_at=now,
            client=screen.client, browser=screen.browser, provider_roles=list(screen.provider_roles),
        )
    )  # fmt: skip
    roles = {"roles": list(screen.provider_roles)} if screen.provider_roles else {}
    audit.record(session, "signed-in", subject=("sign-in", found.id), actor_id=found.actor_id, method=method, **roles)
    return SignedIn(token, found.id, found.actor_id, found.language, found.factor_version)


def username_of(typed: str) -> str:
    """A user name as compared; what cannot be one is nobody's (the empty name)."""
    name = typed.strip().lower()
    return name if USERNAME.fullmatch(name) else ""


def sign_out(sessions: Sessions, token: str, now: datetime, *, why: str = "signed-out") -> None:
    """Use case: end a session; one that has ended, or that never was, stays as it is."""
    with transaction(sessions) as session:
        ended = session.execute(
            update(StaffSession)
            .where(StaffSession.token_digest == token_digest(token), StaffSession.ended_at.is_(None))
            .values(ended_at=now)
            .returning(StaffSession.sign_in_id)
        ).scalar()
        if ended is not None:
            actor = session.scalars(select(StaffSignIn.actor_id).where(StaffSignIn.id == ended)).one()
            audit.record(session, why, subject=("sign-in", ended), actor_id=actor)


def end_sessions(session: Session, sign_in_id: int, now: datetime) -> int:
    """Step: end every session of a person, on all screens; returns how many there were."""
    running = update(StaffSession).where(StaffSession.sign_in_id == sign_in_id, StaffSession.ended_at.is_(None))
    return len(session.execute(running.values(ended_at=now).returning(StaffSession.id)).all())


def token_digest(token: str) -> bytes:
    """How a token of 256 random bits is kept; it needs no key."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def name_digest(door: Door, username: str) -> bytes:
    """How a user name is counted; names that nobody has are counted too, and never written down."""
    return _digest(door.secret, "name", username)


def recovery_digest(secret: bytes, sign_in_id: int, typed: str) -> bytes:
    """How a recovery code is kept and compared."""
    return _digest(secret, f"recovery {sign_in_id}", recovery_key(typed))


def forget_misses(session: Session, door: Door, username: str) -> None:
    """Step: the name begins anew: its person was given a new link."""
    session.execute(delete(StaffMiss).where(StaffMiss.username_digest == name_digest(door, username)))


def forget_old_misses(session: Session, now: datetime) -> int:
    """Step: remove counters that no rule reads any more; returns how many there were."""
    old = delete(StaffMiss).where(StaffMiss.missed_at < now - PER_NAME[1]).returning(StaffMiss.id)
    return len(session.execute(old).all())


def _fits(session: Session, door: Door, found: StaffSignIn | None, tried: Tried, now: datetime) -> bool:
    """One hash and one code are worked out whoever was named; a code is used up only when it lets somebody in."""
    right = is_right(found.password_hash if found else "", tried.password)
    step = step_of(_secret_of(door, found), tried.code, now, found.totp_step if found else 0)
    spare = select(StaffRecoveryCode).where(
        StaffRecoveryCode.sign_in_id == (found.id if found else 0),
        StaffRecoveryCode.digest == recovery_digest(door.secret, found.id if found else 0, tried.code),
        StaffRecoveryCode.used_at.is_(None),
    )
    recovery = session.scalar(spare)
    if found is None or not right or found.offboarded_at is not None or found.totp_secret is None:
        return False
    if step is not None:
        found.totp_step = step
        return True
    if recovery is not None:
        recovery.used_at = now
        audit.record(session, "recovery-code-used", subject=("sign-in", found.id), actor_id=found.actor_id)
        return True
    return not tried.code.strip() and tried.remembered.get(found.id) == found.factor_version


def _secret_of(door: Door, found: StaffSignIn | None) -> str:
    if found is None or found.totp_secret is None:
        return _NO_SECRET
    try:
        return door.vault.open(found.totp_secret).decode()
    except Unreadable:
        return _NO_SECRET


def _may_try(session: Session, client: bytes, name: bytes, now: datetime) -> bool:
    """Tries at one name take turns, so that many at once are counted as many."""
    _take_turns(session, name)
    same_client, same_name = StaffMiss.client_digest == client, StaffMiss.username_digest == name
    row = session.execute(
        select(
            func.count().filter(same_client, same_name, StaffMiss.missed_at > now - PER_CLIENT_AND_NAME[1]),
            func.count().filter(same_client, StaffMiss.missed_at > now - PER_CLIENT[1]),
            func.count().filter(same_name),
        ).where(same_client | same_name, StaffMiss.missed_at > now - PER_NAME[1])
    ).one()
    return bool(row[0] < PER_CLIENT_AND_NAME[0] and row[1] < PER_CLIENT[0] and row[2] < PER_NAME[0])


def _take_turns(session: Session, name: bytes) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": int.from_bytes(name[:8], signed=True)})


def _client_digest(door: Door, client: str) -> bytes:
    return _digest(door.secret, "client", client)


def _digest(secret: bytes, kind: str, what: str) -> bytes:
    return keyed_digest(secret, f"staff {kind}\x1f{what}".encode(errors="surrogatepass"))
