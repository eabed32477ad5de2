"""Sign-ins of staff. They point down at actors; what a person may do is in ``accounts.staff``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import IS_A_LANGUAGE, Base
from portal.identity.shapes import RecoveryCodeShape, SessionShape

DELETES = {"info": {"deletes": True}}


class StaffSignIn(Base):
    """One person's way in. Never removed: who has left has ``offboarded_at``."""

    __tablename__ = "staff_sign_ins"
    __table_args__ = (
        CheckConstraint("username = lower(username) AND username <> ''", name="username_is_lower_case"),
        CheckConstraint(IS_A_LANGUAGE, name="language_is_a_tag"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), unique=True)
    username: Mapped[str] = mapped_column(Text, unique=True)
    email: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(Text, default="en")
    password_hash: Mapped[str] = mapped_column(Text, default="")
    """argon2id; empty until an invitation is accepted, and for who signs in elsewhere (OpenID Connect)."""
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted (``portal.identity.vault``)."""
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest time step (RFC 6238) whose code was taken: each code is good once."""
    factor_version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Goes up when the second factor is set anew, so that no window remembers the old one."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    offboarded_at: Mapped[datetime | None]


class StaffRecoveryCode(RecoveryCodeShape, Base):
    """See :class:`~portal.identity.shapes.RecoveryCodeShape`."""

    __tablename__ = "staff_recovery_codes"
    __table_args__ = (UniqueConstraint("sign_in_id", "digest"), DELETES)

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("staff_sign_ins.id"))


class StaffInvitation(Base):
    """A link by which a person sets password and second factor, once. ``totp_secret`` waits here, encrypted."""

    __tablename__ = "staff_invitations"
    __table_args__ = (Index(None, "sign_in_id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("staff_sign_ins.id"))
    keeps_password: Mapped[bool] = mapped_column(default=False)
    """Only the second factor is set anew: the link asks for the password that there is."""
    wrong_passwords: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was not that password; a link is no place to guess at one."""
    totp_secret: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffIdentity(Base):
    """The same person at an OpenID provider, by its issuer and subject; never joined by e-mail.

    It stays when its person leaves, so that nobody who left comes in by their provider.
    """

    __tablename__ = "staff_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "sign_in_id"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("staff_sign_ins.id"))
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StaffSession(SessionShape, Base):
    """See :class:`~portal.identity.shapes.SessionShape`. ``method``: ``password``, or an OpenID provider's name.

    Forgotten a month later; the audit keeps that somebody signed in.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (Index(None, "sign_in_id", "ended_at"), DELETES)

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("staff_sign_ins.id"))
    provider_roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """Roles that the provider's groups stood for at this sign-in; they end with the session."""


class StaffMiss(Base):
    """A refused sign-in, by keyed HMACs of the client and of the name that was typed."""

    __tablename__ = "staff_misses"
    __table_args__ = (
        Index(None, "client_digest", "missed_at"),
        Index(None, "username_digest", "missed_at"),
        DELETES,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    client_digest: Mapped[bytes]
    name_digest: Mapped[bytes] = mapped_column("username_digest")
    missed_at: Mapped[datetime]


class KeptForm(Base):
    """What a person had typed on a page when their session ran out or they left in mid-form; encrypted."""

    __tablename__ = "kept_forms"
    __table_args__ = (DELETES,)

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    fields: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]
