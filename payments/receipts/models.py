"""The receipt and the counter it is numbered from. The counter is the last lock that a posting takes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class ReceiptSeries(Base):
    """The last number given in a series in a year."""

    __tablename__ = "receipt_series"
    __table_args__ = (CheckConstraint("last_number >= 0", name="counts_up"),)

    series: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class Receipt(Base):
    """``content`` is all that the receipt says, frozen: accounts, lines, fee, tender, new balances, policy."""

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("series", "year", "number"), Index(None, "total_cents", "id"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), unique=True)
    series: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    number: Mapped[int]
    token: Mapped[str] = mapped_column(Text, unique=True)
    language: Mapped[str] = mapped_column(Text)
    total_cents: Mapped[Money] = mapped_column(Cents)
    content: Mapped[dict[str, object]] = mapped_column(JSONB)
    issued_at: Mapped[datetime]
