"""Details of the license kind. Declarations (gross receipts) are confidential and versioned, never overwritten."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class License(Base):
    """A business that is or was licensed here."""

    __tablename__ = "licenses"

    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    business_name: Mapped[str] = mapped_column(Text)
    license_class: Mapped[str] = mapped_column(Text)
    business_type: Mapped[str] = mapped_column(Text, default="")
    naics: Mapped[str] = mapped_column(Text, default="")
    started_on: Mapped[date | None]
    ceased_on: Mapped[date | None]


class LicenseTerm(Base):
    """One license year: from, to, and where it stands."""

    __tablename__ = "license_terms"
    __table_args__ = (
        UniqueConstraint("customer_account_id", "starts_on"),
        CheckConstraint("expires_on > starts_on", name="term_runs_forward"),
        CheckConstraint("state IN ('due', 'active', 'expired', 'revoked', 'withdrawn')", name="state_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("licenses.customer_account_id"))
    starts_on: Mapped[date]
    expires_on: Mapped[date]
    state: Mapped[str] = mapped_column(Text, default="due")


class LicenseDeclaration(Base):
    """What was declared for a term; a correction is the next version. Confidential (RTC 19542, B&P 16000.1)."""

    __tablename__ = "license_declarations"
    __table_args__ = (UniqueConstraint("term_id", "version"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("license_terms.id"))
    version: Mapped[int]
    gross_receipts_cents: Mapped[Money | None] = mapped_column(Cents)
    employees: Mapped[int | None]
    declared_at: Mapped[datetime] = mapped_column(server_default=func.now())
