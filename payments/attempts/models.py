"""What was promised when the person left for the processor's page, frozen, and what became of it.

An attempt is the intent; a :class:`Payment` is the outcome, written once when money has moved. ``request`` holds
the exact parameters that went (or will go again) to the processor under ``idempotency_key``.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Enum,
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
from accounts.money import ZERO, Money
from payments.attempts.rules import State


class Attempt(Base):
    """One try to pay one basket. ``id`` goes to the processor; ``token`` is the person's link to it."""

    __tablename__ = "attempts"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("fee_cents >= 0", name="fee_is_not_negative"),
        CheckConstraint("currency = 'usd'", name="currency_is_usd"),
        Index("ix_attempts_unsettled", "state", "created_at", postgresql_where=text(
            "state IN ('sending', 'open', 'processing', 'unknown')")),
        Index("ix_attempts_next_check", "next_check_at", postgresql_where=text(
            "state IN ('sending', 'open', 'processing', 'unknown')")),
        Index(None, "basket_id"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """``pa_`` and 26 characters of a ULID: sortable by time."""
    token: Mapped[str] = mapped_column(Text, unique=True)
    basket_id: Mapped[int | None] = mapped_column(ForeignKey("baskets.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(Text, default="web")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    language: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, default="")
    """Where the payer wants the receipt; may be empty."""
    amount_cents: Mapped[Money] = mapped_column(Cents)
    """Sum of the lines, without the fee."""
    fee_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    fee_terms: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    """The service fee rule as quoted: version, authority, fund, ledger account, working."""
    currency: Mapped[str] = mapped_column(Text, default="usd")
    city_release_id: Mapped[int | None] = mapped_column(ForeignKey("city_releases.id"))
    policy: Mapped[dict[str, object]] = mapped_column(JSONB)
    """The allocation policy in force when the payment was promised."""
    state: Mapped[State] = mapped_column(
        Enum(
            State,
            native_enum=False,
            length=16,
            values_callable=lambda states: [s.value for s in states],
        )
    )
    idempotency_key: Mapped[str] = mapped_column(Text, unique=True)
    request: Mapped[dict[str, object]] = mapped_column(JSONB)
    session_id: Mapped[str | None] = mapped_column(Text, unique=True)
    session_url: Mapped[str | None] = mapped_column(Text)
    payment_intent_id: Mapped[str | None] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]
    """When the sweep asks the processor next, while the attempt is not over."""
    told: Mapped[list[dict[str, object]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    """What was on its way for the same accounts when this person went on knowingly."""


class AttemptLine(Base):
    """One account of the attempt with the amount promised and the charge versions that were quoted."""

    __tablename__ = "attempt_lines"
    __table_args__ = (
        UniqueConstraint("attempt_id", "customer_account_id"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    choice: Mapped[str] = mapped_column(Text)
    quoted: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    """``[{"charge": id, "version": n, "open": cents}]`` as they stood."""
    targets: Mapped[list[int]] = mapped_column(JSONB, default=list)
    """Charges that the payer named; they come before the policy's order."""


class AttemptEvent(Base):
    """Each change of an attempt's state, with what caused it."""

    __tablename__ = "attempt_events"
    __table_args__ = (Index(None, "attempt_id"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    event: Mapped[str] = mapped_column(Text)
    old_state: Mapped[str] = mapped_column(Text)
    new_state: Mapped[str] = mapped_column(Text)
    forced: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)


class Payment(Base):
    """Money that has moved, whatever its tender and channel. Written once, with its journal and its receipt."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        CheckConstraint("fee_cents >= 0", name="fee_is_not_negative"),
        Index(None, "business_day"),
        Index("ix_payments_by_reference", "tender_reference", postgresql_where=text("tender_reference <> ''")),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempts.id"), unique=True)
    channel: Mapped[str] = mapped_column(Text)
    tender: Mapped[str] = mapped_column(Text)
    tender_brand: Mapped[str] = mapped_column(Text, default="")
    tender_last4: Mapped[str] = mapped_column(Text, default="")
    tender_reference: Mapped[str] = mapped_column(Text, default="")
    amount_cents: Mapped[Money] = mapped_column(Cents)
    fee_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    business_day: Mapped[date] = mapped_column(ForeignKey("business_days.day"))
    paid_at: Mapped[datetime]
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
