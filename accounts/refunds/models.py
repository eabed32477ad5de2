"""Refunds of credits, as accounts payable is asked to pay them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class CreditRefund(Base):
    """A credit that is paid back: to whom, and which journal moved it to what the city owes as refunds."""

    __tablename__ = "credit_refunds"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("pay_by IN ('check', 'counter')", name="pay_by_is_known"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    payee: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    pay_by: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), unique=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    at: Mapped[datetime]
