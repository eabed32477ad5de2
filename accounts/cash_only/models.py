"""A flag is a row; lifting it early is a row beside it, by somebody else than who raised it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class CashOnlyFlag(Base):
    """From a day through a day an account pays by cash, money order or card, not by check."""

    __tablename__ = "cash_only_flags"
    __table_args__ = (
        UniqueConstraint("id", "raised_by"),
        CheckConstraint("until_on >= since_on", name="ends_after_it_begins"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    since_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    """``returned-payments:2`` (so many came back), or words of a person."""
    authority: Mapped[str] = mapped_column(Text, default="", server_default="")
    raised_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    raised_at: Mapped[datetime]


class CashOnlyLift(Base):
    """A flag lifted before its time."""

    __tablename__ = "cash_only_lifts"
    __table_args__ = (
        ForeignKeyConstraint(["flag_id", "raised_by"], ["cash_only_flags.id", "cash_only_flags.raised_by"]),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        CheckConstraint("lifted_by <> raised_by", name="lifted_by_another"),
        APPEND_ONLY,
    )

    flag_id: Mapped[int] = mapped_column(primary_key=True)
    raised_by: Mapped[int]
    lifted_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    lifted_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
