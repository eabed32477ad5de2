"""Batches of journals for the accounting system, what stands in them, and what it answered. Nothing is changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class JournalBatch(Base):
    """A numbered file. ``content`` is what was sent, byte for byte; sent again, it is the same."""

    __tablename__ = "journal_batches"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("number > 0", name="number_is_positive"),
        CheckConstraint("first_day <= last_day", name="days_run_forward"),
        CheckConstraint("debits_cents = credits_cents AND debits_cents >= 0", name="balances"),
        CheckConstraint("encode(sha256(content), 'hex') = sha256", name="content_has_its_hash"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    number: Mapped[int]
    layout: Mapped[str] = mapped_column(Text)
    """The code of the city's layout, or ``neutral``."""
    layout_content: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    """The layout as it was then; none for the neutral one."""
    file_name: Mapped[str] = mapped_column(Text)
    first_day: Mapped[date] = mapped_column(ForeignKey("business_days.day"))
    last_day: Mapped[date] = mapped_column(ForeignKey("business_days.day"))
    made_on: Mapped[date]
    """At city hall."""
    made_at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    journal_count: Mapped[int]
    line_count: Mapped[int]
    debits_cents: Mapped[Money] = mapped_column(Cents)
    credits_cents: Mapped[Money] = mapped_column(Cents)
    content: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(Text)


class JournalBatchLine(Base):
    """One line of a batch: what its journals move on a ledger account, for a project, on a business day."""

    __tablename__ = "journal_batch_lines"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount_is_not_zero"),
        UniqueConstraint("batch_id", "business_day", "account", "project"),
        APPEND_ONLY,
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("journal_batches.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    business_day: Mapped[date]
    fund: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    project: Mapped[str] = mapped_column(Text, default="", server_default="")
    name: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[Money] = mapped_column(Cents)
    """Signed, debits positive."""


class ExportedJournal(Base):
    """Each journal goes out once in the life of the books, whatever exports it."""

    __tablename__ = "exported_journals"
    __table_args__ = (Index(None, "batch_id"), APPEND_ONLY)

    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("journal_batches.id"))


class JournalAnswer(Base):
    """What the accounting system said of a batch. A rejected one is sent again; accepted is the last word."""

    __tablename__ = "journal_answers"
    __table_args__ = (
        UniqueConstraint("batch_id", "ordinal"),
        CheckConstraint("status IN ('accepted', 'rejected')", name="status_is_known"),
        CheckConstraint("status = 'accepted' OR message <> ''", name="rejected_with_a_reason"),
        Index("uq_journal_answers_accepted_once", "batch_id", unique=True,
              postgresql_where=text("status = 'accepted'")),
        APPEND_ONLY,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("journal_batches.id"))
    ordinal: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The accounting system's own number."""
    message: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
