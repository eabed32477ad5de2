"""A department's money as it came with its sheet: who brought it, and that both counted the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class TurnIn(Base):
    """One sheet, one sale. The sheet's composition is the sale's: neither is made to fit the other."""

    __tablename__ = "turn_ins"
    __table_args__ = (
        CheckConstraint("brought_by <> '' AND department <> ''", name="says_whose_it_is"),
        CheckConstraint("cash_cents >= 0 AND checks_cents >= 0", name="is_not_negative"),
        CheckConstraint("cash_cents + checks_cents > 0", name="is_something"),
        CheckConstraint("(checks_count = 0) = (checks_cents = 0)", name="checks_have_a_total"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), unique=True)
    department: Mapped[str] = mapped_column(Text)
    sheet_number: Mapped[str] = mapped_column(Text, default="", server_default="")
    brought_by: Mapped[str] = mapped_column(Text)
    """The person of the department, as they wrote their name on the sheet."""
    cash_cents: Mapped[Money] = mapped_column(Cents)
    checks_cents: Mapped[Money] = mapped_column(Cents)
    checks_count: Mapped[int]
    denominations: Mapped[dict[str, int]] = mapped_column(JSONB)
    """The cash as the cashier counted it, before the eyes of who brought it."""
    counted_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    counted_at: Mapped[datetime]
