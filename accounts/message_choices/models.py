"""Who wants to be told how. Consents are kept in ``accounts.consents``; an address's history is never edited."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class MessageRecipient(Base):
    """A person who may be told something: a customer on file, or a resident with a sign-in."""

    __tablename__ = "message_recipients"
    __table_args__ = (
        CheckConstraint("num_nonnulls(customer_id, actor_id) = 1", name="is_one_person"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_until < quiet_from"
            " AND quiet_until >= 0 AND quiet_from < 1440",
            name="quiet_is_a_night",
        ),
        CheckConstraint("(text_number = '') = (text_consent_id IS NULL)", name="texts_have_consent"),
        Index("ix_message_recipients_text_number", "text_number", postgresql_where=text("text_number <> ''")),
        {"info": {"updates": ("language", "quiet_from", "quiet_until", "text_number", "text_consent_id")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), unique=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), unique=True)
    language: Mapped[str] = mapped_column(Text, default="")
    """Of their messages; empty: as on file."""
    quiet_from: Mapped[int | None]
    """Minutes after midnight in the city; none: the city's own quiet hours."""
    quiet_until: Mapped[int | None]
    text_number: Mapped[str] = mapped_column(Text, default="")
    """Confirmed by a code, and agreed to in ``text_consent_id``."""
    text_consent_id: Mapped[int | None] = mapped_column(ForeignKey("consents.id"))


class MessageChoice(Base):
    """How a recipient wants one kind of message."""

    __tablename__ = "message_choices"
    __table_args__ = (
        CheckConstraint("way IN ('mail', 'text', 'both', 'none')", name="way_is_known"),
        {"info": {"updates": ("way",)}},
    )

    recipient_id: Mapped[int] = mapped_column(ForeignKey("message_recipients.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    way: Mapped[str] = mapped_column(Text)


class UseLevel(Base):
    """Somebody wants to know when an account's use between two reads is above this."""

    __tablename__ = "use_levels"
    __table_args__ = (
        CheckConstraint("level > 0", name="level_is_positive"),
        CheckConstraint("unit IN ('CF', 'CCF', 'GAL')", name="unit_is_known"),
        Index(None, "customer_account_id"),
        {"info": {"updates": ("level", "unit"), "deletes": True}},
    )

    recipient_id: Mapped[int] = mapped_column(ForeignKey("message_recipients.id"), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    level: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    unit: Mapped[str] = mapped_column(Text)


class TextConfirmation(Base):
    """A number that waits for the code that was sent to it; a new one takes its place."""

    __tablename__ = "text_confirmations"
    __table_args__ = (Index(None, "number"), {"info": {"deletes": True}})

    recipient_id: Mapped[int] = mapped_column(ForeignKey("message_recipients.id"), primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    code_digest: Mapped[bytes]
    language: Mapped[str] = mapped_column(Text)
    text_version: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[bytes]
    wrong: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AddressEvent(Base):
    """Something that happened to an address, known by its keyed digest."""

    __tablename__ = "address_events"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'text')", name="channel_is_known"),
        CheckConstraint("event IN ('bounced', 'refused', 'stopped', 'started', 'lifted')", name="event_is_known"),
        Index(None, "digest", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes]
    to_masked: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text, default="")
    """What the other side gave as the reason: ``5.1.1`` (RFC 3463), ``30003`` (the provider's)."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class TextReceived(Base):
    """A text that somebody sent us, once, as the provider names it; what it said beyond a known word is not kept."""

    __tablename__ = "texts_received"
    __table_args__ = (
        CheckConstraint("meaning IN ('stop', 'start', 'help', 'other')", name="meaning_is_known"),
        Index(None, "digest", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text, unique=True)
    digest: Mapped[bytes]
    from_masked: Mapped[str] = mapped_column(Text)
    meaning: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    """In which it was answered."""
    at: Mapped[datetime]
