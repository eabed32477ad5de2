"""Each move of money of a payment: from which account to which, by which two journals, on whose word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class PaymentMove(Base):
    """A move. ``number`` counts the moves of a payment: two at once would take the same one, and one is refused."""

    __tablename__ = "moves"
    __table_args__ = (
        UniqueConstraint("payment_id", "number"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("from_account_id <> to_account_id", name="accounts_are_two"),
        CheckConstraint("journal_out <> journal_in", name="journals_are_two"),
        Index(None, "from_account_id"),
        Index(None, "to_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    number: Mapped[int]
    from_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    to_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    journal_out: Mapped[int] = mapped_column(ForeignKey("journals.id"), unique=True)
    journal_in: Mapped[int] = mapped_column(ForeignKey("journals.id"), unique=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    moved_at: Mapped[datetime]
