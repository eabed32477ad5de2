"""Events as received."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class ProcessorEvent(Base):
    """``raw`` is the verified body to the byte. ``state`` becomes ``done`` only with the effect's own transaction."""

    __tablename__ = "processor_events"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'done', 'ignored')", name="state_is_known"),
        Index(None, "state", "received_at"),
    )

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    event_type: Mapped[str] = mapped_column(Text)
    livemode: Mapped[bool]
    api_version: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[bytes]
    state: Mapped[str] = mapped_column(Text, default="received")
    note: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handled_at: Mapped[datetime | None]
