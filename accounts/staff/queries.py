"""Grants of roles, as pages and sign-ins read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from accounts.actors.models import Actor, ActorKind
from accounts.staff.models import StaffGrant
from accounts.staff.rules import Grant


@dataclass(frozen=True)
class GrantOfRole:
    """A grant with its story; names are those of actors, empty where nobody ended it."""

    id: int
    actor_id: int
    role: str
    since_on: date
    until_on: date | None
    reason: str
    granted_by: str
    granted_at: datetime
    ended_by: str
    ended_at: datetime | None

    def is_over(self, on: date) -> bool:
        """Was it ended, or has its last day passed?"""
        return self.ended_at is not None or (self.until_on is not None and self.until_on < on)

    @property
    def grant(self) -> Grant:
        return Grant(self.role, self.since_on, self.until_on)


def grants_of(session: Session, actor_id: int | None = None) -> list[GrantOfRole]:
    """Every grant that one person ever had, or that anybody had; newest first."""
    giver, ender = aliased(Actor), aliased(Actor)
    found: Any = (
        select(
            StaffGrant.id, StaffGrant.actor_id, StaffGrant.role, StaffGrant.since_on, StaffGrant.until_on,
            StaffGrant.reason, giver.display_name, StaffGrant.granted_at, func.coalesce(ender.display_name, ""),
            StaffGrant.ended_at,
        )
        .join(giver, giver.id == StaffGrant.granted_by)
        .outerjoin(ender, ender.id == StaffGrant.ended_by)
        .order_by(StaffGrant.id.desc())
    )  # fmt: skip
    if actor_id is not None:
        found = found.where(StaffGrant.actor_id == actor_id)
    return [GrantOfRole(*row) for row in session.execute(found)]


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here, or did."""

    actor_id: int
    name: str


@dataclass(frozen=True)
class NewRole:
    """A role that somebody was given."""

    actor_id: int
    name: str
    role: str
    since_on: date
    until_on: date | None
    reason: str
    granted_by: str
    granted_at: datetime
    is_ended: bool


def colleagues(session: Session, on: date) -> list[Colleague]:
    """Who holds a role on a day, by name."""
    held = select(StaffGrant.actor_id).where(
        StaffGrant.since_on <= on, or_(StaffGrant.until_on.is_(None), StaffGrant.until_on >= on)
    )
    found = select(Actor.id, Actor.display_name).where(Actor.id.in_(held)).order_by(Actor.display_name, Actor.id)
    return [Colleague(*row) for row in session.execute(found)]


def everybody(session: Session) -> list[Colleague]:
    """Whoever may stand in the audit: people who work or worked here, and the machine; by name."""
    found = select(Actor.id, Actor.display_name).where(Actor.kind.in_((ActorKind.STAFF, ActorKind.SYSTEM)))
    return [Colleague(*row) for row in session.execute(found.order_by(Actor.display_name, Actor.id))]


def new_roles(session: Session, since: datetime, *, limit: int = 50) -> list[NewRole]:
    """Roles that were given since an instant, newest first."""
    giver = aliased(Actor)
    found = (
        select(
            StaffGrant.actor_id, Actor.display_name, StaffGrant.role, StaffGrant.since_on, StaffGrant.until_on,
            StaffGrant.reason, giver.display_name, StaffGrant.granted_at, StaffGrant.ended_at.is_not(None),
        )
        .join(Actor, Actor.id == StaffGrant.actor_id)
        .join(giver, giver.id == StaffGrant.granted_by)
        .where(StaffGrant.granted_at >= since)
        .order_by(StaffGrant.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [NewRole(*row) for row in session.execute(found)]
