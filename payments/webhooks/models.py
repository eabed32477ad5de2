"""Events as received, and how many came to the door with which outcome."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class ProcessorEvent(Base):
    """``raw`` is the verified body to the byte. ``state`` becomes ``done`` only after the effect was committed."""

    __tablename__ = "processor_events"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'done', 'ignored')", name="state_is_known"),
        CheckConstraint("source IN ('webhook', 'backfill')", name="source_is_known"),
        Index(None, "state", "received_at"),
    )

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    event_type: Mapped[str] = mapped_column(Text)
    livemode: Mapped[bool]
    api_version: Mapped[str] = mapped_column(Text, default="")
    attempt_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    session_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    payment_intent_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    subject_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    source: Mapped[str] = mapped_column(Text, default="webhook", server_default="webhook")
    """``backfill``: the webhook never came, and the sweep read the event from the processor's list."""
    created_at: Mapped[datetime | None]
    """When it happened, by the processor's clock."""
    raw: Mapped[bytes]
    state: Mapped[str] = mapped_column(Text, default="received")
    note: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handled_at: Mapped[datetime | None]


class WebhookCount(Base):
    """Requests at the processor's door, by day (UTC) and outcome; refused ones leave nothing else."""

    __tablename__ = "webhook_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
