"""The seal of a closed day: what the day holds, and the seal of the day before it, under one hash."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class DaySeal(Base):
    """One link of the chain. It has no gap: the day before is the one sealed before, so nothing can be left out."""

    __tablename__ = "day_seals"
    __table_args__ = (
        UniqueConstraint("previous_day", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "octet_length(digest) = 32 AND octet_length(previous_chained) = 32 AND octet_length(chained) = 32",
            name="digests_are_sha256",
        ),
        CheckConstraint("previous_day = day - 1", name="follows_the_day_before"),
        APPEND_ONLY,
    )

    day: Mapped[date] = mapped_column(ForeignKey("business_days.day"), primary_key=True)
    previous_day: Mapped[date | None] = mapped_column(ForeignKey("day_seals.day"))
    """Nothing for the first day of the books."""
    form: Mapped[str] = mapped_column(Text)
    """Version of the canonical form (:mod:`accounts.seals.canonical`) under which the day was hashed."""
    parts: Mapped[dict[str, dict[str, object]]] = mapped_column(JSONB)
    """By part of the books: ``rows``, ``cents`` and ``sha256`` (hexadecimal)."""
    digest: Mapped[bytes]
    """SHA-256 of the parts."""
    previous_chained: Mapped[bytes]
    """Zeros for the first day of the books."""
    chained: Mapped[bytes]
    """SHA-256 of everything else in this row, the day before's included: the head of the chain when it was laid."""
    sealed_at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
