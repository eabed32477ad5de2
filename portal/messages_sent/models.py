"""The log of messages. What they said is not in it: a receipt is in its series, a code is nowhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class MessageSent(Base):
    """One message to one address by one channel. What happened to it are its events; ``state`` is the last of them.

    ``sent`` means that the next server took it, ``delivered`` that the last one said so; not that somebody read it.
    """

    __tablename__ = "messages_sent"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'text', 'letter')", name="channel_is_known"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'delayed', 'sent', 'delivered', 'failed', 'bounced', 'dropped',"
            " 'printed')",
            name="state_is_known",
        ),
        CheckConstraint("(channel = 'letter') = (state = 'printed')", name="letters_are_printed"),
        Index(None, "at"),
        Index("uq_messages_sent_topic_once", "topic", "to_digest", unique=True, postgresql_where=text("topic <> ''")),
        Index("ix_messages_sent_provider_ref", "provider_ref", postgresql_where=text("provider_ref <> ''")),
        Index("ix_messages_sent_waiting", "due_at", postgresql_where=text("state IN ('queued', 'sending')")),
        Index("ix_messages_sent_actor_id_id", "actor_id", "id", postgresql_where=text("actor_id IS NOT NULL")),
        Index("ix_messages_sent_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_messages_sent_digest", "to_digest", "id", postgresql_where=text("to_digest IS NOT NULL")),
        {
            "info": {
                "updates": ("state", "due_at", "claimed_at", "provider_ref", "to_masked", "to_digest", "language")
            }
        },
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    key: Mapped[str | None] = mapped_column(Text, unique=True)
    """Kind, account, what about, person and channel: a job that runs twice makes one message."""
    topic: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Kind, account and what about: with the address, so that two people with one address get one message."""
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """Not before, where quiet hours made it wait."""
    channel: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """``rules.Kind``."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    """For whom: a customer on file or a resident; neither, where somebody gave an address for this once."""
    to_masked: Mapped[str] = mapped_column(Text)
    """``m•••@example.com``, ``•••-0123``: enough to ask whether it is the right one."""
    to_digest: Mapped[bytes | None]
    """The whole address, keyed: to stop it when this message comes back (``accounts.message_choices``)."""
    language: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text, default="")
    """The receipt's number, the bill's id, the day that something is due."""
    state: Mapped[str] = mapped_column(Text)
    claimed_at: Mapped[datetime | None]
    """When a worker began to send it; one that died is followed by another after a while."""
    provider_ref: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The other side's name for it: the Message-ID, the provider's id."""
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    """Who at the counter had it sent; nobody, where it follows from what happened."""


class MessageAccount(Base):
    """A message is about these accounts; it stands in the file of each."""

    __tablename__ = "message_accounts"
    __table_args__ = (Index(None, "customer_account_id", "message_id"), APPEND_ONLY)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages_sent.id"), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)


class MessageEvent(Base):
    """Something that happened to a message."""

    __tablename__ = "message_events"
    __table_args__ = (
        CheckConstraint(
            "event IN ('queued', 'put-off', 'delayed', 'sent', 'delivered', 'failed', 'bounced', 'dropped',"
            " 'printed')",
            name="event_is_known",
        ),
        Index(None, "message_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages_sent.id"))
    event: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why: our own word (``paid``, ``stopped``), or the other side's code."""
    at: Mapped[datetime]
