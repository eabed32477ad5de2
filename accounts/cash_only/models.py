"""A flag is a row; lifting it early is a row beside it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class CashOnlyFlag(Base):
    """From a day through a day an account pays by cash, money order or card, not by check."""

    __tablename__ = "cash_only_flags"
    __table_args__ = (
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
    authority: Mapped[str] = mapped_column(Text, default="", server_default="")
    raised_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    raised_at: Mapped[datetime]


class CashOnlyLift(Base):
    """A flag lifted before its time."""

    __tablename__ = "cash_only_lifts"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason_is_given"), APPEND_ONLY)

    flag_id: Mapped[int] = mapped_column(ForeignKey("cash_only_flags.id"), primary_key=True)
    lifted_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    lifted_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
