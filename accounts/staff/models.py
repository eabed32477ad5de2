"""Roles as they were given to people: never removed, only ended."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class StaffGrant(Base):
    """A role for a person, from a day through a day. Nobody gives a role to themselves: the database refuses it."""

    __tablename__ = "staff_grants"
    __table_args__ = (
        CheckConstraint("granted_by <> actor_id", name="nobody_grants_to_themselves"),
        CheckConstraint("until_on IS NULL OR until_on >= since_on - 1", name="period_runs_forward"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_someone"),
        Index(None, "actor_id"),
        {"info": {"updates": ("until_on", "ended_by", "ended_at")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    role: Mapped[str] = mapped_column(Text)
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    """The last day on which it counts; the day before ``since_on`` if it was taken back before it began."""
    reason: Mapped[str] = mapped_column(Text)
    granted_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    ended_at: Mapped[datetime | None]
