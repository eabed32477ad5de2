"""Notes, contacts and follow-ups. Nothing is edited: a pin, an end and the next step are rows of their own."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class AccountNote(Base):
    """What the next person must know of an account."""

    __tablename__ = "account_notes"
    __table_args__ = (
        CheckConstraint("text <> ''", name="says_something"),
        Index(None, "customer_account_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class NotePin(Base):
    """A note was pinned to the top of its account, or taken down; the last one says how it stands."""

    __tablename__ = "note_pins"
    __table_args__ = (Index(None, "note_id", "id"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("account_notes.id"))
    is_pinned: Mapped[bool]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class Contact(Base):
    """A call, a visit, a letter. Codes are those of the city's desk policy (``city/desk.toml``).

    ``customer_account_id`` is empty for somebody who asked about no account.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction_is_known"),
        Index(None, "customer_account_id", "id"),
        Index(None, "actor_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    channel: Mapped[str] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    verified_by: Mapped[str] = mapped_column(Text)
    """How the caller was known to be who they said; also the code that says that they were not."""
    outcome: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    """The language that was spoken, which need not be one of the portal's."""
    spoke_with: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class FollowUp(Base):
    """Something to do by a day: for a person, or for a division, which then is everybody's there.

    One that is handed on ends, and the next one names it: the chain is its history.
    """

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint("kind IN ('call-back', 'hand-off', 'escalation')", name="kind_is_known"),
        CheckConstraint("for_actor_id IS NOT NULL OR for_division <> ''", name="is_for_somebody"),
        CheckConstraint("text <> ''", name="says_why"),
        Index(None, "customer_account_id", "id"),
        Index(None, "for_actor_id", "due_on"),
        Index(None, "due_on"),
        Index(None, "contact_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("follow_ups.id"))
    due_on: Mapped[date]
    for_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    for_division: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    """What to do; of a hand-off the note, of an escalation the reason."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class FollowUpEnd(Base):
    """How a follow-up ended; once."""

    __tablename__ = "follow_up_ends"
    __table_args__ = (CheckConstraint("how IN ('done', 'handed-on')", name="how_is_known"), APPEND_ONLY)

    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_ups.id"), primary_key=True)
    how: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
