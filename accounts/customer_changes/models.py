"""What was asked for, what became of it, and letters that came back. Nothing is edited; an end is its own row."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class CustomerChange(Base):
    """A change as asked for: from which day, on whose word and what was seen. ``wanted`` is field → new value."""

    __tablename__ = "customer_changes"
    __table_args__ = (
        Index(None, "customer_id", "id"),
        Index(None, "effective_on"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    effective_on: Mapped[date]
    wanted: Mapped[dict[str, str]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(Text, default="")
    """The kind of document that was seen, a code of the desk policy; ``actor_id`` saw it."""
    document_note: Mapped[str] = mapped_column(Text, default="")
    forgets_old_name: Mapped[bool]
    """Whether the former name proves nothing from that day, instead of for a while."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class ChangeOutcome(Base):
    """What became of a change, once: it was applied, and this is what stood before and after; or it was withdrawn."""

    __tablename__ = "customer_change_outcomes"
    __table_args__ = (
        CheckConstraint("outcome IN ('applied', 'withdrawn')", name="outcome_is_known"),
        CheckConstraint("(outcome = 'applied') = (version IS NOT NULL)", name="applied_made_a_version"),
        APPEND_ONLY,
    )

    change_id: Mapped[int] = mapped_column(ForeignKey("customer_changes.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    after: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    version: Mapped[int | None]
    """The customer's version that it made."""
    note: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class ReturnedMail(Base):
    """A letter that the post brought back, and from which address."""

    __tablename__ = "returned_mail"
    __table_args__ = (
        CheckConstraint("address_key <> ''", name="names_an_address"),
        Index(None, "customer_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    returned_on: Mapped[date]
    address: Mapped[str] = mapped_column(Text)
    address_key: Mapped[str] = mapped_column(Text)
    mail_kind: Mapped[str] = mapped_column(Text)
    """What came back (a bill, a notice), a code of the desk policy."""
    reference: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    """What the post wrote on it: ``moved, left no address``."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class ReturnedMailEvent(Base):
    """What was done about a letter that came back; see ``rules.Handling``."""

    __tablename__ = "returned_mail_events"
    __table_args__ = (
        CheckConstraint(
            "handling IN ('visited', 'new-address', 're-mailed', 'not-needed', 'mistake')", name="handling_is_known"
        ),
        Index(None, "returned_mail_id", "id"),
        Index(
            "uq_returned_mail_events_one_end",
            "returned_mail_id",
            unique=True,
            postgresql_where=text("handling IN ('re-mailed', 'not-needed', 'mistake')"),
        ),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    returned_mail_id: Mapped[int] = mapped_column(ForeignKey("returned_mail.id"))
    handling: Mapped[str] = mapped_column(Text)
    handled_on: Mapped[date]
    address: Mapped[str] = mapped_column(Text, default="")
    """Where it was forwarded to, or what the new address is."""
    note: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
