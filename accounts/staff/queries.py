"""Grants of roles, as pages and sign-ins read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from accounts.actors.models import Actor
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
