"""Batches of payments and reversals for an external system of record, and its answer."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Identity, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class Remittance(Base):
    """A numbered batch for one source system. Exporting it again gives the same bytes."""

    __tablename__ = "remittances"
    __table_args__ = (UniqueConstraint("source_system", "number"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    source_system: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    line_count: Mapped[int]
    total_cents: Mapped[Money] = mapped_column(Cents)
    sha256: Mapped[str] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None]
    acknowledgement: Mapped[str] = mapped_column(Text, default="")


class RemittanceLine(Base):
    """One allocation on an external charge, sent in one batch only (the allocation is unique)."""

    __tablename__ = "remittance_lines"
    __table_args__ = (UniqueConstraint("remittance_id", "line_no"), APPEND_ONLY)

    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocations.id"), primary_key=True)
    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittances.id"))
    line_no: Mapped[int]
    source_account: Mapped[str] = mapped_column(Text)
    source_charge: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[Money] = mapped_column(Cents)
    paid_on: Mapped[date]
    receipt: Mapped[str] = mapped_column(Text)
