"""Steps that give roles and take them back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cities.rules import City
from accounts.errors import Conflict, DomainError, NotFound, SamePerson
from accounts.staff.models import StaffGrant
from accounts.staff.rules import administrator_roles

_DAY = timedelta(days=1)
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('grants of roles', 0))")


class UnknownRole(DomainError):
    """The city's policy of the day has no such role: ``facts["role"]``."""


class GrantRunsBackward(DomainError):
    """The last day of a grant is before its first."""


class RoleHeld(DomainError):
    """The person has that role in those days already: ``facts["role"]``."""


class LastAdministrator(DomainError):
    """Nobody would be left who may manage staff, today and without an end date. Somebody else must be one first."""


def take_turns(session: Session) -> None:
    """Step: until the transaction ends nobody else gives or takes a role, so that two cannot take the last two."""
    session.execute(_TAKE_TURNS)


def administrators(session: Session, city: City, today: date) -> frozenset[int]:
    """Step: the actors who may manage staff, today and until somebody ends it."""
    return frozenset(
        session.scalars(
            select(StaffGrant.actor_id).where(
                StaffGrant.role.in_(administrator_roles(city, today)),
                StaffGrant.since_on <= today,
                StaffGrant.until_on.is_(None),
            )
        )
    )


def grant_role(
    session: Session,
    city: City,
    actor_id: int,
    role: str,
    *,
    by: int,
    reason: str,
    since: date,
    until: date | None = None,
) -> int:
    """Step: give a role to somebody else, for a time or until it is taken back; returns the grant's id.

    Raises :class:`UnknownRole`, :class:`GrantRunsBackward`, :class:`RoleHeld`, :class:`~accounts.errors.SamePerson`.
    """
    take_turns(session)
    if by == actor_id:
        raise SamePerson("nobody gives a role to themselves")
    if city.staff_policy(since).role(role) is None:
        raise UnknownRole(f"no role {role!r} on {since}", role=role)
    if until is not None and until < since:
        raise GrantRunsBackward(f"from {since} through {until}")
    if _holds(session, actor_id, role, since, until):
        raise RoleHeld(f"{role} is theirs between {since} and {until or 'ever'}", role=role)
    grant = StaffGrant(
        actor_id=actor_id, role=role, since_on=since, until_on=until, reason=reason.strip(), granted_by=by
    )
    session.add(grant)
    session.flush()
    after = {"role": role, "since": since.isoformat(), "until": until.isoformat() if until else None}
    audit.record(
        session, "role-granted", subject=("actor", actor_id), actor_id=by, reason=reason.strip(), after=after
    )
    return grant.id


def end_grant(
    session: Session, city: City, grant_id: int, *, by: int, reason: str, today: date, now: datetime
) -> None:
    """Step: take a role back from today on.

    Raises :class:`NotFound`, :class:`Conflict` if it ended before, :class:`LastAdministrator`.
    """
    take_turns(session)
    grant = session.scalar(select(StaffGrant).where(StaffGrant.id == grant_id).with_for_update())
    if grant is None:
        raise NotFound(f"no grant {grant_id}")
    if grant.ended_at is not None or (grant.until_on is not None and grant.until_on < today):
        raise Conflict(f"grant {grant_id} has ended")
    _end(session, grant, by=by, reason=reason, today=today, now=now)
    _must_leave_an_administrator(session, city, {grant.role}, today)


def end_all_grants(
    session: Session, city: City, actor_id: int, *, by: int, reason: str, today: date, now: datetime
) -> int:
    """Step: take every role back from a person who leaves; returns how many there were.

    Raises :class:`LastAdministrator`.
    """
    take_turns(session)
    running = session.scalars(
        select(StaffGrant)
        .where(StaffGrant.actor_id == actor_id, StaffGrant.ended_at.is_(None))
        .where(StaffGrant.until_on.is_(None) | (StaffGrant.until_on >= today))
        .order_by(StaffGrant.id)
        .with_for_update()
    ).all()
    for grant in running:
        _end(session, grant, by=by, reason=reason, today=today, now=now)
    _must_leave_an_administrator(session, city, {grant.role for grant in running}, today)
    return len(running)


def _holds(session: Session, actor_id: int, role: str, since: date, until: date | None) -> bool:
    """A grant that was taken back before it began covers no day."""
    covered = select(func.count()).where(
        StaffGrant.actor_id == actor_id,
        StaffGrant.role == role,
        StaffGrant.until_on.is_(None) | (StaffGrant.until_on >= func.greatest(StaffGrant.since_on, since)),
    )
    if until is not None:
        covered = covered.where(StaffGrant.since_on <= until)
    return bool(session.scalar(covered))


def _must_leave_an_administrator(session: Session, city: City, ended: Collection[str], today: date) -> None:
    """Whoever ended a role that manages staff leaves somebody who does."""
    if administrator_roles(city, today).isdisjoint(ended):
        return
    if not administrators(session, city, today):
        raise LastAdministrator("nobody would be left who may manage staff")


def _end(session: Session, grant: StaffGrant, *, by: int, reason: str, today: date, now: datetime) -> None:
    """Through yesterday it counted; a grant that was to begin later never does."""
    last = max(today - _DAY, grant.since_on - _DAY)
    before = {"role": grant.role, "until": grant.until_on.isoformat() if grant.until_on else None}
    session.execute(
        update(StaffGrant).where(StaffGrant.id == grant.id).values(until_on=last, ended_by=by, ended_at=now)
    )
    audit.record(
        session, "role-ended", subject=("actor", grant.actor_id), actor_id=by, reason=reason.strip(), before=before,
        after={"until": last.isoformat()},
    )  # fmt: skip
