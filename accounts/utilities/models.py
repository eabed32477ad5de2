"""Details of the utility kind. Meters and reads belong to the premises, not to whoever lives there."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class UtilityAccount(Base):
    """A customer at a premises from one day to another."""

    __tablename__ = "utility_accounts"

    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    cycle: Mapped[str] = mapped_column(Text, default="")
    route: Mapped[str] = mapped_column(Text, default="")
    customer_class: Mapped[str] = mapped_column(Text, default="residential")


class UtilityService(Base):
    """Water, sewer, refuse or storm drain as taken: the rate code of the city and how many units of it."""

    __tablename__ = "utility_services"
    __table_args__ = (
        CheckConstraint("service IN ('water', 'sewer', 'refuse', 'storm')", name="service_is_known"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
        Index(None, "customer_account_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    service: Mapped[str] = mapped_column(Text)
    rate_code: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(default=1)
    since_on: Mapped[date]
    until_on: Mapped[date | None]


class Meter(Base):
    """A meter at a premises. Usage = (current - previous) mod 10^dials x multiplier, in ``unit``."""

    __tablename__ = "meters"
    __table_args__ = (
        UniqueConstraint("serial"),
        CheckConstraint("unit IN ('CF', 'CCF', 'GAL')", name="unit_is_known"),
        CheckConstraint("dials BETWEEN 3 AND 9", name="dials_are_sane"),
        Index(None, "premises_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    premises_id: Mapped[int] = mapped_column(ForeignKey("premises.id"))
    serial: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text, default="3/4")
    unit: Mapped[str] = mapped_column(Text, default="CCF")
    dials: Mapped[int] = mapped_column(default=5)
    multiplier: Mapped[Decimal] = mapped_column(Numeric(8, 3), default=Decimal(1))
    installed_on: Mapped[date]
    removed_on: Mapped[date | None]


class MeterRead(Base):
    """What a meter showed on a day, and how that is known."""

    __tablename__ = "meter_reads"
    __table_args__ = (
        UniqueConstraint("meter_id", "read_on", "kind"),
        CheckConstraint("kind IN ('actual', 'estimated', 'customer', 'final', 'reread')", name="kind_is_known"),
        CheckConstraint("value >= 0", name="value_is_not_negative"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meters.id"))
    read_on: Mapped[date]
    value: Mapped[int]
    kind: Mapped[str] = mapped_column(Text, default="actual")


class MeterExchange(Base):
    """A meter that took the place of another, with what both showed: the period gets two segments of usage."""

    __tablename__ = "meter_exchanges"
    __table_args__ = (
        CheckConstraint("old_meter_id <> new_meter_id", name="meters_differ"),
        UniqueConstraint("old_meter_id"),
        UniqueConstraint("new_meter_id"),
        Index(None, "premises_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    premises_id: Mapped[int] = mapped_column(ForeignKey("premises.id"))
    old_meter_id: Mapped[int] = mapped_column(ForeignKey("meters.id"))
    new_meter_id: Mapped[int] = mapped_column(ForeignKey("meters.id"))
    exchanged_on: Mapped[date]
    old_value: Mapped[int]
    new_value: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
