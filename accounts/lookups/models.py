"""Counters of misses, one-time codes, and wishes to be told a number. No network address is kept, only HMACs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base

DELETES = {"info": {"deletes": True}}


class LookupMiss(Base):
    """One wrong guess at one target, by keyed HMACs of the client and of the account (or of the number typed)."""

    __tablename__ = "lookup_misses"
    __table_args__ = (
        Index(None, "client_digest", "missed_at"),
        Index(None, "target_digest", "missed_at"),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_digest: Mapped[bytes]
    target_digest: Mapped[bytes]
    is_new_client: Mapped[bool] = mapped_column(default=True)
    missed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LookupRequest(Base):
    """A wish for a code or a number, answered by a job to the contact on file only, then emptied.

    The page does the same work whether the account exists or not, because it never looks.
    """

    __tablename__ = "lookup_requests"
    __table_args__ = (
        CheckConstraint("kind IN ('code', 'number')", name="kind_is_known"),
        Index(None, "client_digest", "asked_at"),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    number_key: Mapped[str] = mapped_column(Text, default="")
    name_key: Mapped[str] = mapped_column(Text, default="")
    address_key: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(Text)
    client_digest: Mapped[bytes]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[datetime | None]


class LookupCode(Base):
    """A one-time code sent to the contact on file; kept as an HMAC, good once, for 15 minutes, five tries."""

    __tablename__ = "lookup_codes"
    __table_args__ = (Index(None, "customer_account_id", "expires_at"), DELETES)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    code_digest: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    used_at: Mapped[datetime | None]
