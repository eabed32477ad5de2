"""The exceptions queue. A line is opened with evidence and ends only by a named act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class ExceptionLine(Base):
    """One thing that does not fit: a row that contradicts itself, money without an owner, a second payment."""

    __tablename__ = "exception_lines"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_someone"),
        Index(None, "closed_at", "kind"),
        Index(None, "customer_account_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB)
    suggestion: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    """Who has taken it on."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    closing_note: Mapped[str] = mapped_column(Text, default="")
