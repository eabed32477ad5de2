"""The one table of the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class AuditEntry(Base):
    """One act, look or refusal. No personal data beyond what ties them together: who administers the portal reads it,
    and need not be one who may see protected accounts.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "act", "id"),
        Index(None, "at"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    act: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text, default="")
    subject_id: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
