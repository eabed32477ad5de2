"""Links and invitations. A link is ended, never removed: who saw an account, and when, stays known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.account_links.rules import Right, Standing
from accounts.database import Base

_STANDINGS = ", ".join(f"'{standing}'" for standing in Standing)
_RIGHTS = ", ".join(f"'{right}'" for right in Right)
_SEES = f"'see' = ANY (rights) AND rights <@ ARRAY[{_RIGHTS}]::text[]"


class AccountLink(Base):
    """One resident on one customer account. ``shared_by`` is the link of whoever let them in."""

    __tablename__ = "account_links"
    __table_args__ = (
        CheckConstraint(f"standing IN ({_STANDINGS})", name="standing_is_known"),
        CheckConstraint(_SEES, name="rights_begin_with_see"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end_has_its_person"),
        CheckConstraint("standing <> 'holder' OR shared_by IS NULL", name="holder_is_nobodys_guest"),
        Index(
            "uq_account_links_alive", "actor_id", "customer_account_id",
            unique=True, postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "customer_account_id"),
        Index("ix_account_links_shared_by", "shared_by", postgresql_where=text("shared_by IS NOT NULL")),
        {"info": {"updates": ("nickname", "rights", "gets_copies", "ended_at", "ended_by")}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    standing: Mapped[str] = mapped_column(Text)
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text))
    gets_copies: Mapped[bool] = mapped_column(default=False)
    """Messages about the account go to this person too."""
    nickname: Mapped[str] = mapped_column(Text, default="")
    proven_by: Mapped[str] = mapped_column(Text)
    """``proof``, ``code``, ``invitation``, ``counter``."""
    shared_by: Mapped[int | None] = mapped_column(ForeignKey("account_links.id"))
    linked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))


class LinkInvitation(Base):
    """A mailed link by which somebody gets a share of an account, once. ``link_id`` is none where staff invited."""

    __tablename__ = "link_invitations"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        CheckConstraint(f"standing IN ({_STANDINGS})", name="standing_is_known"),
        CheckConstraint(_SEES, name="rights_begin_with_see"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="taker_is_named"),
        CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name="is_taken_or_taken_back"),
        Index(None, "customer_account_id"),
        {"info": {"updates": ("sealed", "accepted_at", "accepted_by", "withdrawn_at")}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_sha256: Mapped[bytes]
    sealed: Mapped[str] = mapped_column(Text)
    """Token and address for the job that mails them, under a key that the database has not; emptied at the end."""
    to_masked: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("account_links.id"))
    invited_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    standing: Mapped[str] = mapped_column(Text)
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text))
    gets_copies: Mapped[bool] = mapped_column(default=False)
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    withdrawn_at: Mapped[datetime | None]
