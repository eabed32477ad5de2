"""Charges, adjustments to them, and allocations of money to them.

``open_cents`` = amount + adjustments - allocations. It is kept because the charge row is locked whenever it
changes; ``ventanilla verify`` proves it. A charge's amount is never edited.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class Bill(Base):
    """A bill as sent: its charges are its lines."""

    __tablename__ = "bills"
    __table_args__ = (
        UniqueConstraint("source_system", "source_key"),
        Index(None, "customer_account_id", "billed_on"),
        Index(None, "billed_on", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    number: Mapped[str] = mapped_column(Text, unique=True)
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    billed_on: Mapped[date]
    due_on: Mapped[date]
    delinquent_on: Mapped[date]
    source_system: Mapped[str] = mapped_column(Text, default="ventanilla")
    source_key: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Charge(Base):
    """One thing owed. ``working`` shows how it was computed: rule, inputs, authority (see ``accounts.pricing``)."""

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("open_cents >= 0", name="open_is_not_negative"),
        UniqueConstraint("source_system", "source_key"),
        Index("ix_charges_open", "customer_account_id", "due_on", postgresql_where=text("open_cents > 0")),
        Index("ix_charges_open_cents", "open_cents", postgresql_where=text("open_cents > 0")),
        Index(None, "customer_account_id"),
        Index(None, "bill_id"),
        Index(None, "journal_id"),
        {"info": {"updates": ("open_cents", "version")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("bills.id"))
    revenue_line: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """``service``, ``fee``, ``tax``, ``fine``, ``penalty`` or ``opening``: what allocation ranks by."""
    fund: Mapped[str] = mapped_column(Text)
    receivable: Mapped[str] = mapped_column(ForeignKey("ledger_accounts.code"))
    """The receivable it was raised on, which money for it relieves, wherever its line may move later."""
    description: Mapped[dict[str, str]] = mapped_column(JSONB)
    """By language: ``{"en": "...", "es": "..."}``."""
    amount_cents: Mapped[Money] = mapped_column(Cents)
    open_cents: Mapped[Money] = mapped_column(Cents)
    billed_on: Mapped[date]
    due_on: Mapped[date]
    delinquent_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Goes up with each change of ``open_cents``; an attempt freezes the version that it quoted."""
    working: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    city_release_id: Mapped[int | None] = mapped_column(ForeignKey("city_releases.id"))
    source_system: Mapped[str] = mapped_column(Text, default="ventanilla")
    source_key: Mapped[str | None] = mapped_column(Text)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Adjustment(Base):
    """A change to what a charge asks, up or down, with its reason and its own journal."""

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount_is_not_zero"),
        CheckConstraint("reverses_id <> id", name="does_not_reverse_itself"),
        UniqueConstraint("source_system", "source_key"),
        Index(None, "charge_id"),
        Index(None, "journal_id"),
        Index(None, "proposal_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    reason: Mapped[str] = mapped_column(Text)
    """Of an imported one the owner's words; of ours the code of a reason of the city's."""
    source_system: Mapped[str] = mapped_column(Text, default="ventanilla")
    source_key: Mapped[str | None] = mapped_column(Text)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"))
    """Who asked, who agreed, and the calculation; none where an outside system made it."""
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("adjustments.id"), unique=True)
    """The adjustment that this one takes back, once."""
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Allocation(Base):
    """Money that met a charge (negative: taken back by a reversal). The policy version that ranked it is frozen."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount_is_not_zero"),
        UniqueConstraint("journal_id", "charge_id"),
        Index(None, "charge_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    policy: Mapped[str] = mapped_column(Text)
    """Version of the allocation policy, or ``explicit`` where the payment named this charge."""
