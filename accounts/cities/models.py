"""Released versions of the city. The newest approved one rules; none is ever changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class CityRelease(Base):
    """A whole city as proposed by one actor. ``content`` is the validated folder, ``digest`` its SHA-256."""

    __tablename__ = "city_releases"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, object]] = mapped_column(JSONB)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CityApproval(Base):
    """A second person's yes, which makes the release the ruling one.

    The composite key carries the proposer along, so the database itself refuses the same person twice.
    """

    __tablename__ = "city_approvals"
    __table_args__ = (
        ForeignKeyConstraint(["release_id", "proposed_by"], ["city_releases.id", "city_releases.proposed_by"]),
        CheckConstraint("approved_by <> proposed_by", name="maker_is_not_checker"),
        APPEND_ONLY,
    )

    release_id: Mapped[int] = mapped_column(primary_key=True)
    proposed_by: Mapped[int]
    approved_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    approved_at: Mapped[datetime] = mapped_column(server_default=func.now())
