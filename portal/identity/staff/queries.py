"""Who works here, as the pages about people show it. Nothing that is read here opens a door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors.models import Actor
from accounts.cities.staffing import StaffPolicy
from accounts.staff.models import StaffGrant
from accounts.staff.queries import GrantOfRole, grants_of
from portal.identity.sessions import is_over
from portal.identity.staff.models import StaffIdentity, StaffInvitation, StaffRecoveryCode, StaffSession, StaffSignIn

PAGE = 50
_MOST_SESSIONS = 20


@dataclass(frozen=True)
class Listed:
    """A line of the list. ``roles`` are those granted for today; ``is_set_up`` says that they have a way in."""

    username: str
    name: str
    roles: tuple[str, ...]
    is_set_up: bool
    seen_at: datetime | None
    offboarded_at: datetime | None


@dataclass(frozen=True)
class SeenSession:
    """One screen. ``is_running`` by the policy of the day; ``ended_at`` only where somebody ended it."""

    id: int
    method: str
    provider_roles: tuple[str, ...]
    client: str
    browser: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    is_running: bool


@dataclass(frozen=True)
class LinkedIdentity:
    """How an OpenID provider names them."""

    issuer: str
    subject: str
    linked_at: datetime


@dataclass(frozen=True)
class PersonFile:
    """All that an administrator sees of somebody who works or worked here."""

    sign_in_id: int
    actor_id: int
    username: str
    name: str
    email: str
    language: str
    has_password: bool
    has_factor: bool
    codes_left: int
    created_at: datetime
    offboarded_at: datetime | None
    link_until: datetime | None
    identities: tuple[LinkedIdentity, ...]
    sessions: tuple[SeenSession, ...]
    grants: tuple[GrantOfRole, ...]

    @property
    def running(self) -> tuple[SeenSession, ...]:
        """Screens at which they are signed in."""
        return tuple(each for each in self.sessions if each.is_running)


def people(session: Session, today: date, *, left: bool = False, after: str = "", limit: int = PAGE) -> list[Listed]:
    """Who works here (or did, ``left``), by user name, those behind ``after``: one more than ``limit`` if there are
    more."""
    seen = select(func.max(StaffSession.seen_at)).where(StaffSession.sign_in_id == StaffSignIn.id).scalar_subquery()
    roles = (
        select(func.array_agg(StaffGrant.role.distinct()))
        .where(
            StaffGrant.actor_id == StaffSignIn.actor_id,
            StaffGrant.since_on <= today,
            StaffGrant.until_on.is_(None) | (StaffGrant.until_on >= today),
        )
        .scalar_subquery()
    )
    is_set_up = StaffSignIn.totp_secret.is_not(None) | StaffSignIn.id.in_(select(StaffIdentity.sign_in_id))
    found = (
        select(StaffSignIn.username, Actor.display_name, roles, is_set_up, seen, StaffSignIn.offboarded_at)
        .join(Actor, Actor.id == StaffSignIn.actor_id)
        .where(StaffSignIn.offboarded_at.is_not(None) if left else StaffSignIn.offboarded_at.is_(None))
        .where(StaffSignIn.username > after)
        .order_by(StaffSignIn.username)
        .limit(limit + 1)
    )
    return [
        Listed(username, name, tuple(sorted(roles or ())), is_set_up, seen_at, offboarded_at)
        for username, name, roles, is_set_up, seen_at, offboarded_at in session.execute(found)
    ]


def person(session: Session, username: str, policy: StaffPolicy, now: datetime) -> PersonFile | None:
    """Somebody who works or worked here; None where nobody is called so."""
    codes = (
        select(func.count())
        .where(StaffRecoveryCode.sign_in_id == StaffSignIn.id, StaffRecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    link = (
        select(func.max(StaffInvitation.expires_at))
        .where(StaffInvitation.sign_in_id == StaffSignIn.id, StaffInvitation.used_at.is_(None))
        .where(StaffInvitation.expires_at > now)
        .scalar_subquery()
    )
    row = session.execute(
        select(StaffSignIn, Actor.display_name, codes, link)
        .join(Actor, Actor.id == StaffSignIn.actor_id)
        .where(StaffSignIn.username == username)
    ).one_or_none()
    if row is None:
        return None
    found, name, codes_left, link_until = row
    return PersonFile(
        sign_in_id=found.id,
        actor_id=found.actor_id,
        username=found.username,
        name=name,
        email=found.email,
        language=found.language,
        has_password=bool(found.password_hash),
        has_factor=found.totp_secret is not None,
        codes_left=codes_left,
        created_at=found.created_at,
        offboarded_at=found.offboarded_at,
        link_until=link_until,
        identities=_identities(session, found.id),
        sessions=tuple(sessions_of(session, found.id, policy, now)),
        grants=tuple(grants_of(session, found.actor_id)),
    )


@dataclass(frozen=True)
class Reachable:
    """Somebody who works here and has an address for mail."""

    actor_id: int
    email: str
    language: str


def reachable(session: Session, actor_ids: Sequence[int]) -> list[Reachable]:
    """Of these people those who have not left and whose address is known."""
    found = select(StaffSignIn.actor_id, StaffSignIn.email, StaffSignIn.language).where(
        StaffSignIn.actor_id.in_(actor_ids), StaffSignIn.email != "", StaffSignIn.offboarded_at.is_(None)
    )
    return [Reachable(*row) for row in session.execute(found.order_by(StaffSignIn.actor_id))]


def sessions_of(session: Session, sign_in_id: int, policy: StaffPolicy, now: datetime) -> Sequence[SeenSession]:
    """The newest sessions of a person, those that run first."""
    rows = session.scalars(
        select(StaffSession)
        .where(StaffSession.sign_in_id == sign_in_id)
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
        .limit(_MOST_SESSIONS)
    )
    seen = [
        SeenSession(
            row.id, row.method, tuple(row.provider_roles), row.client, row.browser, row.started_at, row.seen_at,
            row.ended_at, row.ended_at is None and not is_over(row.started_at, row.seen_at, policy, now),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(seen, key=lambda each: not each.is_running)


def _identities(session: Session, sign_in_id: int) -> tuple[LinkedIdentity, ...]:
    rows = session.execute(
        select(StaffIdentity.issuer, StaffIdentity.subject, StaffIdentity.linked_at)
        .where(StaffIdentity.sign_in_id == sign_in_id)
        .order_by(StaffIdentity.id)
    )
    return tuple(LinkedIdentity(*row) for row in rows)
