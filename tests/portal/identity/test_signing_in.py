"""Sign in by name, password and code: the same answer for everything that is wrong, and every try counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest

from accounts.actors.service import actor_id
from accounts.database import transaction
from portal.identity import people, signing_in
from portal.identity.passwords import WeakPassword, check_strength
from portal.identity.people import InvitationOver, UsernameTaken, WrongCode
from portal.identity.signing_in import SignedIn, SignInRefused, TooManySignIns, Tried
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

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(int(self.scene.clock.now().timestamp()))

    def enter(
        self, password: str = PASSWORD, code: str | None = None, username: str = "", **more: object
    ) -> SignedIn:
        remembered = more.get("remembered", {})
        assert isinstance(remembered, dict)
        tried = Tried(
            username or self.username, password, self.code() if code is None else code,
            str(more.get("client", CLIENT)), remembered,
        )  # fmt: skip
        return signing_in.sign_in(self.scene.sessions, self.scene.wired.door(), tried, self.scene.clock.now())


@pytest.fixture
def ana(scene: Scene) -> Person:
    return hire(scene, "ana")


def hire(scene: Scene, username: str, lang: str = "en") -> Person:
    door, now = scene.wired.door(), scene.clock.now()
    with transaction(scene.sessions) as session:
        system = actor_id(session, "system")
    invited = people.add_person(scene.sessions, door, username, "Ana Torres", by=system, now=now, language=lang)
    secret = people.invitation(scene.sessions, door, invited.token, now).totp_secret
    code = pyotp.TOTP(secret).at(int(now.timestamp()))
    codes = people.accept(scene.sessions, door, invited.token, PASSWORD, code, now=now)
    scene.clock.advance(minutes=1)
    return Person(scene, username, secret, codes)


def sessions_running(scene: Scene) -> int:
    return int(scene.scalar("SELECT count(*) FROM staff_sessions WHERE ended_at IS NULL"))


def test_name_password_and_code_begin_a_session(ana: Person) -> None:
    began = ana.enter(username=" ANA ")
    assert len(began.token) > 40
    kept = ana.scene.rows("SELECT token_digest FROM staff_sessions")
    assert began.token.encode() not in kept[0][0]
    assert sessions_running(ana.scene) == 1


@pytest.mark.parametrize(
    ("changes"),
    [
        {"password": "something else entirely"},
        {"code": "000000"},
        {"code": ""},
        {"username": "nobody"},
        {"code": "AAAAA-AAAAA"},
        {"username": "\udcff", "code": "\udcff", "password": "\udcff" * 200},
    ],
)
def test_whatever_is_wrong_the_refusal_is_the_same_and_nothing_begins(ana: Person, changes: dict[str, str]) -> None:
    with pytest.raises(SignInRefused) as refusal:
        ana.enter(**changes)  # type: ignore[arg-type]
    assert not refusal.value.facts
    assert sessions_running(ana.scene) == 0
    assert ana.scene.scalar("SELECT count(*) FROM staff_misses") == 1


def test_a_code_is_good_once_and_one_step_of_drift_passes(ana: Person) -> None:
    used = ana.code()
    ana.enter()
    with pytest.raises(SignInRefused):
        ana.enter(code=used)
    ana.scene.clock.advance(seconds=60)
    early = pyotp.TOTP(ana.secret).at(int(ana.scene.clock.now().timestamp()) + 30)
    ana.enter(code=early)
    with pytest.raises(SignInRefused):
        ana.enter(code=pyotp.TOTP(ana.secret).at(int(ana.scene.clock.now().timestamp()) + 90))


def test_a_recovery_code_is_good_once_however_it_is_typed(ana: Person) -> None:
    ana.enter(code=ana.codes[0].lower().replace("-", " "))
    with pytest.raises(SignInRefused):
        ana.enter(code=ana.codes[0])
    assert ana.scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'recovery-code-used'") == 1


def test_a_wrong_password_does_not_use_up_a_recovery_code(ana: Person) -> None:
    with pytest.raises(SignInRefused):
        ana.enter(password="not the one at all", code=ana.codes[1])
    ana.enter(code=ana.codes[1])


def test_a_window_that_saw_the_second_factor_needs_the_password_only_until_the_factor_is_new(ana: Person) -> None:
    began = ana.enter()
    ana.enter(code="", remembered={began.sign_in_id: began.factor_version})
    with pytest.raises(SignInRefused):
        ana.enter(code="", remembered={began.sign_in_id: began.factor_version + 1})
    with pytest.raises(SignInRefused):
        ana.enter(code="", remembered={began.sign_in_id + 1: began.factor_version})
    with pytest.raises(SignInRefused):
        ana.enter(code="123456", remembered={began.sign_in_id: began.factor_version})


def test_after_ten_refusals_even_the_right_one_waits_and_an_unknown_name_cannot_be_told_apart(ana: Person) -> None:
    for username in ("ana", "nobody"):
        for _ in range(10):
            with pytest.raises(SignInRefused):
                ana.enter(password="wrong wrong wrong", username=username)
        with pytest.raises(TooManySignIns):
            ana.enter(username=username)
    ana.enter(client="198.51.100.9")
    ana.scene.clock.advance(minutes=16)
    ana.enter()


def test_known_and_unknown_names_cost_the_same_statements(ana: Person) -> None:
    from tests.page_client import statements_of  # noqa: PLC0415

    counted = []
    for username in ("ana", "nobody"):
        with statements_of(ana.scene.db.app) as heard, pytest.raises(SignInRefused):
            ana.enter(password="wrong wrong wrong", username=username)
        counted.append([statement.split("WHERE")[0] for statement in heard])
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    "password", ["short pass1", "aaaaaaaaaaaaaa", "password12345", "anatorresanatorres", "x" * 129]
)
def test_weak_passwords_are_refused_and_nothing_is_set(scene: Scene, password: str) -> None:
    door, now = scene.wired.door(), scene.clock.now()
    with transaction(scene.sessions) as session:
        system = actor_id(session, "system")
    invited = people.add_person(scene.sessions, door, "ana", "Ana Torres", by=system, now=now)
    secret = people.invitation(scene.sessions, door, invited.token, now).totp_secret
    with pytest.raises(WeakPassword):
        people.accept(
            scene.sessions, door, invited.token, password, pyotp.TOTP(secret).at(int(now.timestamp())), now=now
        )
    assert scene.scalar("SELECT password_hash FROM staff_sign_ins") == ""
    assert people.invitation(scene.sessions, door, invited.token, now).username == "ana"


def test_a_strong_password_passes() -> None:
    check_strength(PASSWORD, ["ana", "Ana", "Torres"])


def test_an_invitation_is_good_once_for_three_days_and_needs_the_apps_code(scene: Scene) -> None:
    door, now = scene.wired.door(), scene.clock.now()
    with transaction(scene.sessions) as session:
        system = actor_id(session, "system")
    invited = people.add_person(scene.sessions, door, "ana", "Ana Torres", by=system, now=now)
    with pytest.raises(WrongCode):
        people.accept(scene.sessions, door, invited.token, PASSWORD, "000000", now=now)
    with pytest.raises(InvitationOver):
        people.invitation(scene.sessions, door, invited.token, now + timedelta(days=3, seconds=1))
    with pytest.raises(UsernameTaken):
        people.add_person(scene.sessions, door, "ANA", "Another", by=system, now=now)
    secret = people.invitation(scene.sessions, door, invited.token, now).totp_secret
    people.accept(scene.sessions, door, invited.token, PASSWORD, pyotp.TOTP(secret).at(int(now.timestamp())), now=now)
    with pytest.raises(InvitationOver):
        people.invitation(scene.sessions, door, invited.token, now)


def test_nothing_secret_is_kept_in_clear(ana: Person) -> None:
    row = ana.scene.rows("SELECT password_hash, totp_secret FROM staff_sign_ins")[0]
    assert row.password_hash.startswith("$argon2id$")
    assert ana.secret.encode() not in bytes(row.totp_secret)
    digests = [bytes(row[0]) for row in ana.scene.rows("SELECT digest FROM staff_recovery_codes")]
    assert len(digests) == 10
    assert not any(code.encode() in digest for code in ana.codes for digest in digests)


def test_who_leaves_has_no_session_no_role_and_no_way_back(ana: Person) -> None:
    scene = ana.scene
    ana.enter()
    with transaction(scene.sessions) as session:
        system = actor_id(session, "system")
    people.offboard(
        scene.sessions, "ana", by=system, reason="left for the county", today=scene.today, now=scene.clock.now()
    )
    assert sessions_running(scene) == 0
    scene.clock.advance(minutes=1)
    with pytest.raises(SignInRefused):
        ana.enter()


def test_a_lost_telephone_keeps_the_password_and_asks_for_a_new_app(ana: Person) -> None:
    scene, door = ana.scene, ana.scene.wired.door()
    with transaction(scene.sessions) as session:
        system = actor_id(session, "system")
    again = people.invite_again(scene.sessions, door, "ana", by=system, now=scene.clock.now(), keeps_password=True)
    with pytest.raises(SignInRefused):
        ana.enter()
    held = people.invitation(scene.sessions, door, again.token, scene.clock.now())
    assert held.totp_secret != ana.secret
    code = pyotp.TOTP(held.totp_secret).at(int(scene.clock.now().timestamp()))
    with pytest.raises(people.WrongPassword):
        people.accept(scene.sessions, door, again.token, "not my password", code, now=scene.clock.now())
    people.accept(scene.sessions, door, again.token, PASSWORD, code, now=scene.clock.now())
    ana.secret = held.totp_secret
    scene.clock.advance(minutes=1)
    ana.enter()
