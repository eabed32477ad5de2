"""Bundles of mail: who opened them, what came in them, and what became of each remittance.

A bundle with money is worked as a drawer of kind ``mail``: the total that its openers added up is the drawer's
control total, and the bundle is not counted before what was entered and what was explained come to it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class MailBundle(Base):
    """A bundle as it was logged by two."""

    __tablename__ = "mail_bundles"
    __table_args__ = (
        CheckConstraint("opened_by <> opened_with", name="opened_by_two"),
        CheckConstraint("remittances >= 0 AND total_cents >= 0", name="is_not_negative"),
        CheckConstraint("(remittances = 0) = (total_cents = 0)", name="count_fits_total"),
        CheckConstraint("(remittances = 0) = (follow_up_id IS NOT NULL)", name="other_mail_is_routed"),
        CheckConstraint("drawer_id IS NULL OR remittances > 0", name="only_money_is_worked"),
        {"info": {"updates": ("drawer_id",)}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """Of the city's mail policy."""
    received_at: Mapped[datetime]
    postmarked_on: Mapped[date | None]
    """Of all of it; a remittance may say another."""
    opened_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    opened_with: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    remittances: Mapped[int]
    total_cents: Mapped[Money] = mapped_column(Cents)
    routed_to: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where the bundle went, in the words of who logged it."""
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    follow_up_id: Mapped[int | None] = mapped_column(ForeignKey("follow_ups.id"), unique=True)
    logged_at: Mapped[datetime]
    drawer_id: Mapped[int | None] = mapped_column(ForeignKey("drawers.id"), unique=True)
    """In which it is worked."""


class MailRemittance(Base):
    """A remittance that was entered: one sale in the bundle's drawer."""

    __tablename__ = "mail_remittances"
    __table_args__ = (
        UniqueConstraint("bundle_id", "number"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    bundle_id: Mapped[int] = mapped_column(ForeignKey("mail_bundles.id"))
    number: Mapped[int]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), unique=True)
    postmarked_on: Mapped[date | None]
    paid_on: Mapped[date]
    """The date that counts, by the city's policy."""
    by_postmark: Mapped[bool]
    entered_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    entered_at: Mapped[datetime]


class MailExplanation(Base):
    """Why a bundle comes to another count or total than was added up: never silently.

    ``sent-back``: remittances that were not taken. ``miscounted``: the control was wrong; signed.
    """

    __tablename__ = "mail_explanations"
    __table_args__ = (
        CheckConstraint("kind IN ('sent-back', 'miscounted')", name="kind_is_known"),
        CheckConstraint("kind = 'miscounted' OR (count > 0 AND cents >= 0)", name="sent_back_is_something"),
        CheckConstraint("count <> 0 OR cents <> 0", name="explains_something"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        Index(None, "bundle_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    bundle_id: Mapped[int] = mapped_column(ForeignKey("mail_bundles.id"))
    kind: Mapped[str] = mapped_column(Text)
    count: Mapped[int]
    cents: Mapped[Money] = mapped_column(Cents)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
