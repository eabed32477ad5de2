"""Each opening of a drawer without a sale. Never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class NoSale(Base):
    """A cashier opened their own drawer, and nothing was sold."""

    __tablename__ = "no_sales"
    __table_args__ = (
        UniqueConstraint("form_key"),
        ForeignKeyConstraint(["drawer_id", "cashier_id"], ["drawers.id", "drawers.cashier_id"]),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        Index(None, "drawer_id"),
        Index(None, "at"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    form_key: Mapped[str] = mapped_column(Text)
    """Made with the empty form: sent twice, it is one opening."""
    drawer_id: Mapped[int]
    cashier_id: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    """A code of the city's list (``CashPolicy.no_sale_reasons``)."""
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime]
