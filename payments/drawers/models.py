"""Drawers, what moved in and out of them, how they were counted, and what went to the vault.

A drawer is one opening of a till (or of a bundle of mail) by one cashier. Its cash is what it began with, what was
taken and not given back, and what was brought less what was collected; ``rules.Contents`` says so. Movements, counts
and verdicts are never changed.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
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


class Drawer(Base):
    """``state``: its float waits for a second person; it is open; its count waits for a second person; closed."""

    __tablename__ = "drawers"
    __table_args__ = (
        UniqueConstraint("id", "cashier_id"),
        CheckConstraint("kind IN ('counter', 'mail')", name="kind_is_known"),
        CheckConstraint("state IN ('float', 'open', 'counted', 'closed')", name="state_is_known"),
        CheckConstraint("float_cents >= 0", name="float_is_not_negative"),
        CheckConstraint("verified_by <> cashier_id", name="float_is_counted_by_two"),
        CheckConstraint(
            "state = 'float' OR verified_by IS NOT NULL OR (kind = 'mail' AND float_cents = 0)",
            name="open_after_it_was_verified",
        ),
        CheckConstraint("(kind = 'mail') = (control_cents IS NOT NULL)", name="mail_has_a_control_total"),
        Index("uq_drawers_till_in_use", "till", unique=True,
              postgresql_where=text("kind = 'counter' AND state IN ('float', 'open')")),
        Index("uq_drawers_cashier_at_one", "cashier_id", "kind", unique=True,
              postgresql_where=text("state IN ('float', 'open')")),
        Index(None, "business_day"),
        {"info": {"updates": ("state", "verified_by", "verified_at", "counted_at", "closed_at", "version")}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    till: Mapped[str] = mapped_column(Text)
    """The city's till, or the city's name for a bundle of mail."""
    series: Mapped[str] = mapped_column(Text)
    """In which its receipts are numbered."""
    business_day: Mapped[date] = mapped_column(ForeignKey("business_days.day"))
    """The day on which it was opened; that day cannot close before it."""
    cashier_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    float_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    control_cents: Mapped[Money | None] = mapped_column(Cents)
    """Of mail: the total that was added up before anything was entered."""
    control_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of mail: how many remittances."""
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    state: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class DrawerMovement(Base):
    """Cash that went into or out of a drawer without a sale: signed, into it positive."""

    __tablename__ = "drawer_movements"
    __table_args__ = (
        CheckConstraint("kind IN ('drop', 'pickup', 'change')", name="kind_is_known"),
        CheckConstraint("cash_cents <> 0 AND (kind = 'change') = (cash_cents > 0)", name="sign_fits_the_kind"),
        CheckConstraint("kind <> 'pickup' OR witness_id IS NOT NULL", name="pickup_has_two"),
        CheckConstraint("witness_id <> actor_id", name="witness_is_another"),
        Index(None, "drawer_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    drawer_id: Mapped[int] = mapped_column(ForeignKey("drawers.id"))
    kind: Mapped[str] = mapped_column(Text)
    """``drop``: the cashier puts cash in the vault; ``pickup``: a supervisor collects it; ``change`` is brought."""
    cash_cents: Mapped[Money] = mapped_column(Cents)
    denominations: Mapped[dict[str, int]] = mapped_column(JSONB)
    """Cents of a note or coin → how many."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")


class DrawerCount(Base):
    """What somebody counted, before they were told what was expected. ``expected`` is what the books said then."""

    __tablename__ = "drawer_counts"
    __table_args__ = (
        UniqueConstraint("drawer_id", "number"),
        UniqueConstraint("id", "counted_by"),
        CheckConstraint("cash_cents >= 0 AND checks_cents >= 0 AND terminal_cents >= 0", name="is_not_negative"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    drawer_id: Mapped[int] = mapped_column(ForeignKey("drawers.id"))
    number: Mapped[int]
    """1 for the first count; a rejected one is counted again."""
    counted_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    counted_at: Mapped[datetime]
    denominations: Mapped[dict[str, int]] = mapped_column(JSONB)
    cash_cents: Mapped[Money] = mapped_column(Cents)
    """With the float."""
    checks_count: Mapped[int]
    checks_cents: Mapped[Money] = mapped_column(Cents)
    """Checks and money orders."""
    terminal_cents: Mapped[Money] = mapped_column(Cents)
    """The total on the terminal's own slip."""
    expected: Mapped[dict[str, int]] = mapped_column(JSONB)
    """``{"cash": …, "checks": …, "checks_count": …, "terminal": …}`` in cents."""


class DrawerVerdict(Base):
    """Accepted or rejected by somebody else than who counted, and never by the drawer's own cashier.

    Over and short are journals of their own, one a tender: their source is the count.
    """

    __tablename__ = "drawer_verdicts"
    __table_args__ = (
        ForeignKeyConstraint(["count_id", "counted_by"], ["drawer_counts.id", "drawer_counts.counted_by"]),
        ForeignKeyConstraint(["drawer_id", "cashier_id"], ["drawers.id", "drawers.cashier_id"]),
        CheckConstraint("decided_by <> counted_by AND decided_by <> cashier_id", name="second_person"),
        CheckConstraint("verdict IN ('accepted', 'rejected')", name="verdict_is_known"),
        CheckConstraint("verdict = 'accepted' OR reason <> ''", name="rejected_with_a_reason"),
        Index("uq_drawer_verdicts_accepted_once", "drawer_id", unique=True,
              postgresql_where=text("verdict = 'accepted'")),
        APPEND_ONLY,
    )  # fmt: skip

    count_id: Mapped[int] = mapped_column(primary_key=True)
    drawer_id: Mapped[int]
    cashier_id: Mapped[int]
    counted_by: Mapped[int]
    verdict: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class VaultBatch(Base):
    """Money that left a drawer for the vault as one parcel: an accepted count, a drop or a pickup.

    A batch goes whole into one bank deposit (``payments.bank_deposits``). Checks of a batch are the tenders of its
    drawer that stand under its count; drops and pickups hold cash only.
    """

    __tablename__ = "vault_batches"
    __table_args__ = (
        CheckConstraint("(count_id IS NULL) <> (movement_id IS NULL)", name="has_one_origin"),
        CheckConstraint("cash_cents >= 0 AND checks_cents >= 0 AND terminal_cents >= 0", name="is_not_negative"),
        CheckConstraint("movement_id IS NULL OR checks_cents + terminal_cents = 0", name="movements_are_cash"),
        Index(None, "drawer_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    drawer_id: Mapped[int] = mapped_column(ForeignKey("drawers.id"))
    count_id: Mapped[int | None] = mapped_column(ForeignKey("drawer_counts.id"), unique=True)
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("drawer_movements.id"), unique=True)
    business_day: Mapped[date] = mapped_column(ForeignKey("business_days.day"))
    cash_cents: Mapped[Money] = mapped_column(Cents)
    """Without the float, which stays."""
    checks_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    checks_count: Mapped[int] = mapped_column(default=0)
    terminal_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    denominations: Mapped[dict[str, int]] = mapped_column(JSONB)
    """Of its cash, as far as it was counted apart from the float."""
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
