"""People who work here: taken on, given roles, given a new way in, and let go. Each act has who did it and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor, ActorKind
from accounts.actors.service import actor_id as actor_of
from accounts.cities.rules import City
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, DomainError, NotFound, SamePerson
from accounts.staff.models import StaffGrant
from accounts.staff.queries import grants_of
from accounts.staff.service import end_all_grants, end_grant, grant_role
from portal.identity import recovery_codes
from portal.identity.staff.invitations import Invited, end_links, invite
from portal.identity.staff.models import KeptForm, StaffIdentity, StaffRecoveryCode, StaffSession, StaffSignIn
from portal.identity.staff.signing_in import USERNAME, Door, end_sessions


class BadUsername(DomainError):
    """Small letters, digits, dots and hyphens, 2 to 40, beginning with a letter."""


class UsernameTaken(DomainError):
    """Somebody has or had this name; names are never given twice."""


@dataclass(frozen=True)
class Role:
    """A role to be given, from one day through another (both included; without an end until somebody ends it)."""

    code: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class NewPerson:
    """Somebody who begins to work here."""

    username: str
    name: str
    email: str = ""
    language: str = "en"
    roles: tuple[Role, ...] = ()


def add_person(
    sessions: Sessions, door: Door, city: City, person: NewPerson, *, by: int, now: datetime, reason: str = ""
) -> Invited:
    """Use case: a person with roles, and the link by which they set up their sign-in.

    Raises :class:`BadUsername`, :class:`UsernameTaken`, and as :func:`accounts.staff.service.grant_role` does.
    """
    with transaction(sessions) as session:
        added = add(session, person, by=by, reason=reason)
        for role in person.roles:
            grant_role(
                session, city, added.actor_id, role.code, by=by, reason=reason, since=role.since, until=role.until
            )
        return invite(session, door, added, by=by, now=now, keeps=False)


def add(session: Session, person: NewPerson, *, by: int, reason: str = "") -> StaffSignIn:
    """Step: a person without any way in yet. Raises :class:`BadUsername` or :class:`UsernameTaken`."""
    username = person.username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise BadUsername(f"{username!r} is no user name")
    name = person.name.strip() or username
    actor = actor_of(session, f"staff:{username}", ActorKind.STAFF, name)
    sign_in_id = session.execute(
        insert(StaffSignIn)
        .values(actor_id=actor, username=username, email=person.email.strip(), language=person.language)
        .on_conflict_do_nothing()
        .returning(StaffSignIn.id)
    ).scalar()
    if sign_in_id is None:
        raise UsernameTaken(f"{username} is taken")
    session.execute(update(Actor).where(Actor.id == actor).values(display_name=name))
    audit.record(
        session, "staff-added", subject=("actor", actor), actor_id=by, after={"username": username},
        **_because(reason),
    )  # fmt: skip
    return session.scalars(select(StaffSignIn).where(StaffSignIn.id == sign_in_id)).one()


def invite_again(
    sessions: Sessions, door: Door, username: str, *, by: int, now: datetime, reason: str = "",
    keeps_password: bool = False,
) -> Invited:  # fmt: skip
    """Use case: a new link; ``keeps_password`` for a lost second factor. Sessions end, and old links with them.

    Raises :class:`NotFound`, :class:`Conflict` for somebody who left, :class:`SamePerson` for oneself: a screen that
    somebody left open must not lead to a new password.
    """
    with transaction(sessions) as session:
        found = working(session, username)
        if found.actor_id == by:
            raise SamePerson("nobody makes a link for themselves")
        without: dict[str, object] = {"totp_secret": None, "factor_version": found.factor_version + 1}
        if not keeps_password:
            without["password_hash"] = ""
        session.execute(update(StaffSignIn).where(StaffSignIn.id == found.id).values(**without))
        _forget_codes(session, found)
        end_sessions(session, found.id, now)
        audit.record(
            session, "second-factor-reset" if keeps_password else "sign-in-reset", subject=("actor", found.actor_id),
            actor_id=by, **_because(reason),
        )  # fmt: skip
        return invite(session, door, found, by=by, now=now, keeps=keeps_password)


def give_role(sessions: Sessions, city: City, username: str, role: Role, *, by: int, reason: str) -> None:
    """Use case: give a role to somebody who works here.

    Raises :class:`NotFound`, :class:`Conflict`, and as :func:`accounts.staff.service.grant_role` does.
    """
    with transaction(sessions) as session:
        actor = working(session, username).actor_id
        grant_role(session, city, actor, role.code, by=by, reason=reason, since=role.since, until=role.until)


def take_role(
    sessions: Sessions, city: City, username: str, grant_id: int, *, by: int, reason: str, today: date, now: datetime
) -> None:
    """Use case: end one of a person's grants from today on.

    Raises :class:`NotFound` where it is not theirs, and as :func:`accounts.staff.service.end_grant` does.
    """
    with transaction(sessions) as session:
        actor = working(session, username).actor_id
        theirs = select(StaffGrant.id).where(StaffGrant.id == grant_id, StaffGrant.actor_id == actor)
        if session.scalar(theirs) is None:
            raise NotFound(f"{username} has no grant {grant_id}")
        end_grant(session, city, grant_id, by=by, reason=reason, today=today, now=now)


def take_roles(
    sessions: Sessions, city: City, username: str, role: str, *, by: int, reason: str, today: date, now: datetime
) -> int:
    """Use case: end every grant of a role that a person has or is to have; returns how many there were.

    Raises :class:`NotFound` where there is none, and as :func:`accounts.staff.service.end_grant` does.
    """
    with transaction(sessions) as session:
        actor = working(session, username).actor_id
        held = [grant for grant in grants_of(session, actor) if grant.role == role and not grant.is_over(today)]
        if not held:
            raise NotFound(f"{username} has no role {role}")
        for grant in held:
            end_grant(session, city, grant.id, by=by, reason=reason, today=today, now=now)
        return len(held)


def end_all_sessions(sessions: Sessions, username: str, *, by: int, reason: str, now: datetime) -> int:
    """Use case: a person is out on every screen and may sign in again; returns how many sessions there were.

    Raises :class:`NotFound` or :class:`Conflict`.
    """
    with transaction(sessions) as session:
        found = working(session, username)
        ended = end_sessions(session, found.id, now)
        audit.record(
            session, "sessions-ended", subject=("actor", found.actor_id), actor_id=by, sessions=ended,
            **_because(reason),
        )  # fmt: skip
        return ended


def end_own_session(sessions: Sessions, sign_in_id: int, session_id: int, *, by: int, now: datetime) -> None:
    """Use case: a person ends one of their sessions on another screen. Raises :class:`NotFound` if it is not theirs;
    one that has ended stays as it is."""
    with transaction(sessions) as session:
        theirs = (StaffSession.id == session_id, StaffSession.sign_in_id == sign_in_id)
        if session.scalar(select(StaffSession.id).where(*theirs)) is None:
            raise NotFound(f"no session {session_id} of theirs")
        ended = update(StaffSession).where(*theirs, StaffSession.ended_at.is_(None)).values(ended_at=now)
        if session.execute(ended.returning(StaffSession.id)).scalar() is not None:
            audit.record(session, "sessions-ended", subject=("actor", by), actor_id=by, sessions=1)


def choose_language(sessions: Sessions, sign_in_id: int, language: str) -> None:
    """Use case: the language in which a person works, on every screen where they have not chosen another."""
    with transaction(sessions) as session:
        session.execute(update(StaffSignIn).where(StaffSignIn.id == sign_in_id).values(language=language))


def link_identity(sessions: Sessions, username: str, issuer: str, subject: str, *, by: int, reason: str = "") -> None:
    """Use case: let a person sign in by an OpenID provider too. An identity of somebody who left may move on.

    Raises :class:`NotFound`, :class:`Conflict` where somebody who works here has it, :class:`SamePerson`.
    """
    with transaction(sessions) as session:
        found = working(session, username)
        if found.actor_id == by:
            raise SamePerson("nobody links an identity to themselves")
        link(session, found, issuer, subject, by=by, reason=reason)


def link(session: Session, person: StaffSignIn, issuer: str, subject: str, *, by: int, reason: str = "") -> None:
    """Step: this issuer's subject is this person. Raises :class:`Conflict`."""
    linked = session.execute(
        insert(StaffIdentity)
        .values(sign_in_id=person.id, issuer=issuer, subject=subject)
        .on_conflict_do_nothing()
        .returning(StaffIdentity.id)
    ).scalar()
    if linked is None:
        held = session.scalars(
            select(StaffIdentity).filter_by(issuer=issuer, subject=subject).with_for_update()
        ).one()
        owner = session.scalars(select(StaffSignIn).where(StaffSignIn.id == held.sign_in_id)).one()
        if owner.offboarded_at is None:
            raise Conflict("that identity is linked already")
        held.sign_in_id = person.id
    audit.record(
        session, "identity-linked", subject=("actor", person.actor_id), actor_id=by, issuer=issuer, **_because(reason)
    )


