"""Steps that give roles and take them back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cities.rules import City
from accounts.errors import Conflict, DomainError, NotFound, SamePerson
from accounts.staff.models import StaffGrant

_DAY = timedelta(days=1)


class UnknownRole(DomainError):
    """The city's policy of the day has no such role: ``facts["role"]``."""


class GrantRunsBackward(DomainError):
    """The last day of a grant is before its first."""


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

    Raises :class:`UnknownRole`, :class:`GrantRunsBackward`, :class:`~accounts.errors.SamePerson`.
    """
    if by == actor_id:
        raise SamePerson("nobody gives a role to themselves")
    if city.staff_policy(since).role(role) is None:
        raise UnknownRole(f"no role {role!r} on {since}", role=role)
    if until is not None and until < since:
        raise GrantRunsBackward(f"from {since} through {until}")
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


def end_grant(session: Session, grant_id: int, *, by: int, reason: str, today: date, now: datetime) -> None:
    """Step: take a role back from today on. Raises :class:`NotFound`, or :class:`Conflict` if it ended before."""
    grant = session.scalar(select(StaffGrant).where(StaffGrant.id == grant_id).with_for_update())
    if grant is None:
        raise NotFound(f"no grant {grant_id}")
    if grant.ended_at is not None or (grant.until_on is not None and grant.until_on < today):
        raise Conflict(f"grant {grant_id} has ended")
    _end(session, grant, by=by, reason=reason, today=today, now=now)


def end_all_grants(session: Session, actor_id: int, *, by: int, reason: str, today: date, now: datetime) -> int:
    """Step: take every role back from a person who leaves; returns how many there were."""
    running = session.scalars(
        select(StaffGrant)
        .where(StaffGrant.actor_id == actor_id, StaffGrant.ended_at.is_(None))
        .where(StaffGrant.until_on.is_(None) | (StaffGrant.until_on >= today))
        .order_by(StaffGrant.id)
        .with_for_update()
    ).all()
    for grant in running:
        _end(session, grant, by=by, reason=reason, today=today, now=now)
    return len(running)


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
