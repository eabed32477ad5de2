"""Billing runs, what each would bill, and its totals. A line is frozen in the draft, and posted as it was seen."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Numeric, Text, func, text
from sqlalchemy import Identity as Numbered
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base, Cents
from accounts.money import ZERO, Money

_MOVES = (
    "state", "last_account_id", "drafted_at", "reviewed_by", "reviewed_at", "approved_by", "approved_at", "posted_at",
    "canceled_by", "canceled_at",
)  # fmt: skip
_WORKED = (
    "state", "problems", "evidence", "used", "total_cents", "lines", "resolution", "reason", "worked_by", "worked_at",
    "bill_id", "version",
)  # fmt: skip


class BillingRun(Base):
    """The bills of a cycle for a period, or the one bill that corrects another. Whoever approves it did not make,
    review or work it."""

    __tablename__ = "billing_runs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('drafting', 'draft', 'reviewed', 'approved', 'posted', 'canceled')", name="state_is_known"
        ),
        CheckConstraint("period_from <= period_to AND period_to < bill_date", name="days_run_forward"),
        CheckConstraint("approved_by <> made_by", name="approved_by_another"),
        CheckConstraint("approved_by <> reviewed_by", name="approved_by_another_than_reviewed"),
        CheckConstraint("state NOT IN ('approved', 'posted') OR approved_by IS NOT NULL",
                        name="posted_when_approved"),
        CheckConstraint("state NOT IN ('reviewed', 'approved', 'posted') OR reviewed_by IS NOT NULL",
                        name="approved_when_reviewed"),
        CheckConstraint("corrects_bill_id IS NULL OR reason <> ''", name="correction_has_a_reason"),
        Index(
            "uq_billing_runs_corrects_once", "corrects_bill_id", unique=True,
            postgresql_where=text("state <> 'canceled'"),
        ),
        Index(None, "made_at"),
        {"info": {"updates": _MOVES}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    cycle: Mapped[str] = mapped_column(Text, default="")
    """Of the accounts; empty: of every cycle."""
    period_from: Mapped[date]
    period_to: Mapped[date]
    bill_date: Mapped[date]
    due_on: Mapped[date]
    delinquent_on: Mapped[date]
    city_release_id: Mapped[int] = mapped_column(ForeignKey("city_releases.id"))
    corrects_bill_id: Mapped[int | None] = mapped_column(ForeignKey("bills.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why a bill is corrected."""
    state: Mapped[str] = mapped_column(Text, default="drafting")
    last_account_id: Mapped[int] = mapped_column(default=0)
    """How far the draft has come: it goes on after this account."""
    made_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    drafted_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    reviewed_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    approved_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    canceled_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    canceled_at: Mapped[datetime | None]


class BillingItem(Base):
    """The bill of one account in a run. ``lines`` are what is posted, to the cent; the charges hold them after."""

    __tablename__ = "billing_items"
    __table_args__ = (
        CheckConstraint("state IN ('ready', 'held', 'left_out', 'posted')", name="state_is_known"),
        CheckConstraint("(state = 'posted') = (bill_id IS NOT NULL)", name="posted_with_its_bill"),
        CheckConstraint("total_cents >= 0", name="total_is_not_negative"),
        CheckConstraint("resolution IN ('', 'reread', 'estimate', 'accept', 'leave_out', 'elsewhere', 'canceled')",
                        name="resolution_is_known"),
        Index(
            "uq_billing_items_once_a_period", "customer_account_id", "period_to", unique=True,
            postgresql_where=text("state <> 'left_out' AND NOT is_correction"),
        ),
        Index(None, "run_id", "state", "customer_account_id"),
        Index("uq_billing_items_bill_id", "bill_id", unique=True, postgresql_where=text("bill_id IS NOT NULL")),
        {"info": {"updates": _WORKED}},
    )  # fmt: skip

    run_id: Mapped[int] = mapped_column(ForeignKey("billing_runs.id"), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    period_to: Mapped[date]
    is_correction: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[str] = mapped_column(Text)
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text))
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB)
    """What the problems were seen by: usage, what it was compared with, reads."""
    used: Mapped[Decimal | None] = mapped_column(Numeric(14, 3))
    """In hundreds of cubic feet."""
    total_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    lines: Mapped[list[dict[str, object]] | None] = mapped_column(JSONB(none_as_null=True))
    resolution: Mapped[str] = mapped_column(Text, default="", server_default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    worked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    worked_at: Mapped[datetime | None]
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("bills.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class BillingTotal(Base):
    """What a run bills by service: kept with each change of its items, so that a page need not add them up."""

    __tablename__ = "billing_totals"
    __table_args__ = ({"info": {"updates": ("lines", "amount_cents")}},)

    run_id: Mapped[int] = mapped_column(ForeignKey("billing_runs.id"), primary_key=True)
    revenue_line: Mapped[str] = mapped_column(Text, primary_key=True)
    fund: Mapped[str] = mapped_column(Text, primary_key=True)
    lines: Mapped[int] = mapped_column(default=0)
    amount_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
