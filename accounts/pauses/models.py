"""Pauses and their early ends. Neither is edited: a pause that has a last day ends by itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base


class AccountPause(Base):
    """From ``since_on`` through ``until_on``, both included, something does not happen to an account."""

    __tablename__ = "account_pauses"
    __table_args__ = (
        CheckConstraint("stops IN ('shut-off', 'penalties')", name="stops_something_known"),
        CheckConstraint("until_on >= since_on", name="ends_after_it_begins"),
        UniqueConstraint("cause_kind", "cause_id", "stops"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    stops: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    """A code: the kind of request that asks for it."""
    words: Mapped[dict[str, str]] = mapped_column(JSONB)
    """Why, by language."""
    authority: Mapped[str] = mapped_column(Text)
    cause_kind: Mapped[str] = mapped_column(Text)
    cause_id: Mapped[int]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    """Nobody, where a guest asked."""
    at: Mapped[datetime]


class AccountPauseEnd(Base):
    """A pause that was ended before its last day: it does not hold from ``ended_on`` on."""

    __tablename__ = "account_pause_ends"
    __table_args__ = (APPEND_ONLY,)

    pause_id: Mapped[int] = mapped_column(ForeignKey("account_pauses.id"), primary_key=True)
    ended_on: Mapped[date]
    why: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
