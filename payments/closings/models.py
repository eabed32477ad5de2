"""The packet of each day that was closed: what the day held, said once, in the transaction that closed it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class ClosingPacket(Base):
    """``content`` is canonical JSON (keys in order, no spaces); the day's seal covers it."""

    __tablename__ = "closing_packets"
    __table_args__ = (
        CheckConstraint("encode(sha256(convert_to(content, 'UTF8')), 'hex') = sha256", name="content_has_its_hash"),
        APPEND_ONLY,
    )

    day: Mapped[date] = mapped_column(ForeignKey("business_days.day"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
