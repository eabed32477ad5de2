"""A basket lives on the server, so that a hundred accounts fit and nothing about them is in a cookie."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base, Cents
from accounts.money import Money


class Basket(Base):
    """Known by a random token that only its browser holds."""

    __tablename__ = "baskets"
    __table_args__ = ({"info": {"deletes": True}},)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())


class BasketLine(Base):
    """One account in the basket, and how much of it: past due, current, total, or another amount."""

    __tablename__ = "basket_lines"
    __table_args__ = (
        UniqueConstraint("basket_id", "customer_account_id"),
        CheckConstraint("choice IN ('total', 'past_due', 'current', 'other')", name="choice_is_known"),
        CheckConstraint("(choice = 'other') = (other_cents IS NOT NULL)", name="other_has_an_amount"),
        CheckConstraint("other_cents IS NULL OR other_cents > 0", name="other_is_positive"),
        {"info": {"deletes": True}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    basket_id: Mapped[int] = mapped_column(ForeignKey("baskets.id", ondelete="CASCADE"))
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    choice: Mapped[str] = mapped_column(Text, default="total")
    other_cents: Mapped[Money | None] = mapped_column(Cents)
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
