"""Reports that somebody kept with their filters, those that are mailed by the calendar, and each mailing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class SavedReport(Base):
    """A report with its filters under a name; ``cadence`` says when a link to it is mailed, if ever."""

    __tablename__ = "saved_reports"
    __table_args__ = (
        CheckConstraint("cadence IN ('', 'daily', 'weekly', 'monthly')", name="cadence_is_known"),
        CheckConstraint("name <> ''", name="has_a_name"),
        CheckConstraint("(cadence = '') = (cardinality(recipients) = 0)", name="mailed_to_somebody"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_someone"),
        Index("ix_saved_reports_standing", "created_by", postgresql_where=text("ended_at IS NULL")),
        {"info": {"updates": ("ended_at", "ended_by")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    report: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    filters: Mapped[dict[str, str]] = mapped_column(JSONB)
    """Without days where it is mailed: the period is the one that has ended."""
    cadence: Mapped[str] = mapped_column(Text, default="", server_default="")
    recipients: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Actors who work here; what is mailed is a link, behind their sign-in."""
    created_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    ended_at: Mapped[datetime | None]


class ReportMailing(Base):
    """The link of a period was mailed to one person: once."""

    __tablename__ = "report_mailings"
    __table_args__ = (APPEND_ONLY,)

    saved_report_id: Mapped[int] = mapped_column(ForeignKey("saved_reports.id"), primary_key=True)
    period_until: Mapped[date] = mapped_column(primary_key=True)
    """The last day of the period."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    mailed_at: Mapped[datetime]
