"""How the books work.

A *journal* is one event in money; its *postings* are signed cents (debits positive) that sum to zero in each
fund, checked by a constraint trigger when the transaction commits. Postings of a journal are written in the
journal's own transaction and never again. Nothing is updated or deleted, by grant and by trigger: a mistake
is corrected by a journal that reverses the first (``reverses_id``, at most one) and then a right one.

``source_effects`` says which outside event caused which journal: its primary key is the last line of defense
against posting one event twice. It stands apart from postings and is never partitioned, so that postings can be.

A *business day* is a row. Each posting locks it FOR SHARE; closing and sealing it locks it FOR UPDATE.
A ledger account's balance is always summed, never kept in one hot row.
"""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class LedgerKind(enum.Enum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


class LedgerAccount(Base):
    """An account of the chart; each belongs to one fund. ``code`` is the city's own (``510-1200``)."""

    __tablename__ = "ledger_accounts"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    fund: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[LedgerKind] = mapped_column(
        Enum(LedgerKind, native_enum=False, length=12, values_callable=lambda kinds: [k.value for k in kinds])
    )


class BusinessDay(Base):
    """A day of the books. Open until it is closed; the seal is laid by the nightly close."""

    __tablename__ = "business_days"
    __table_args__ = (CheckConstraint("state IN ('open', 'closed')", name="state_is_known"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text, default="open", server_default="open")
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]


class Journal(Base):
    """One event in money. ``business_day`` is when it entered the books, ``effective_on`` when it happened."""

    __tablename__ = "journals"
    __table_args__ = (
        CheckConstraint("reverses_id <> id", name="does_not_reverse_itself"),
        Index(None, "business_day"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    business_day: Mapped[date] = mapped_column(ForeignKey("business_days.day"))
    effective_on: Mapped[date]
    kind: Mapped[str] = mapped_column(Text)
    memo: Mapped[str] = mapped_column(Text, default="", server_default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("journals.id"), unique=True)
    posted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)")
    )


class SourceEffect(Base):
    """(source, effect) → journal, each pair once in the life of the books."""

    __tablename__ = "source_effects"
    __table_args__ = (Index(None, "journal_id"), APPEND_ONLY)

    source_kind: Mapped[str] = mapped_column(Text, primary_key=True)
    source_id: Mapped[str] = mapped_column(Text, primary_key=True)
    effect: Mapped[str] = mapped_column(Text, primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"))


class Posting(Base):
    """Signed cents on one ledger account; ``customer_account_id`` ties receivables and credits to who owes them."""

    __tablename__ = "postings"
    __table_args__ = (
        UniqueConstraint("journal_id", "line_no"),
        CheckConstraint("amount_cents <> 0", name="amount_is_not_zero"),
        Index(None, "ledger_account_id"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"))
    line_no: Mapped[int]
    ledger_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    fund: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[Money] = mapped_column(Cents)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
