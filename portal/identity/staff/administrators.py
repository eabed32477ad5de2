"""Whose word counts at the command line of the machine that holds the city, where nobody signs in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from accounts.actors.service import SYSTEM, actor_id
from accounts.cities.rules import City
from accounts.cities.staffing import Permission
from accounts.database import Sessions, transaction
from accounts.errors import DomainError, NotFound
from accounts.staff.queries import grants_of
from accounts.staff.rules import administrator_roles, authority
from accounts.staff.service import administrators
from portal.identity.staff.models import StaffSignIn


class SayWho(DomainError):
    """Somebody administers here: an act at the command line names them."""


class NobodyAdministers(DomainError):
    """Nobody may manage staff yet, and this does not make anybody who may."""


def who_acts(
    sessions: Sessions, city: City, username: str | None, today: date, *, gives: Collection[str] = ()
) -> int:
    """Use case: the actor for whom somebody at the command line acts.

    It is the administrator who is named. On an installation that has none, the machine itself may give (``gives``)
    the roles that make the first one. Raises :class:`SayWho`, :class:`NobodyAdministers`, :class:`NotFound`,
    :class:`~accounts.staff.rules.NotAllowed`.
    """
    with transaction(sessions) as session:
        if username is None:
            if administrators(session, city, today):
                raise SayWho("say which administrator does this: --by USERNAME")
            if administrator_roles(city, today).isdisjoint(gives):
                roles = ", ".join(sorted(administrator_roles(city, today)))
                raise NobodyAdministers(f"nobody administers here yet: first add somebody with the role {roles}")
            return actor_id(session, SYSTEM)
        wanted = select(StaffSignIn).where(
            StaffSignIn.username == username.strip().lower(), StaffSignIn.offboarded_at.is_(None)
        )
        found = session.scalar(wanted)
        if found is None:
            raise NotFound(f"nobody who works here is called {username!r}")
        held = [each.grant for each in grants_of(session, found.actor_id)]
        authority(city, found.actor_id, f"staff:{found.username}", held, today).must(Permission.STAFF_MANAGE)
        return found.actor_id


def machine(sessions: Sessions) -> int:
    """Use case: the actor of the machine itself, for what anybody at its command line may do."""
    with transaction(sessions) as session:
        return actor_id(session, SYSTEM)
