"""A sale while it is made. Once taken, the books have it (``payments``, ``payment_tenders``, ``payment_items``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class Sale(Base):
    """A basket at a drawer: being filled, parked, taken, or given up. Saved at every step."""

    __tablename__ = "sales"
    __table_args__ = (
        UniqueConstraint("form_key"),
        CheckConstraint("state IN ('open', 'parked', 'taken', 'dropped')", name="state_is_known"),
        CheckConstraint("(state = 'taken') = (payment_id IS NOT NULL)", name="taken_has_a_payment"),
        Index("ix_sales_unfinished", "cashier_id", postgresql_where=text("state IN ('open', 'parked')")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    form_key: Mapped[str] = mapped_column(Text)
    """Made with the empty form: sent twice, it is one sale."""
    cashier_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    drawer_id: Mapped[int | None] = mapped_column(ForeignKey("drawers.id"))
    """In which it was taken."""
    state: Mapped[str] = mapped_column(Text, default="open")
    content: Mapped[dict[str, object]] = mapped_column(JSONB)
    """``drafts.Draft`` as JSON."""
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the cashier wrote to find a parked sale again."""
    language: Mapped[str] = mapped_column(Text)
    """The customer's, for the receipt."""
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    begun_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class SaleOverride(Base):
    """A supervisor lets one sale pass something that holds it up, for one account: never the cashier's own word."""

    __tablename__ = "sale_overrides"
    __table_args__ = (
        UniqueConstraint("sale_id", "kind", "customer_account_id"),
        CheckConstraint("kind IN ('cash-only')", name="kind_is_known"),
        CheckConstraint("granted_by <> asked_by", name="granted_by_another"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"))
    kind: Mapped[str] = mapped_column(Text)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    granted_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    granted_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
