"""A premises, and who is its owner, tenant or payer from when to when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class Premises(Base):
    """``address_key`` is the address in search form (see ``rules.address_key``)."""

    __tablename__ = "premises"
    __table_args__ = (Index(None, "address_key"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text, default="CA")
    zip_code: Mapped[str] = mapped_column(Text, default="")
    parcel: Mapped[str] = mapped_column(Text, default="")
    dwelling_units: Mapped[int] = mapped_column(default=1)
    address_key: Mapped[str] = mapped_column(Text)


class PremisesRole(Base):
    """Owner, tenant or payer of a premises from one day to another (open end: still)."""

    __tablename__ = "premises_roles"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'tenant', 'payer')", name="role_is_known"),
        CheckConstraint("until_on IS NULL OR until_on > since_on", name="period_runs_forward"),
        Index(None, "premises_id", "role"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    premises_id: Mapped[int] = mapped_column(ForeignKey("premises.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    role: Mapped[str] = mapped_column(Text)
    since_on: Mapped[date]
    until_on: Mapped[date | None]
