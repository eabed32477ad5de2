"""What rules: the newest approved release, and those that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors.models import Actor
from accounts.cities.models import CityApproval, CityRelease
from accounts.cities.rules import City
from accounts.errors import DomainError, NotFound

_PARSED: dict[str, City] = {}
"""Digest → city: the last one that ruled. Content is named by its digest, so it cannot go stale."""


class NoRulingCity(DomainError):
    """No release of the city is approved yet: nothing can be priced, shown or taken."""


@dataclass(frozen=True, slots=True)
class RulingCity:
    """The city as approved, and the release that charges and attempts keep."""

    release_id: int
    city: City


@dataclass(frozen=True, slots=True)
class PendingRelease:
    """A proposal newer than the ruling release."""

    release_id: int
    digest: str
    proposed_by: str
    proposed_at: datetime


def ruling_id(session: Session) -> int | None:
    """The newest approved release, if any. Approval refuses releases older than the ruling one."""
    newest = select(CityApproval.release_id).order_by(CityApproval.release_id.desc()).limit(1)
    return session.scalar(newest)


def ruling(session: Session) -> RulingCity:
    """The city that rules; raises :class:`NoRulingCity`. Its content is read once per process."""
    release_id = ruling_id(session)
    if release_id is None:
        raise NoRulingCity("no release of the city is approved")
    digest = session.scalars(select(CityRelease.digest).where(CityRelease.id == release_id)).one()
    known = _PARSED.get(digest)
    if known is None:
        known = release(session, release_id)
        _PARSED.clear()
        _PARSED[digest] = known
    return RulingCity(release_id, known)


def release(session: Session, release_id: int) -> City:
    """The city as some release had it: charges of the past are proved by the rules they were priced by."""
    content = session.scalar(select(CityRelease.content).where(CityRelease.id == release_id))
    if content is None:
        raise NotFound(f"no city release {release_id}")
    return City.model_validate(content)


def pending(session: Session) -> list[PendingRelease]:
    """Proposals that a second person may approve, oldest first."""
    rows = session.execute(
        select(CityRelease.id, CityRelease.digest, Actor.handle, CityRelease.proposed_at)
        .join(Actor, Actor.id == CityRelease.proposed_by)
        .where(CityRelease.id > (ruling_id(session) or 0))
        .order_by(CityRelease.id)
    )
    return [PendingRelease(*row) for row in rows]
