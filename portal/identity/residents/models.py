"""Sign-ins of residents. They point down at actors; which accounts are somebody's is not said here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import IS_A_LANGUAGE, Base
from portal.identity.shapes import RecoveryCodeShape, SessionShape

DELETES = {"info": {"deletes": True}}


class ResidentSignIn(Base):
    """One person's way in. It exists once its address has been proved, or a provider has vouched for them."""

    __tablename__ = "resident_sign_ins"
    __table_args__ = (
        CheckConstraint("email = lower(email) AND email <> ''", name="email_is_normal"),
        CheckConstraint("(email IS NULL) = (verified_at IS NULL)", name="an_email_was_verified"),
        CheckConstraint("email IS NOT NULL OR password_hash = ''", name="a_password_needs_an_email"),
        CheckConstraint(IS_A_LANGUAGE, name="language_is_a_tag"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), unique=True)
    email: Mapped[str | None] = mapped_column(Text, unique=True)
    """As compared (``rules.address_of``); None for who came by a provider and never gave one. A provider's own claim
    is not taken for it."""
    verified_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(Text, default="en")
    password_hash: Mapped[str] = mapped_column(Text, default="")
    """argon2id; empty for who signs in by mailed links, passkeys or a provider."""
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted (``portal.identity.vault``)."""
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest time step (RFC 6238) whose code was taken: each code is good once."""
    asks_second: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether a password or a mailed link alone is not enough: a code or a passkey is asked for too."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ResidentLink(Base):
    """A link in a mail, good once and not for long; the mail has its token, the database its digest."""

    __tablename__ = "resident_links"
    __table_args__ = (
        CheckConstraint("kind IN ('sign-in', 'old-email', 'new-email')", name="kind_is_known"),
        CheckConstraint("(kind = 'sign-in') = (change_id IS NULL)", name="a_change_is_named"),
        Index(None, "sign_in_id"),
        Index(None, "change_id"),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(Text)
    """``sign-in`` (which registers an address that is new), or one end of a change of address."""
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("resident_sign_ins.id"))
    """Whose; nobody's, where the address was new when the link was asked for."""
    change_id: Mapped[int | None] = mapped_column(ForeignKey("resident_email_changes.id"))
    email: Mapped[bytes] = mapped_column(LargeBinary)
    """Where it was sent; encrypted, as it may be the address of somebody who never comes."""
    language: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ResidentEmailChange(Base):
    """A wish for another address: it comes true when both mailboxes have said yes.

    Who has lost the former mailbox asks at the counter: two people of the city stand for it, after a time in which
    its reader may object.
    """

    __tablename__ = "resident_email_changes"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(asked_by, customer_account_id) IN (0, 2) AND (asked_by IS NULL) = (document = '')",
            name="the_counter_saw_a_document",
        ),
        CheckConstraint("approved_by <> asked_by", name="two_people_approve"),
        CheckConstraint(
            "(approved_by IS NULL) = (waits_until IS NULL) AND (approved_by IS NULL OR asked_by IS NOT NULL)",
            name="who_approves_gives_time",
        ),
        Index(None, "sign_in_id"),
        Index("ix_resident_email_changes_counter", "id", postgresql_where=text("asked_by IS NOT NULL")),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("resident_sign_ins.id"))
    new_email: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    old_said_yes_at: Mapped[datetime | None]
    new_said_yes_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """Done, canceled, or overtaken by another wish."""
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    """Who saw the person and their papers at the counter; nobody, where they asked for it signed in."""
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    """The account by whose holder's name the counter knew them."""
    document: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The kind of paper that was seen; never its number."""
    new_masked: Mapped[str] = mapped_column(Text, default="", server_default="")
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    waits_until: Mapped[datetime | None]
    """Until then the reader of the former mailbox may object."""


class ResidentPasskey(Base):
    """A passkey (WebAuthn): the public half only."""

    __tablename__ = "resident_passkeys"
    __table_args__ = (
        CheckConstraint("name <> ''", name="it_has_a_name"),
        Index(None, "sign_in_id"),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("resident_sign_ins.id"))
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(default=0, server_default="0")
    name: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ResidentRecoveryCode(RecoveryCodeShape, Base):
    """See :class:`~portal.identity.shapes.RecoveryCodeShape`."""

    __tablename__ = "resident_recovery_codes"
    __table_args__ = (UniqueConstraint("sign_in_id", "digest"), DELETES)

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("resident_sign_ins.id"))


class ResidentIdentity(Base):
    """The same person at an OpenID provider, by its issuer and subject; never joined by e-mail."""

    __tablename__ = "resident_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "sign_in_id"), DELETES)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("resident_sign_ins.id"))
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ResidentSession(SessionShape, Base):
    """See :class:`~portal.identity.shapes.SessionShape`. Forgotten a month later.

    ``method``: ``password``, ``link``, ``passkey``, or the name of an OpenID provider.
    """

    __tablename__ = "resident_sessions"
    __table_args__ = (Index(None, "sign_in_id", "ended_at"), Index(None, "seen_at"), DELETES)

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("resident_sign_ins.id"))


class ResidentMiss(Base):
    """A refused sign-in or a mail that was asked for, by keyed HMACs of the client and of the address typed."""

    __tablename__ = "resident_misses"
    __table_args__ = (
        Index(None, "client_digest", "missed_at"),
        Index(None, "name_digest", "missed_at"),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_digest: Mapped[bytes]
    name_digest: Mapped[bytes]
    missed_at: Mapped[datetime]
