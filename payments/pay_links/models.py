"""A link and what it asks for. Its token is hashed; ``sealed`` holds token and address under the vault's key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class PayLink(Base):
    """Who asked whom to pay, by which way, until when."""

    __tablename__ = "pay_links"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        UniqueConstraint("form_key"),
        CheckConstraint("channel IN ('mail', 'text', 'qr')", name="channel_is_known"),
        CheckConstraint("expires_at > created_at", name="lives_a_while"),
        CheckConstraint("(canceled_at IS NULL) = (canceled_by IS NULL)", name="canceled_by_somebody"),
        Index(None, "sale_id"),
        Index(None, "sender_id", "id"),
        {"info": {"updates": ("opened_at", "canceled_at", "canceled_by", "basket_id")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    form_key: Mapped[str] = mapped_column(Text)
    """Made with the empty form: sent twice, it is one link."""
    token_sha256: Mapped[bytes]
    sealed: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    to_masked: Mapped[str] = mapped_column(Text, default="", server_default="")
    language: Mapped[str] = mapped_column(Text)
    sender_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    sale_id: Mapped[int | None] = mapped_column(ForeignKey("sales.id"))
    """The sale at the window whose rest it asks for."""
    basket_id: Mapped[int | None] = mapped_column(ForeignKey("baskets.id"), unique=True)
    """From the first time that somebody went on to pay."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    canceled_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))


class PayLinkLine(Base):
    """So much on one account."""

    __tablename__ = "pay_link_lines"
    __table_args__ = (
        UniqueConstraint("pay_link_id", "customer_account_id"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    pay_link_id: Mapped[int] = mapped_column(ForeignKey("pay_links.id"))
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
