"""What was sent in. The file itself is in the folder of documents, under its digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class Document(Base):
    """A file as it is kept, and who sent it (nobody, where a guest did)."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="has_a_digest"),
        CheckConstraint("size > 0", name="is_not_empty"),
        CheckConstraint("erased_at IS NULL OR name = ''", name="erased_has_no_name"),
        Index(None, "sha256"),
        {"info": {"updates": ("name", "erased_at")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    """When its file was deleted: it came with something that was never handed in."""
