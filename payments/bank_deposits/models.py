"""Bank deposits: the vault's batches that go to the bank together, who counted them, and in whose hands they were."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import ZERO, Money

CHANGING = (
    "state", "verified_by", "verified_at", "verified_denominations", "journal_id", "given_up_by", "given_up_at",
    "given_up_reason", "version",
)  # fmt: skip


class BankDeposit(Base):
    """``prepared`` by one, ``sealed`` by another, who counted again; or ``given-up`` before that."""

    __tablename__ = "bank_deposits"
    __table_args__ = (
        CheckConstraint("kind IN ('bag', 'terminal')", name="kind_is_known"),
        CheckConstraint("state IN ('prepared', 'sealed', 'given-up')", name="state_is_known"),
        CheckConstraint("verified_by <> prepared_by", name="counted_by_two"),
        CheckConstraint(
            "(state = 'sealed') = (verified_by IS NOT NULL AND verified_at IS NOT NULL AND journal_id IS NOT NULL)",
            name="sealed_by_somebody_and_posted",
        ),
        CheckConstraint(
            "(state = 'given-up') = (given_up_by IS NOT NULL AND given_up_reason <> '')",
            name="given_up_with_a_reason",
        ),
        CheckConstraint("cash_cents >= 0 AND checks_cents >= 0 AND terminal_cents >= 0", name="is_not_negative"),
        CheckConstraint("cash_cents + checks_cents + terminal_cents > 0", name="is_not_empty"),
        CheckConstraint(
            "kind = 'bag' AND terminal_cents = 0 AND bag_number <> ''"
            " OR kind = 'terminal' AND cash_cents + checks_cents = 0 AND bag_number = ''",
            name="holds_what_its_kind_holds",
        ),
        Index("uq_bank_deposits_bag_number", "bag_number", unique=True,
              postgresql_where=text("bag_number <> '' AND state <> 'given-up'")),
        Index("ix_bank_deposits_prepared", "id", postgresql_where=text("state = 'prepared'")),
        {"info": {"updates": CHANGING}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """``bag``: cash and checks that are carried to the bank. ``terminal``: what the card terminals settled."""
    bank_account: Mapped[str] = mapped_column(Text)
    """The city's code."""
    ledger_account: Mapped[str] = mapped_column(Text)
    """What stands for the bank account in the books, as it was when the deposit was prepared."""
    state: Mapped[str] = mapped_column(Text, default="prepared")
    cash_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    checks_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    checks_count: Mapped[int] = mapped_column(default=0)
    terminal_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    denominations: Mapped[dict[str, int]] = mapped_column(JSONB)
    """Cents of a note or coin → how many, as they were counted when it was prepared."""
    bag_number: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(Text, default="")
    """Of the terminals: number of the settlement, as the bank will show it."""
    prepared_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    prepared_at: Mapped[datetime]
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    verified_at: Mapped[datetime | None]
    verified_denominations: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    journal_id: Mapped[int | None] = mapped_column(ForeignKey("journals.id"), unique=True)
    given_up_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    given_up_at: Mapped[datetime | None]
    given_up_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class BankDepositBatch(Base):
    """A batch in a deposit: its cash and checks go whole into one bag, its terminal slips into one settlement."""

    __tablename__ = "bank_deposit_batches"
    __table_args__ = (
        CheckConstraint("kind IN ('bag', 'terminal')", name="kind_is_known"),
        Index("uq_bank_deposit_batches_deposited_once", "batch_id", "kind", unique=True,
              postgresql_where=text("is_live")),
        {"info": {"updates": ("is_live",)}},
    )  # fmt: skip

    deposit_id: Mapped[int] = mapped_column(ForeignKey("bank_deposits.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("vault_batches.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    is_live: Mapped[bool] = mapped_column(default=True, server_default="true")
    """No longer, once its deposit was given up."""


class BankDepositHandover(Base):
    """The custody log of a sealed bag: from whom to whom, each line following the one before."""

    __tablename__ = "bank_deposit_handovers"
    __table_args__ = (
        UniqueConstraint("deposit_id", "number"),
        CheckConstraint("to_kind IN ('staff', 'courier', 'bank')", name="receiver_is_known"),
        CheckConstraint("(to_kind = 'staff') = (to_actor_id IS NOT NULL)", name="colleague_is_named"),
        CheckConstraint("to_kind = 'staff' OR to_name <> ''", name="stranger_is_named"),
        CheckConstraint("to_actor_id <> handed_by", name="receiver_is_another"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    deposit_id: Mapped[int] = mapped_column(ForeignKey("bank_deposits.id"))
    number: Mapped[int]
    handed_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    """Who writes it down: the person from whose hands it goes."""
    to_kind: Mapped[str] = mapped_column(Text)
    to_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    to_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Of a courier or a teller, as they signed."""
    reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The courier's receipt, or the bank's."""
    at: Mapped[datetime]
