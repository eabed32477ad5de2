"""What a database is for. One row, written once: a copy of it goes with every backup."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class InstallationMark(Base):
    """``purpose``: ``training``, or ``real`` for anything else (the demo too, which has its own band)."""

    __tablename__ = "installation_marks"
    __table_args__ = (
        CheckConstraint("id = 1", name="there_is_one"),
        CheckConstraint("purpose IN ('real', 'training')", name="purpose_is_known"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(Text)
    marked_at: Mapped[datetime] = mapped_column(server_default=func.now())
