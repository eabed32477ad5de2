"""Books of numbered paper receipts: who has which numbers, and what became of each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class ManualBook(Base):
    """A book that was handed to somebody, by somebody else."""

    __tablename__ = "manual_books"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("first_number > 0 AND last_number >= first_number", name="numbers_rise"),
        CheckConstraint("last_number - first_number < 1000", name="is_a_book"),
        CheckConstraint("issued_to <> issued_by", name="issued_by_another"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    """What is printed before each number of the book."""
    first_number: Mapped[int]
    last_number: Mapped[int]
    issued_to: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    issued_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    issued_at: Mapped[datetime]


class ManualReceipt(Base):
    """A number of a book that is accounted for: entered as a payment, or void with a reason. Each once."""

    __tablename__ = "manual_receipts"
    __table_args__ = (
        UniqueConstraint("book_id", "number"),
        CheckConstraint("(payment_id IS NULL) = (void_reason <> '')", name="entered_or_void"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("manual_books.id"))
    number: Mapped[int]
    written_on: Mapped[date]
    """The day on which the paper was written: the payment counts from it."""
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    void_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    entered_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    entered_at: Mapped[datetime]
