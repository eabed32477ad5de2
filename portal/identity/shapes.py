"""What staff and residents have in one shape each: the columns are said here once, the tables are two."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Identity, Text
from sqlalchemy.orm import Mapped, mapped_column


class RecoveryCodeShape:
    """A code for the day when the telephone is lost; good once, kept as an HMAC."""

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sign_in_id: Mapped[int]
    digest: Mapped[bytes]
    used_at: Mapped[datetime | None]


class SessionShape:
    """One person at one screen, from sign-in to its end. The browser holds the token, the database its digest."""

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    sign_in_id: Mapped[int]
    method: Mapped[str] = mapped_column(Text)
    client: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The address that it began from, as throttles count it."""
    browser: Mapped[str] = mapped_column(Text, default="", server_default="")
    """A few words, such as "Firefox, Windows"."""
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
