"""A consent is never edited; its end is written once, beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base

_CUSTOMER = "evidence ->> 'customer'"
"""A customer on file who agreed by a mail of theirs, without a sign-in."""


class Consent(Base):
    """What was agreed to, word for word by its hash (E-SIGN, 15 USC 7001(c); Reg E, 12 CFR 1005.10(b))."""

    __tablename__ = "consents"
    __table_args__ = (
        Index(None, "customer_account_id"),
        Index(None, "actor_id"),
        Index("ix_consents_customer", text(_CUSTOMER), postgresql_where=text(f"({_CUSTOMER}) IS NOT NULL")),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    text_version: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[bytes]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    method: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    agreed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ConsentRevocation(Base):
    """The end of a consent; at most one."""

    __tablename__ = "consent_revocations"
    __table_args__ = (APPEND_ONLY,)

    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    revoked_at: Mapped[datetime] = mapped_column(server_default=func.now())
