"""Payouts of the processor, the movements they are made of, and where each movement was booked.

A payout's status, and what the bank tells of it, change; all else is what the processor said first. A movement is
never changed but for learning, once, which payout took it out. ``PayoutBooking`` itemizes the journals: every cent
that a payout moves in the books is the cent of some movement.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import ZERO, Money

TOLD_LATER = ("status", "reconciliation_status", "trace_id", "failure_code", "arrival_on", "read_at")
"""Columns of a payout that the processor goes on telling about."""


class Payout(Base):
    """Money that the processor sends to the city's bank (or, if negative, takes from it)."""

    __tablename__ = "payouts"
    __table_args__ = (Index(None, "created_at"), {"info": {"updates": TOLD_LATER}})

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """The processor's own (``po_``)."""
    amount_cents: Mapped[Money] = mapped_column(Cents)
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    automatic: Mapped[bool]
    reconciliation_status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    arrival_on: Mapped[date]
    trace_id: Mapped[str] = mapped_column(Text, default="")
    statement_descriptor: Mapped[str] = mapped_column(Text, default="")
    failure_code: Mapped[str] = mapped_column(Text, default="")
    read_at: Mapped[datetime]
    """When the processor was asked for what stands here."""


class PayoutMovement(Base):
    """A movement of the processor's balance (Stripe: balance transaction)."""

    __tablename__ = "payout_movements"
    __table_args__ = (
        CheckConstraint("net_cents = amount_cents - fee_cents", name="net_is_amount_less_fee"),
        Index(None, "payout_id"),
        Index(None, "payment_intent_id"),
        Index(None, "created_at"),
        {"info": {"updates": ("payout_id",)}},
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """The processor's own (``txn_``)."""
    type: Mapped[str] = mapped_column(Text)
    reporting_category: Mapped[str] = mapped_column(Text, default="")
    amount_cents: Mapped[Money] = mapped_column(Cents)
    fee_cents: Mapped[Money] = mapped_column(Cents)
    net_cents: Mapped[Money] = mapped_column(Cents)
    currency: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    available_on: Mapped[date]
    source_id: Mapped[str] = mapped_column(Text, default="")
    charge_id: Mapped[str] = mapped_column(Text, default="")
    payment_intent_id: Mapped[str] = mapped_column(Text, default="")
    payout_id: Mapped[str | None] = mapped_column(ForeignKey("payouts.id"))
    """The payout that took it out; none while the processor holds it. Set once."""
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PayoutBooking(Base):
    """What a journal did with a movement: ``amount_cents`` out of ``place``, ``fee_cents`` to the processor's fees.

    A movement may have several: one that moved from suspense to clearing when its payment was found, or one whose
    payout failed and that another payout took out again. Those of reversed journals no longer count.
    """

    __tablename__ = "payout_bookings"
    __table_args__ = (
        CheckConstraint("place IN ('clearing', 'fees', 'suspense')", name="place_is_known"),
        Index(None, "movement_id"),
        Index(None, "payout_id"),
        APPEND_ONLY,
    )

    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), primary_key=True)
    movement_id: Mapped[str] = mapped_column(ForeignKey("payout_movements.id"), primary_key=True)
    place: Mapped[str] = mapped_column(Text, primary_key=True)
    payout_id: Mapped[str] = mapped_column(ForeignKey("payouts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    fee_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)


class PayoutRead(Base):
    """The processor was asked for all movements and payouts of a window, and everything it said was kept."""

    __tablename__ = "payout_reads"
    __table_args__ = (CheckConstraint("from_at <= until_at", name="window_is_forward"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    """When the asking began: what moved later may be missing."""
    movements: Mapped[int]
    payouts: Mapped[int]
    finished_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
