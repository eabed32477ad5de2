"""People who work here: invited, equipped with a second factor, and let go."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor, ActorKind
from accounts.actors.service import actor_id as actor_of
from accounts.database import Sessions, reading, transaction
from accounts.errors import Conflict, DomainError, NotFound
from accounts.staff.service import end_all_grants
from portal.identity.factors import new_recovery_codes, new_totp_secret, step_of
from portal.identity.models import StaffIdentity, StaffInvitation, StaffRecoveryCode, StaffSignIn
from portal.identity.passwords import check_strength, hasher, is_right
from portal.identity.signing_in import USERNAME, Door, end_sessions, recovery_digest, token_digest

INVITATION_LIFE = timedelta(days=3)


class BadUsername(DomainError):
    """Small letters, digits, dots and hyphens, 2 to 40, beginning with a letter."""


class UsernameTaken(DomainError):
    """Somebody has or had this name; names are never given twice."""


class InvitationOver(DomainError):
    """The link was used, is too old, or never was."""


class WrongCode(DomainError):
    """The code of the authenticator app does not fit."""


class WrongPassword(DomainError):
    """Only the second factor is set anew, and that is not the password."""


@dataclass(frozen=True)
class Invited:
    """A new person or a new second factor: the token of the link, for their eyes alone."""

    sign_in_id: int
    actor_id: int
    token: str


@dataclass(frozen=True)
class Invitation:
    """A link that still holds: for whom, and the secret that their app should take."""

    sign_in_id: int
    username: str
    name: str
    keeps_password: bool
    totp_secret: str


def add_person(
    sessions: Sessions, door: Door, username: str, name: str, *, by: int, now: datetime, email: str = "",
    language: str = "en",
) -> Invited:  # fmt: skip
    """Use case: a person who may be given roles, and the link by which they set up their sign-in.

    Raises :class:`BadUsername` or :class:`UsernameTaken`.
    """
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise BadUsername(f"{username!r} is no user name")
    with transaction(sessions) as session:
        actor = actor_of(session, f"staff:{username}", ActorKind.STAFF, name.strip() or username)
        sign_in_id = session.execute(
            insert(StaffSignIn)
            .values(actor_id=actor, username=username, email=email.strip(), language=language)
            .on_conflict_do_nothing()
            .returning(StaffSignIn.id)
        ).scalar()
        if sign_in_id is None:
            raise UsernameTaken(f"{username} is taken")
        session.execute(update(Actor).where(Actor.id == actor).values(display_name=name.strip() or username))
        audit.record(session, "staff-added", subject=("actor", actor), actor_id=by, after={"username": username})
        return _invite(session, door, sign_in_id, actor, by=by, now=now, keeps_password=False)


def invite_again(
    sessions: Sessions, door: Door, username: str, *, by: int, now: datetime, keeps_password: bool = False
) -> Invited:
    """Use case: a new link; ``keeps_password`` for a lost second factor. Sessions end, and old links with them.

    Raises :class:`NotFound`, or :class:`Conflict` for somebody who left.
    """
    with transaction(sessions) as session:
        found = _working(session, username)
        now_without: dict[str, object] = {"totp_secret": None, "factor_version": found.factor_version + 1}
        if not keeps_password:
            now_without["password_hash"] = ""
        session.execute(update(StaffSignIn).where(StaffSignIn.id == found.id).values(**now_without))
        session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.sign_in_id == found.id))
        end_sessions(session, found.id, now)
        audit.record(
            session, "second-factor-reset" if keeps_password else "sign-in-reset", subject=("actor", found.actor_id),
            actor_id=by,
        )  # fmt: skip
        return _invite(session, door, found.id, found.actor_id, by=by, now=now, keeps_password=keeps_password)


def invitation(sessions: Sessions, door: Door, token: str, now: datetime) -> Invitation:
    """The invitation of a link; raises :class:`InvitationOver`."""
    with reading(sessions) as session:
        found = _open_invitation(session, token, now)
        sign_in, name = session.execute(
            select(StaffSignIn, Actor.display_name)
            .join(Actor, Actor.id == StaffSignIn.actor_id)
            .where(StaffSignIn.id == found.sign_in_id)
        ).one()
        secret = door.vault.open(found.totp_secret).decode()
        return Invitation(sign_in.id, sign_in.username, name, found.keeps_password, secret)


def accept(sessions: Sessions, door: Door, token: str, password: str, code: str, *, now: datetime) -> list[str]:
    """Use case: set the password and the second factor by a link; returns the recovery codes, shown only now.

    Raises :class:`InvitationOver`, :class:`~portal.identity.passwords.WeakPassword`, :class:`WrongPassword`,
    :class:`WrongCode`; the link is used up only when all fits.
    """
    with transaction(sessions) as session:
        found = _open_invitation(session, token, now, lock=True)
        sign_in = session.scalars(select(StaffSignIn).where(StaffSignIn.id == found.sign_in_id)).one()
        if found.keeps_password and not is_right(sign_in.password_hash, password):
            raise WrongPassword("not the password")
        if not found.keeps_password:
            name = session.scalars(select(Actor.display_name).where(Actor.id == sign_in.actor_id)).one()
            check_strength(password, [sign_in.username, sign_in.email, *name.split()])
            sign_in.password_hash = hasher().hash(password)
        step = step_of(door.vault.open(found.totp_secret).decode(), code, now, 0)
        if step is None:
            raise WrongCode("not the code of this app")
        sign_in.totp_secret, sign_in.totp_step, found.used_at = found.totp_secret, step, now
        audit.record(session, "sign-in-set-up", subject=("actor", sign_in.actor_id), actor_id=sign_in.actor_id)
        return _new_codes(session, door, sign_in.id)


def link_identity(sessions: Sessions, username: str, issuer: str, subject: str, *, by: int) -> None:
    """Use case: let a person sign in by an OpenID provider too. Raises :class:`NotFound`, :class:`Conflict`."""
    with transaction(sessions) as session:
        found = _working(session, username)
        linked = session.execute(
            insert(StaffIdentity)
            .values(sign_in_id=found.id, issuer=issuer, subject=subject)
            .on_conflict_do_nothing()
            .returning(StaffIdentity.id)
        ).scalar()
        if linked is None:
            raise Conflict("that identity is linked already")
        audit.record(session, "identity-linked", subject=("actor", found.actor_id), actor_id=by, issuer=issuer)


def offboard(sessions: Sessions, username: str, *, by: int, reason: str, today: date, now: datetime) -> None:
    """Use case: somebody leaves. Every session and every role of theirs ends now; their name stays in the books.

    Raises :class:`NotFound`, or :class:`Conflict` if they left before.
    """
    with transaction(sessions) as session:
        found = _working(session, username)
        session.execute(update(StaffSignIn).where(StaffSignIn.id == found.id).values(offboarded_at=now))
        ended = end_sessions(session, found.id, now)
        roles = end_all_grants(session, found.actor_id, by=by, reason=reason, today=today, now=now)
        audit.record(
            session, "staff-offboarded", subject=("actor", found.actor_id), actor_id=by, reason=reason.strip(),
            sessions=ended, roles=roles,
        )  # fmt: skip


def _working(session: Session, username: str) -> StaffSignIn:
    wanted = select(StaffSignIn).where(StaffSignIn.username == username.strip().lower()).with_for_update()
    found = session.scalar(wanted)
    if found is None:
        raise NotFound(f"nobody is called {username!r}")
    if found.offboarded_at is not None:
        raise Conflict(f"{username} has left")
    return found


def _invite(
    session: Session, door: Door, sign_in_id: int, actor_id: int, *, by: int, now: datetime, keeps_password: bool
) -> Invited:
    open_links = update(StaffInvitation).where(
        StaffInvitation.sign_in_id == sign_in_id, StaffInvitation.used_at.is_(None)
    )
    session.execute(open_links.values(used_at=now))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffInvitation(
            token_digest=token_digest(token),
            sign_in_id=sign_in_id,
            keeps_password=keeps_password,
            totp_secret=door.vault.lock(new_totp_secret().encode()),
            made_by=by,
            expires_at=now + INVITATION_LIFE,
        )
    )
    return Invited(sign_in_id, actor_id, token)


def _open_invitation(session: Session, token: str, now: datetime, *, lock: bool = False) -> StaffInvitation:
    wanted = select(StaffInvitation).where(
        StaffInvitation.token_digest == token_digest(token),
        StaffInvitation.used_at.is_(None),
        StaffInvitation.expires_at > now,
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise InvitationOver("used, too old, or never made")
    return found


def _new_codes(session: Session, door: Door, sign_in_id: int) -> list[str]:
    codes: Sequence[str] = new_recovery_codes()
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.sign_in_id == sign_in_id))
    session.add_all(
        StaffRecoveryCode(sign_in_id=sign_in_id, digest=recovery_digest(door.secret, sign_in_id, code))
        for code in codes
    )
    return list(codes)
