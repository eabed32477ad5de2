"""Append-only audit: who did what to which record, and why. No personal data beyond what ties them together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from accounts.database import APPEND_ONLY, Base


class AuditEntry(Base):
    """One act or refusal."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject_kind", "subject_id"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    act: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text, default="")
    subject_id: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)


def record(
    session: Session,
    act: str,
    *,
    subject: tuple[str, object] = ("", ""),
    actor_id: int | None = None,
    **details: object,
) -> None:
    """Step: write an audit line in the caller's transaction."""
    session.add(
        AuditEntry(
            act=act,
            actor_id=actor_id,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            details=details,
        )
    )
