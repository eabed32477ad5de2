"""Who may do what on the whole route map: every rule, for everybody who may stand before it.

The tables of routes are those of the parts (of guests, of residents, of staff); here is what each person gets there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts.cities.rules import City
from tests.portal.resident.routes import RESIDENT_ROUTES, ResidentRoute
from tests.portal.scene import Scene
from tests.portal.staff.routes import STAFF_ROUTES, StaffRoute
from tests.portal.test_every_route import ROUTES, Route

AnyRoute = Route | ResidentRoute | StaffRoute
WHOLE_MAP: dict[str, AnyRoute] = {**ROUTES, **RESIDENT_ROUTES, **STAFF_ROUTES}


class Answer(StrEnum):
    """What the window says: the page, or one of the ways in which it is not theirs."""

    OPENS = "opens"
    SIGN_IN = "sends to the sign-in"
    FORBIDDEN = "says that they may not"
    NOT_FOUND = "is not there"
    NOT_SIGNED = "wants a signature"


@dataclass(frozen=True)
class Person:
    """Somebody at the window. ``rights`` are those to Ana's house; who has a ``role`` works here."""

    is_ana: bool = False
    is_resident: bool = False
    rights: frozenset[str] = frozenset()
    has_proved: bool = False
    role: str = ""
    is_gone: bool = False
    """Their role has ended."""

    @property
    def is_staff(self) -> bool:
        return bool(self.role)

    def permissions(self, city: City, scene: Scene) -> frozenset[str]:
        """By the city's data of the day."""
        roles = city.staff_policy(scene.today).roles
        return frozenset(p for role in roles if role.code == self.role and not self.is_gone for p in role.permissions)


def delegate(*rights: str) -> Person:
    """Somebody whom Ana let in."""
    return Person(is_resident=True, rights=frozenset(rights))


ROLES = ("cashier", "clerk", "supervisor", "license_officer", "finance", "auditor", "administrator")
NO_ROLE = "none"
PEOPLE = {
    "guest": Person(),
    "guest with the proof of the house": Person(has_proved=True),
    "owner": Person(is_ana=True, is_resident=True, rights=frozenset({"see", "pay", "manage"})),
    "delegate who sees": delegate("see"),
    "delegate who pays": delegate("see", "pay"),
    "delegate who manages": delegate("see", "manage"),
    "delegate with every right": delegate("see", "pay", "manage"),
    "delegate no more": Person(is_resident=True),
    "owner no more": Person(is_resident=True),
    "another resident": Person(is_resident=True),
    **{role: Person(role=role) for role in ROLES},
    "supervisor no more": Person(role="supervisor", is_gone=True),
    "staff without a role": Person(role=NO_ROLE),
}


def meant(person: Person, name: str, held: frozenset[str]) -> Answer:
    """What this person gets at a route, whichever the method; ``held``: their permissions."""
    route = WHOLE_MAP[name]
    if isinstance(route, StaffRoute):
        return _of_staff(person, route, held)
    if isinstance(route, ResidentRoute):
        return _of_residents(person, route)
    if route.by == "token":
        return Answer.NOT_FOUND
    if route.by == "signature":
        return Answer.NOT_SIGNED
    if route.by == "proof":
        return Answer.OPENS if person.has_proved else Answer.NOT_FOUND
    return Answer.OPENS  # a link is its own key: who holds it was given it


def _of_staff(person: Person, route: StaffRoute, held: frozenset[str]) -> Answer:
    if route.is_open:
        return Answer.OPENS
    if not person.is_staff:
        return Answer.SIGN_IN
    may = route.permission is None or route.permission in held
    return Answer.OPENS if may else Answer.FORBIDDEN


def _of_residents(person: Person, route: ResidentRoute) -> Answer:
    if route.is_open:
        return Answer.OPENS
    if not person.is_resident:
        return Answer.SIGN_IN
    if route.right:
        may = route.right in person.rights and (person.is_ana or not route.is_holders)
    elif route.rule == "/my/pay":
        may = "pay" in person.rights
    elif route.rule == "/my/accounts/keep":
        may = person.has_proved
    else:  # what is somebody's own is theirs alone; an invitation is a link, good for whoever holds it
        may = person.is_ana or route.by in ("", "token")
    return Answer.OPENS if may else Answer.NOT_FOUND
