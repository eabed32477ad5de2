"""Lockbox files as the bank sent them, and each item until it is in the books, once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base, Cents
from accounts.money import Money


class LockboxFile(Base):
    """A file whose totals tied at every level. ``sha256`` makes the same file one."""

    __tablename__ = "lockbox_files"
    __table_args__ = (
        CheckConstraint("total_cents >= 0 AND items >= 0", name="is_not_negative"),
        {"info": {"updates": ("finished_at",)}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sha256: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    """The day that the file's header says: on it the bank deposited the money."""
    items: Mapped[int]
    total_cents: Mapped[Money] = mapped_column(Cents)
    bank_reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    read_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    read_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """When its last item was in the books."""


class LockboxItem(Base):
    """A check of a lockbox file. It waits until it is posted; a repeated one is held for a person to look at."""

    __tablename__ = "lockbox_items"
    __table_args__ = (
        UniqueConstraint("file_id", "batch", "item"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("state IN ('waits', 'held', 'posted')", name="state_is_known"),
        CheckConstraint("(state = 'posted') = (payment_id IS NOT NULL)", name="posted_has_a_payment"),
        Index(None, "same_key"),
        Index("ix_lockbox_items_waiting", "file_id", postgresql_where=text("state = 'waits'")),
        {"info": {"updates": ("state", "payment_id")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("lockbox_files.id"))
    line_no: Mapped[int]
    batch: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    deposited_on: Mapped[date]
    amount_cents: Mapped[Money] = mapped_column(Cents)
    check_number: Mapped[str] = mapped_column(Text)
    payer: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes | None]
    """HMAC of the bank and the account number on the check."""
    same_key: Mapped[bytes]
    """HMAC of what makes it the same check in another file: bank, account, number, amount, day."""
    parts: Mapped[list[list[object]]] = mapped_column(JSONB)
    """``[[digits of the stub, cents], …]``: what the check pays, in the order of the file."""
    state: Mapped[str] = mapped_column(Text, default="waits")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
