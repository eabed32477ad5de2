"""The log of messages. What they said is not in it: a receipt is in its series, a code is nowhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class MessageSent(Base):
    """One try to send one message about one account; a message about three accounts is a line in each of their files.

    ``sent`` means that the next server took it, not that somebody read it.
    """

    __tablename__ = "messages_sent"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'text')", name="channel_is_known"),
        CheckConstraint("outcome IN ('sent', 'refused', 'delayed')", name="outcome_is_known"),
        Index(None, "customer_account_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """``receipt``, ``receipt-again``, ``lookup-code``, ``lookup-number``, ``pay-link``, ``payment-returned``."""
    to_masked: Mapped[str] = mapped_column(Text)
    """``m•••@example.com``, ``•••-0123``: enough to ask whether it is the right one."""
    language: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text, default="")
    """The receipt's number."""
    outcome: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    """Who at the counter had it sent; nobody, where it follows from what happened."""
