"""What the bank sent back, what followed from it, and how often it was presented again. Written once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import ZERO, Money


class ReturnedPayment(Base):
    """One tender that the bank took back, once ever."""

    __tablename__ = "returned_payments"
    __table_args__ = (
        UniqueConstraint("tender_id"),
        UniqueConstraint("reversal_id"),
        UniqueConstraint("fee_charge_id"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("earlier >= 0", name="earlier_is_not_negative"),
        CheckConstraint("fee_cents >= 0 AND (fee_cents > 0) = (fee_charge_id IS NOT NULL)", name="fee_is_a_charge"),
        Index(None, "payment_id"),
        Index(None, "returned_on"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    tender_id: Mapped[int] = mapped_column(ForeignKey("payment_tenders.id"))
    reversal_id: Mapped[int] = mapped_column(ForeignKey("payment_reversals.id"))
    reason: Mapped[str] = mapped_column(Text)
    """A code of the city's return policy: ``NSF``, ``R01``."""
    amount_cents: Mapped[Money] = mapped_column(Cents)
    returned_on: Mapped[date]
    """The day on the bank's advice."""
    bank_reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    earlier: Mapped[int]
    """How many payments of the same people had come back before: which fee follows from it."""
    fee_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    fee_charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id"))
    no_fee: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why there was none: ``reason``, ``line``, or words of a person."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class ReturnedAccount(Base):
    """What of it was on an account, and the flag that followed there."""

    __tablename__ = "returned_accounts"
    __table_args__ = (
        UniqueConstraint("returned_payment_id", "customer_account_id"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    returned_payment_id: Mapped[int] = mapped_column(ForeignKey("returned_payments.id"))
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("cash_only_flags.id"), unique=True)


class Presentment(Base):
    """The bank was asked to collect the item again."""

    __tablename__ = "presentments"
    __table_args__ = (
        UniqueConstraint("returned_payment_id", "number"),
        CheckConstraint("number > 0", name="number_counts"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    returned_payment_id: Mapped[int] = mapped_column(ForeignKey("returned_payments.id"))
    number: Mapped[int]
    presented_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
