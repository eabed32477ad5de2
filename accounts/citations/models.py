"""Details of the citation kind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base, begins_index


class Citation(Base):
    """A citation as issued. The registered owner may be unknown; the plate proves it to a guest."""

    __tablename__ = "citations"
    __table_args__ = (begins_index("ix_citations_plate", "search_plate(plate)", where="plate <> ''"),)

    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    issued_at: Mapped[datetime]
    violation_code: Mapped[str] = mapped_column(Text)
    violation: Mapped[str] = mapped_column(Text)
    location: Mapped[str] = mapped_column(Text, default="")
    plate_state: Mapped[str] = mapped_column(Text, default="")
    plate: Mapped[str] = mapped_column(Text, default="")
    make: Mapped[str] = mapped_column(Text, default="")
    agency: Mapped[str] = mapped_column(Text, default="")
