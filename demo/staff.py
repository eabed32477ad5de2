"""Who works in the made-up city: one person for each role, taken on and set up as real ones are.

Their passwords and second factors are written down for ``/demo``, so that a newcomer needs no authenticator app. They
are encrypted and signed under the demo's own keys, which no production starts with: there nobody of them gets in.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp

from accounts.actors.service import SYSTEM, actor_id
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from portal.identity.passwords import WeakPassword, check_strength
from portal.identity.staff import invitations, people
from portal.identity.staff.people import NewPerson, Role
from portal.identity.staff.signing_in import Door

COVERS_FOR = timedelta(days=30)
_WORDS = """
    amber anchor apple arrow autumn bagel barrel basket beacon birch blanket bottle bridge bronze button cactus
    candle canyon carbon cedar cello cherry cinnamon clover cobalt comet copper coral cotton cricket crystal daisy
    desert dolphin donkey dragon ember falcon feather fiddle forest fossil garden ginger glacier granite guitar
    hammer harbor hazel heron honey island ivory jasmine jungle kettle lantern lemon lizard maple marble meadow
    mirror mustard nectar nickel oasis olive orchid otter paddle papaya pebble pepper pigeon planet pocket quartz
    rabbit raven ribbon river saddle salmon satin shadow silver sparrow spiral summit sunset tango thimble thunder
    timber tulip turtle umbrella velvet violet walnut willow window zebra
""".split()  # noqa: SIM905 - a hundred words read better so


@dataclass(frozen=True)
class _Colleague:
    username: str
    name: str
    roles: Sequence[str]
    language: str = "en"
    covers: str = ""
    """A role for some weeks, and why."""


_ADMINISTRATOR = _Colleague("omar.haddad", "Omar Haddad", ("administrator",))
_COLLEAGUES = (
    _Colleague("rosa.medina", "Rosa Medina", ("cashier",), "es"),
    _Colleague("ana.ruiz", "Ana Ruiz", ("clerk",)),
    _Colleague("tomas.vega", "Tomás Vega", ("clerk",), "es", covers="supervisor"),
    _Colleague("luisa.park", "Luisa Park", ("supervisor",)),
    _Colleague("eva.chen", "Eva Chen", ("license_officer",)),
    _Colleague("ben.cole", "Ben Cole", ("finance",)),
    _Colleague("maya.okafor", "Maya Okafor", ("auditor",)),
)


def hire(sessions: Sessions, city: City, door: Door, folder: Path, clock: Clock) -> None:
    """Take everybody on: the machine the administrator, the administrator the others; write down how they get in."""
    with transaction(sessions) as session:
        machine = actor_id(session, SYSTEM)
    hired = [_hire_one(sessions, city, door, _ADMINISTRATOR, by=machine, clock=clock)]
    with transaction(sessions) as session:
        administrator = actor_id(session, f"staff:{_ADMINISTRATOR.username}")
    hired += [_hire_one(sessions, city, door, each, by=administrator, clock=clock) for each in _COLLEAGUES]
    _write(folder / "staff.json", [*hired[1:], hired[0]])


def _hire_one(
    sessions: Sessions, city: City, door: Door, one: _Colleague, *, by: int, clock: Clock
) -> dict[str, object]:
    today, now = clock.today(), clock.now()
    roles = [Role(role, today) for role in one.roles]
    if one.covers:
        roles.append(Role(one.covers, today, today + COVERS_FOR))
    person = NewPerson(one.username, one.name, f"{one.username}@example.org", one.language, tuple(roles))
    reason = "Covers for a colleague on leave" if one.covers else "The made-up city begins"
    invited = people.add_person(sessions, door, city, person, by=by, now=now, reason=reason)
    secret = invitations.invitation(sessions, door, invited.token, now).totp_secret
    password = _password(one)
    # The code of the step before, which is still good: the one of this moment is left for whoever signs in first.
    code = pyotp.TOTP(secret).at(int(now.timestamp()) - 30)
    invitations.accept(sessions, door, invited.token, password, code, now=now)
    return {
        "username": one.username,
        "name": one.name,
        "language": one.language,
        "roles": [role.code for role in roles],
        "password": password,
        "totp_secret": secret,
    }


def _password(one: _Colleague) -> str:
    """Four words that the door takes."""
    while True:
        words = " ".join(secrets.choice(_WORDS) for _ in range(4))
        try:
            check_strength(words, [one.username, *one.name.split()])
        except WeakPassword:
            continue
        return words


def _write(file: Path, staff: list[dict[str, object]]) -> None:
    """For this user's eyes; the file appears whole or not at all."""
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text(json.dumps({"staff": staff}, indent=1, ensure_ascii=False))
    partial.replace(file)
