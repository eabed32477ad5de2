"""The supertype, the other numbers it is known by, its proofs, and money that is on its way to it."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Identity, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base, Cents, begins_index
from accounts.money import ZERO, Money


class AccountKind(enum.Enum):
    UTILITY = "utility"
    LICENSE = "license"
    CITATION = "citation"


def kind_column() -> Enum:
    """The kind of a customer account as a checked text column."""
    return Enum(AccountKind, native_enum=False, length=12, values_callable=lambda kinds: [k.value for k in kinds])


class CustomerAccount(Base):
    """What a customer holds. ``reference`` is ours and carries a check digit; see ``rules.Reference``.

    ``credit_cents`` is money received and not yet applied (a liability of the city); it is kept here because
    the row is locked whenever it changes, and ``ventanilla verify`` proves it against the books.
    """

    __tablename__ = "customer_accounts"
    __table_args__ = (
        CheckConstraint("credit_cents >= 0", name="credit_is_not_negative"),
        CheckConstraint("system_of_record IN ('ventanilla', 'external')", name="system_of_record_is_known"),
        CheckConstraint("status IN ('open', 'closed')", name="status_is_known"),
        UniqueConstraint("source_system", "source_key"),
        Index(None, "customer_id"),
        Index(None, "premises_id"),
        begins_index("ix_customer_accounts_reference_begins", "reference"),
        Index(
            "ix_customer_accounts_last_paid", "last_paid_cents", postgresql_where=text("last_paid_cents IS NOT NULL")
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(kind_column())
    reference: Mapped[str] = mapped_column(Text, unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    premises_id: Mapped[int | None] = mapped_column(ForeignKey("premises.id"))
    system_of_record: Mapped[str] = mapped_column(Text, default="ventanilla")
    source_system: Mapped[str] = mapped_column(Text, default="ventanilla")
    source_key: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="open")
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    is_protected: Mapped[bool] = mapped_column(default=False)
    """Safe at Home and the like: never found by a guest, whatever the proof."""
    is_restricted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A restricted file (safety flag, court, VIP): only staff with the permission see it."""
    credit_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    last_paid_cents: Mapped[Money | None] = mapped_column(Cents)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccountAlias(Base):
    """Another number for the same account: the city's own, a former system's. Valid for ever."""

    __tablename__ = "account_aliases"
    __table_args__ = (
        UniqueConstraint("number_key", "customer_account_id"),
        Index(None, "customer_account_id"),
        begins_index("ix_account_aliases_number_begins", "number_key"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    number: Mapped[str] = mapped_column(Text)
    number_key: Mapped[str] = mapped_column(Text)
    """Letters and digits only, upper case, without leading zeros: how it is compared."""
    source: Mapped[str] = mapped_column(Text)


class AccountProof(Base):
    """What a guest may prove an account with, kept only as a keyed HMAC (``rules.proof_digest``)."""

    __tablename__ = "account_proofs"
    __table_args__ = (
        UniqueConstraint("customer_account_id", "kind", "digest"),
        Index("ix_account_proofs_good_until", "good_until", postgresql_where=text("good_until IS NOT NULL")),
        {"info": {"deletes": True}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    kind: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes]
    good_until: Mapped[date | None]
    """The last day of a former name, which bills that are still about carry; removed when it is over."""


class SourceStatement(Base):
    """What the source of an account said last of a field in which ours is another, by an act at the counter.

    So an import that says the same again is no news and undoes nothing (``sources``). Gone once both agree.
    """

    __tablename__ = "source_statements"
    __table_args__ = ({"info": {"deletes": True}},)

    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    stated: Mapped[str] = mapped_column(Text)


class PendingPayment(Base):
    """Money that is on its way: written by whoever sent it off, read by the interlock and the shut-off guard."""

    __tablename__ = "pending_payments"
    __table_args__ = (
        UniqueConstraint("owner_kind", "owner_id", "customer_account_id"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        Index(None, "customer_account_id", "expires_at"),
        {"info": {"deletes": True}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    owner_kind: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[Money] = mapped_column(Cents)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
