"""Links by which people set up password and second factor, and the recovery codes that they write down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor
from accounts.database import Sessions, reading, transaction
from accounts.errors import DomainError
from portal.identity import recovery_codes
from portal.identity.factors import new_totp_secret, step_of
from portal.identity.passwords import check_strength, hasher, is_right
from portal.identity.sessions import new_token, token_digest
from portal.identity.staff.models import StaffInvitation, StaffRecoveryCode, StaffSignIn
from portal.identity.staff.signing_in import WHOSE, Door, Tried, forget_misses, prove
from portal.identity.vault import Unreadable

INVITATION_LIFE = timedelta(days=3)
MOST_WRONG_PASSWORDS = 10


class InvitationOver(DomainError):
    """The link was used, is too old, has heard too many wrong passwords, or never was."""


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


def invite(session: Session, door: Door, person: StaffSignIn, *, by: int, now: datetime, keeps: bool) -> Invited:
    """Step: a new link for a person; older ones are over. ``keeps`` says that the password stays as it is."""
    end_links(session, person.id, now)
    token = new_token()
    session.add(
        StaffInvitation(
            token_digest=token_digest(token),
            sign_in_id=person.id,
            keeps_password=keeps,
            totp_secret=door.vault.lock(new_totp_secret().encode()),
            made_by=by,
            expires_at=now + INVITATION_LIFE,
        )
    )
    return Invited(person.id, person.actor_id, token)


def end_links(session: Session, sign_in_id: int, now: datetime) -> None:
    """Step: no link of this person holds any longer."""
    open_links = update(StaffInvitation).where(
        StaffInvitation.sign_in_id == sign_in_id, StaffInvitation.used_at.is_(None)
    )
    session.execute(open_links.values(used_at=now))


def invitation(sessions: Sessions, door: Door, token: str, now: datetime) -> Invitation:
    """The invitation of a link; raises :class:`InvitationOver`."""
    with reading(sessions) as session:
        found = _open_invitation(session, token, now)
        sign_in, name = session.execute(
            select(StaffSignIn, Actor.display_name)
            .join(Actor, Actor.id == StaffSignIn.actor_id)
            .where(StaffSignIn.id == found.sign_in_id)
        ).one()
        secret = _secret_of(door, found)
        return Invitation(sign_in.id, sign_in.username, name, found.keeps_password, secret)


def accept(sessions: Sessions, door: Door, token: str, password: str, code: str, *, now: datetime) -> list[str]:
    """Use case: set the password and the second factor by a link; returns the recovery codes, shown only now.

    Raises :class:`InvitationOver`, :class:`~portal.identity.passwords.WeakPassword`, :class:`WrongPassword` (which is
    counted), :class:`WrongCode`; the link is used up only when all fits.
    """
    with transaction(sessions) as session:
        found = _open_invitation(session, token, now, lock=True)
        person = session.scalars(
            select(StaffSignIn).where(StaffSignIn.id == found.sign_in_id).with_for_update()
        ).one()
        if not found.keeps_password or is_right(person.password_hash, password):
            return _set_up(session, door, found, person, password=password, code=code, now=now)
        found.wrong_passwords += 1
        audit.record(session, "sign-in-refused", subject=("sign-in", person.id), why="WrongPassword", by="link")
    raise WrongPassword("not the password")


def renew_codes(sessions: Sessions, door: Door, tried: Tried, now: datetime) -> list[str]:
    """Use case: ten new recovery codes for who proves once more who they are; the old ones are good no longer.

    Raises as :func:`~portal.identity.staff.signing_in.sign_in` does, and a guess here is counted with those there.
    """
    with transaction(sessions) as session:
        proved = prove(session, door, tried, now)
        if isinstance(proved, StaffSignIn):
            audit.record(
                session, "recovery-codes-renewed", subject=("actor", proved.actor_id), actor_id=proved.actor_id
            )
            return _new_codes(session, door, proved.id)
    raise proved


def _set_up(
    session: Session, door: Door, found: StaffInvitation, person: StaffSignIn, *, password: str, code: str,
    now: datetime,
) -> list[str]:  # fmt: skip
    if not found.keeps_password:
        name = session.scalars(select(Actor.display_name).where(Actor.id == person.actor_id)).one()
        check_strength(password, [person.username, person.email, *name.split()])
        person.password_hash = hasher().hash(password)
    step = step_of(_secret_of(door, found), code, now, 0)
    if step is None:
        raise WrongCode("not the code of this app")
    person.totp_secret, person.totp_step, found.used_at = found.totp_secret, step, now
    forget_misses(session, door, person.username)
    audit.record(session, "sign-in-set-up", subject=("actor", person.actor_id), actor_id=person.actor_id)
    return _new_codes(session, door, person.id)


def _open_invitation(session: Session, token: str, now: datetime, *, lock: bool = False) -> StaffInvitation:
    wanted = select(StaffInvitation).where(
        StaffInvitation.token_digest == token_digest(token),
        StaffInvitation.used_at.is_(None),
        StaffInvitation.expires_at > now,
        StaffInvitation.wrong_passwords < MOST_WRONG_PASSWORDS,
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise InvitationOver("used, too old, or never made")
    return found


def _secret_of(door: Door, found: StaffInvitation) -> str:
    """A link whose secret nobody can read any more (a key of the house was dropped) is over."""
    try:
        return door.vault.open(found.totp_secret).decode()
    except Unreadable as error:
        raise InvitationOver("encrypted under a key that is known no more") from error


def _new_codes(session: Session, door: Door, sign_in_id: int) -> list[str]:
    return recovery_codes.renew(session, StaffRecoveryCode, door.secret, sign_in_id, WHOSE)
