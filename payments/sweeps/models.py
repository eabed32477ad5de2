"""Sweeps as they ran."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class SweepRun(Base):
    """One look at the processor. ``clean``: it was heard to the end, and nothing that was due is left unsettled."""

    __tablename__ = "sweeps"
    __table_args__ = (
        CheckConstraint("kind IN ('frequent', 'deep')", name="kind_is_known"),
        CheckConstraint("clean IS NOT TRUE OR finished_at IS NOT NULL", name="clean_at_the_end"),
        Index(None, "kind", "started_at"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    days: Mapped[int] = mapped_column(default=0)
    """How far a deep one looked back."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    clean: Mapped[bool | None]
    events_through: Mapped[datetime | None]
    """The processor's events were read up to here; the next one goes on from there."""
    found: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
