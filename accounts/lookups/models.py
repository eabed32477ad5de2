"""Counters of misses, clients that proved an account before, and one-time codes. No address is kept, only HMACs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class LookupMiss(Base):
    """One wrong guess, by keyed HMACs of the client and of the number (or the account) it was about."""

    __tablename__ = "lookup_misses"
    __table_args__ = (
        Index(None, "client_digest", "missed_at"),
        Index(None, "target_digest", "missed_at"),
        {"info": {"deletes": True}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_digest: Mapped[bytes]
    target_digest: Mapped[bytes]
    missed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LookupCode(Base):
    """A one-time code sent to the contact on file; kept as an HMAC, good once and for a short time."""

    __tablename__ = "lookup_codes"
    __table_args__ = (Index(None, "customer_account_id", "expires_at"), {"info": {"deletes": True}})

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    code_digest: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(Text)
