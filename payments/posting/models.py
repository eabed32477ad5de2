"""What a payment at the window was made of: its tenders, and what was sold beside what is owed. Written once."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class PaymentTender(Base):
    """One tender of a payment that a person took; a payment on the processor's page has none."""

    __tablename__ = "payment_tenders"
    __table_args__ = (
        UniqueConstraint("payment_id", "ordinal"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint(
            "kind IN ('cash', 'check', 'money_order', 'terminal', 'lockbox')", name="kind_is_taken_by_people"
        ),
        CheckConstraint("kind = 'lockbox' OR drawer_id IS NOT NULL", name="stands_in_a_drawer"),
        Index(None, "drawer_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    ordinal: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[Money] = mapped_column(Cents)
    """What of it was kept: cash without the change."""
    given_cents: Mapped[Money] = mapped_column(Cents)
    """What was handed over; more than ``amount_cents`` for cash with change."""
    brand: Mapped[str] = mapped_column(Text, default="", server_default="")
    last4: Mapped[str] = mapped_column(Text, default="", server_default="")
    reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Number of the check or money order, or the slip of the terminal."""
    bank: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The bank that a check is drawn on, as it is printed there."""
    drawer_id: Mapped[int | None] = mapped_column(ForeignKey("drawers.id"))


class PaymentItem(Base):
    """Something sold at the window that no account owed, with its place in the distribution."""

    __tablename__ = "payment_items"
    __table_args__ = (
        UniqueConstraint("payment_id", "ordinal"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
        Index(None, "code"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    ordinal: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    """Of the city's catalog, or ``suspense`` for money whose owner is not known yet."""
    name: Mapped[dict[str, str]] = mapped_column(JSONB)
    quantity: Mapped[int]
    amount_cents: Mapped[Money] = mapped_column(Cents)
    ledger_account: Mapped[str] = mapped_column(Text)
    fund: Mapped[str] = mapped_column(Text)
    project: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
