"""Sign in, be known, sign out. A refusal does the same work and says the same, whatever was wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.database import Sessions, transaction
from accounts.errors import DomainError
from portal.identity.factors import new_totp_secret, recovery_digest, step_of
from portal.identity.passwords import is_right
from portal.identity.recovery_codes import unused
from portal.identity.sessions import Screen, end_by_token, end_running, new_token, token_digest
from portal.identity.staff.models import StaffMiss, StaffRecoveryCode, StaffSession, StaffSignIn
from portal.identity.throttles import Limits, Throttle
from portal.identity.vault import Unreadable, Vault

LIMITS = Limits((10, timedelta(minutes=15)), (60, timedelta(hours=1)), (100, timedelta(days=1)))
"""Refusals after which nobody gets in from there: a window has one address, so its own is counted by name first.
A hundred for one name is the most that NIST SP 800-63B (5.2.2) allows."""
USERNAME = re.compile(r"[a-z][a-z0-9.\-]{1,39}")
PASSWORD = "password"  # noqa: S105 - the name of the way in
WHOSE = "staff"
_NO_SECRET = new_totp_secret()


class SignInRefused(DomainError):
    """Nothing is said about why: unknown name, wrong password, wrong or used code, somebody who left."""


class TooManySignIns(DomainError):
    """Too many refusals from here or for this name; wait, or ask an administrator. Said of unknown names too."""


@dataclass(frozen=True)
class Tried:
    """What somebody typed, and from where. ``remembered`` says whose second factor this window has seen (see
    ``portal.identity.staff.windows``): sign-in id → version of the factor."""

    username: str
    password: str
    code: str
    client: str
    remembered: Mapping[int, int]
    browser: str = ""


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

    @property
    def throttle(self) -> Throttle:
        """Of refused sign-ins of staff."""
        return Throttle(StaffMiss, self.secret, WHOSE, LIMITS)


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
    username, throttle = username_of(tried.username), door.throttle
    client, name = throttle.client(tried.client), throttle.name(username)
    may_try = throttle.may_try(session, client, name, now)
    found = session.scalar(select(StaffSignIn).where(StaffSignIn.username == username).with_for_update())
    # Who may not try is told so, known or not: nothing is worked out for them, so that they cannot keep us busy.
    if may_try and _fits(session, door, found, tried, now) and found is not None:
        throttle.forget(session, name, client)
        return found
    refused = SignInRefused() if may_try else TooManySignIns()
    if may_try:  # a try that was not looked at counts for nothing: else one client could shut a name for everybody
        throttle.count(session, client, name, now)
    audit.record(
        session, "sign-in-refused", subject=("sign-in", found.id if found else "unknown"),
        actor_id=found.actor_id if found else None, why=type(refused).__name__,
    )  # fmt: skip
    return refused


def begin_session(
    session: Session, found: StaffSignIn, method: str, now: datetime, screen: Screen | None = None
) -> SignedIn:
    """Step: a session for somebody who has proved who they are."""
    token, screen = new_token(), screen or Screen()
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
        ended = end_by_token(session, StaffSession, token, now)
        if ended is not None:
            actor = session.scalars(select(StaffSignIn.actor_id).where(StaffSignIn.id == ended)).one()
            audit.record(session, why, subject=("sign-in", ended), actor_id=actor)


def end_sessions(session: Session, sign_in_id: int, now: datetime) -> int:
    """Step: end every session of a person, on all screens; returns how many there were."""
    return end_running(session, StaffSession, sign_in_id, now)


def forget_misses(session: Session, door: Door, username: str) -> None:
    """Step: the name begins anew: its person was given a new link."""
    door.throttle.forget(session, door.throttle.name(username))


def _fits(session: Session, door: Door, found: StaffSignIn | None, tried: Tried, now: datetime) -> bool:
    """One hash and one code are worked out whoever was named; a code is used up only when it lets somebody in."""
    right = is_right(found.password_hash if found else "", tried.password)
    step = step_of(_secret_of(door, found), tried.code, now, found.totp_step if found else 0)
    whom = found.id if found else 0
    recovery = unused(session, StaffRecoveryCode, whom, recovery_digest(door.secret, whom, tried.code, WHOSE))
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
