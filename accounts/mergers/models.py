"""Which customer was merged into which, and all that was re-pointed, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class Merger(Base):
    """One customer turned out to be another. ``approved_by`` is the second person."""

    __tablename__ = "mergers"
    __table_args__ = (
        CheckConstraint("from_id <> into_id", name="are_two"),
        CheckConstraint("approved_by <> actor_id", name="maker_is_not_checker"),
        Index(None, "from_id"),
        Index(None, "into_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    approved_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class MergerAccount(Base):
    """A customer account that the merger gave to the other customer."""

    __tablename__ = "merger_accounts"
    __table_args__ = (Index(None, "customer_account_id"), APPEND_ONLY)

    merger_id: Mapped[int] = mapped_column(ForeignKey("mergers.id"), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)


class MergerRole(Base):
    """A role at a premises that the merger gave to the other customer."""

    __tablename__ = "merger_roles"
    __table_args__ = (APPEND_ONLY,)

    merger_id: Mapped[int] = mapped_column(ForeignKey("mergers.id"), primary_key=True)
    premises_role_id: Mapped[int] = mapped_column(ForeignKey("premises_roles.id"), primary_key=True)


class MergerEnd(Base):
    """The merger was taken back; once. ``approved_by`` is the second person."""

    __tablename__ = "merger_ends"
    __table_args__ = (CheckConstraint("approved_by <> actor_id", name="maker_is_not_checker"), APPEND_ONLY)

    merger_id: Mapped[int] = mapped_column(ForeignKey("mergers.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    approved_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