def offboard(
    sessions: Sessions, city: City, username: str, *, by: int, reason: str, today: date, now: datetime
) -> None:
    """Use case: somebody leaves. Sessions, roles, links, codes and half-written forms of theirs end now; their name
    stays in the books.

    Raises :class:`NotFound`, :class:`Conflict` if they left before, :class:`SamePerson`, and
    :class:`~accounts.staff.service.LastAdministrator`.
    """
    with transaction(sessions) as session:
        found = working(session, username)
        if found.actor_id == by:
            raise SamePerson("somebody else lets a person go")
        gone: dict[str, object] = {"offboarded_at": now, "password_hash": "", "totp_secret": None}
        session.execute(update(StaffSignIn).where(StaffSignIn.id == found.id).values(**gone))
        ended = end_sessions(session, found.id, now)
        end_links(session, found.id, now)
        _forget_codes(session, found)
        session.execute(delete(KeptForm).where(KeptForm.actor_id == found.actor_id))
        roles = end_all_grants(session, city, found.actor_id, by=by, reason=reason, today=today, now=now)
        audit.record(
            session, "staff-offboarded", subject=("actor", found.actor_id), actor_id=by, sessions=ended, roles=roles,
            **_because(reason),
        )  # fmt: skip


def working(session: Session, username: str) -> StaffSignIn:
    """Step: somebody who works here, locked. Raises :class:`NotFound`, or :class:`Conflict` for who has left."""
    wanted = select(StaffSignIn).where(StaffSignIn.username == username.strip().lower()).with_for_update()
    found = session.scalar(wanted)
    if found is None:
        raise NotFound(f"nobody is called {username!r}")
    if found.offboarded_at is not None:
        raise Conflict(f"{username} has left")
    return found


def _forget_codes(session: Session, person: StaffSignIn) -> None:
    recovery_codes.forget(session, StaffRecoveryCode, person.id)


def _because(reason: str) -> dict[str, str]:
    return {"reason": reason.strip()} if reason.strip() else {}
