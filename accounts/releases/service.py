"""Let a city rule: proposed by one person, decided by another, through the one mechanism for such acts.

``accounts.cities.service`` keeps the record of releases and the last word of the database that two people did it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors.models import Actor
from accounts.actors.service import actor_id
from accounts.approvals import queries
from accounts.approvals import service as approvals
from accounts.approvals.acts import Acts, Deed
from accounts.approvals.rules import Note, Weighed, World
from accounts.approvals.service import Done
from accounts.cities import queries as cities
from accounts.cities.models import CityRelease
from accounts.cities.rules import City
from accounts.cities.service import approve_release, propose_release, take_turns, waiting_release
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, NotFound
from accounts.money import ZERO
from accounts.releases.rules import MOST, Release, differences
from accounts.staff.rules import ActKind, Authority, Permission

SUBJECT = "city_release"


class Releasing:
    """The act of letting a release rule. It moves no money, and always takes two."""

    kind = ActKind.CITY_RELEASE
    permission = Permission.CITY_PROPOSE
    command = Release

    def world(self, session: Session, command: Release, today: date) -> World:
        """Which release rules now, and what the proposed one says."""
        del today
        take_turns(session)
        release = _release(session, command.release_id)
        return {"ruling": str(cities.ruling_id(session) or ""), "digest": release.digest}

    def weigh(self, session: Session, command: Release, today: date) -> Weighed[int]:
        """Raises ``Conflict`` where a newer release rules."""
        del today
        ruling = cities.ruling_id(session)
        if ruling is not None and ruling >= command.release_id:
            raise Conflict(f"release {ruling} already rules; propose the folder again", release_id=ruling)
        now: dict[str, Any] = _release(session, command.release_id).content
        before: dict[str, Any] = _release(session, ruling).content if ruling else {}
        changed = differences(before, now) if ruling else []
        return Weighed(
            plan=command.release_id,
            subject=(SUBJECT, str(command.release_id)),
            effect=ZERO,
            before={"ruling": ruling},
            after={"ruling": command.release_id},
            notes=(Note("city-changes", {"count": len(changed), "changes": [asdict(c) for c in changed[:MOST]]}),),
            asks_second=("always",),
        )

    def execute(self, session: Session, command: Release, weighed: Weighed[int], deed: Deed) -> dict[str, object]:
        """The release rules, and the chart of accounts has what is new in it."""
        del weighed
        added = approve_release(session, command.release_id, deed.actor_id)
        return {"release_id": command.release_id, "ledger_accounts_added": added}


ACTS: Acts = {ActKind.CITY_RELEASE: Releasing()}
"""A release needs no ruling city to be decided, so the first one can be."""


@dataclass(frozen=True)
class ProposedRelease:
    """A release that waits for another person."""

    release_id: int
    proposal_id: int


def propose(sessions: Sessions, city: City, by: Authority, *, reason: str, clock: Clock) -> ProposedRelease:
    """Use case: propose a city; the same one, still waiting, is returned again.

    Raises ``AlreadyRuling`` when nothing would change, ``ChartConflict``, and what proposing any act raises.
    """
    with transaction(sessions) as session:
        known = waiting_release(session, city)
        if known is not None:
            waiting = queries.waiting_for(session, ActKind.CITY_RELEASE, (SUBJECT, str(known.id)))
            if waiting is not None:
                return ProposedRelease(known.id, waiting)
        # One's own words may be proposed again after a no; another's become a release of one's own.
        mine = known if known is not None and known.proposed_by == by.actor_id else None
        release_id = mine.id if mine else propose_release(session, city, by.actor_id)
        asked = approvals.put_forward(session, ACTS, Release(release_id=release_id), by, reason=reason, clock=clock)
        return ProposedRelease(release_id, asked.proposal_id)


def approve(sessions: Sessions, release_id: int, by: Authority, *, clock: Clock, reason: str = "") -> Done:
    """Use case: agree to a release by its number; raises as :func:`accounts.approvals.service.approve` does."""
    with transaction(sessions) as session:
        proposal = queries.newest_of(session, ActKind.CITY_RELEASE, (SUBJECT, str(release_id)))
    if proposal is None:
        raise NotFound(f"nobody has proposed release {release_id}")
    return approvals.approve(sessions, ACTS, proposal, by, clock=clock, reason=reason)


def named(sessions: Sessions, handle: str) -> Authority:
    """Use case: the authority of a person who is named at the command line of the machine that holds the city.

    Who has that command line may propose and decide releases; that two persons are named is still required. The name
    of somebody who signs in at the portal is that person, so that nobody is two by being in both places.
    """
    name = handle.strip().lower()
    with transaction(sessions) as session:
        signs_in = session.scalar(select(Actor.handle).where(Actor.handle == f"staff:{name}"))
        handle = signs_in or name
        id_ = actor_id(session, handle)
    permissions = frozenset({Permission.CITY_PROPOSE, Permission.APPROVALS_DECIDE})
    return Authority(id_, handle, permissions, decide={ActKind.CITY_RELEASE: ZERO})


def _release(session: Session, release_id: int) -> CityRelease:
    release = session.scalar(select(CityRelease).where(CityRelease.id == release_id))
    if release is None:
        raise NotFound(f"there is no city release {release_id}")
    return release
