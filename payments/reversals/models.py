"""What was taken back of a payment, by which journal, and where its money went from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class PaymentReversal(Base):
    """One tender taken back. A void has a row for each tender, all by one journal; a returned check has one."""

    __tablename__ = "payment_reversals"
    __table_args__ = (
        UniqueConstraint("payment_id", "number"),
        UniqueConstraint("tender_id"),
        CheckConstraint("kind IN ('void', 'correction', 'returned')", name="kind_is_known"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("(kind = 'void') = (drawer_id IS NOT NULL)", name="void_leaves_its_drawer"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        Index(None, "drawer_id"),
        Index(None, "journal_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    number: Mapped[int]
    """Counts the reversals of a payment: two at once would take the same one, and one is refused."""
    tender_id: Mapped[int] = mapped_column(ForeignKey("payment_tenders.id"))
    kind: Mapped[str] = mapped_column(Text)
    """``void``: given back out of its drawer, not yet closed. ``correction``: after that; the city owes it
    (``refunds_payable``). ``returned``: the bank took it back."""
    amount_cents: Mapped[Money] = mapped_column(Cents)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"))
    drawer_id: Mapped[int | None] = mapped_column(ForeignKey("drawers.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"))
    """None for a returned payment: the bank's word is no act of ours."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
