"""People with a sign-in of their own: password, app and recovery codes, set up by the real link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyotp

from accounts.actors.service import actor_id
from accounts.database import transaction
from portal.identity.staff import invitations, people, signing_in
from portal.identity.staff.people import NewPerson, Role
from portal.identity.staff.signing_in import SignedIn, Tried
from tests.portal.scene import Scene

PASSWORD = "ocho tazas verdes cantan"
CLIENT = "192.0.2.40"


@dataclass
class Person:
    """Somebody who has set up a sign-in."""

    scene: Scene
    username: str
    secret: str
    codes: list[str]

    @property
    def actor_id(self) -> int:
        return int(
            self.scene.scalar("SELECT actor_id FROM staff_sign_ins WHERE username = :name", name=self.username)
        )

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many steps of thirty seconds from now."""
        return code_of(self.scene, self.secret, steps)

    def tried(
        self, password: str = PASSWORD, code: str | None = None, username: str = "", client: str = CLIENT,
        remembered: Mapping[int, int] | None = None,
    ) -> Tried:  # fmt: skip
        """What this person types; everything right unless told otherwise."""
        return Tried(
            username or self.username, password, self.code() if code is None else code, client, remembered or {}
        )

    def enter(
        self, password: str = PASSWORD, code: str | None = None, username: str = "", client: str = CLIENT,
        remembered: Mapping[int, int] | None = None,
    ) -> SignedIn:  # fmt: skip
        """Sign in."""
        tried = self.tried(password, code, username, client, remembered)
        return signing_in.sign_in(self.scene.sessions, self.scene.wired.door(), tried, self.scene.clock.now())


def hire(scene: Scene, username: str, lang: str = "en", roles: tuple[str, ...] = ()) -> Person:
    """Somebody new, with roles since today, who has set up password and app."""
    door, now = scene.wired.door(), scene.clock.now()
    held = tuple(Role(role, scene.today) for role in roles)
    person = NewPerson(username, "Ana Torres", language=lang, roles=held)
    invited = people.add_person(scene.sessions, door, scene.city, person, by=system(scene), now=now, reason="hired")
    secret, codes = accept(scene, invited.token)
    scene.clock.advance(minutes=1)
    return Person(scene, username, secret, codes)


def accept(scene: Scene, token: str, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Set up what a link asks for: the secret of the app, and the recovery codes."""
    door, now = scene.wired.door(), scene.clock.now()
    secret = invitations.invitation(scene.sessions, door, token, now).totp_secret
    codes = invitations.accept(scene.sessions, door, token, password, code_of(scene, secret), now=now)
    return secret, codes


def code_of(scene: Scene, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(scene.clock.now().timestamp()) + 30 * steps)


def system(scene: Scene) -> int:
    """The actor of the machine."""
    with transaction(scene.sessions) as session:
        return actor_id(session, "system")


def sessions_running(scene: Scene) -> int:
    return int(scene.scalar("SELECT count(*) FROM staff_sessions WHERE ended_at IS NULL"))
