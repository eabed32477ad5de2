"""Sign in by name, password and code: the same answer for everything that is wrong, and every try counted."""

from __future__ import annotations

import runpy

import pytest

from portal.identity import passwords
from portal.identity.passwords import check_strength
from portal.identity.staff import people
from portal.identity.staff.signing_in import SignInRefused, TooManySignIns
from tests.page_client import statements_of
from tests.portal.identity.people import PASSWORD, Person, hire, sessions_running, system
from tests.portal.scene import Scene

WRONG = "wrong wrong wrong"


@pytest.fixture
def ana(scene: Scene) -> Person:
    return hire(scene, "ana")


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
        {"username": "ana\x00", "code": "\x00", "password": "\x00"},
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
    ana.enter(code=ana.code(steps=1))
    with pytest.raises(SignInRefused):
        ana.enter(code=ana.code(steps=3))


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
                ana.enter(password=WRONG, username=username)
        with pytest.raises(TooManySignIns):
            ana.enter(username=username)
    ana.enter(client="198.51.100.9")
    ana.scene.clock.advance(minutes=16)
    ana.enter()


def test_who_goes_on_trying_from_one_place_does_not_shut_the_name_for_everybody(ana: Person) -> None:
    for _ in range(10):
        with pytest.raises(SignInRefused):
            ana.enter(password=WRONG)
    for _ in range(120):
        with pytest.raises(TooManySignIns):
            ana.enter(password=WRONG)
    ana.enter(client="198.51.100.9")
    ana.scene.clock.advance(minutes=15, seconds=1)
    ana.enter()


@pytest.mark.parametrize("kind", ["left", "elsewhere", "not set up"])
def test_known_unknown_and_others_cost_the_same_statements(ana: Person, kind: str) -> None:
    """Somebody who left, who comes by a provider only, or who has not set up yet: like anybody and nobody."""
    scene = ana.scene
    other = hire(scene, "other")
    if kind == "left":
        people.offboard(
            scene.sessions, scene.city, "other", by=system(scene), reason="left", today=scene.today,
            now=scene.clock.now(),
        )  # fmt: skip
    else:
        scene.run_as_owner(
            "UPDATE staff_sign_ins SET password_hash = '', totp_secret = NULL WHERE username = 'other'"
        )
    if kind == "elsewhere":
        people.link_identity(scene.sessions, "other", "https://login.example", "s-1", by=system(scene))
    heard_of, said = [], []
    for username in ("ana", "nobody", "other"):
        with statements_of(scene.db.app) as heard, pytest.raises(SignInRefused) as refusal:
            other.enter(password=WRONG if username == "ana" else PASSWORD, username=username)
        heard_of.append([statement.split("WHERE")[0] for statement in heard])
        said.append((type(refusal.value), refusal.value.facts))
    assert heard_of[0] == heard_of[1] == heard_of[2]
    assert said[0] == said[1] == said[2]


def test_one_hash_is_worked_out_whoever_was_named(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work, not only the words: argon2 runs once for the known, the unknown, and those without a password."""
    from portal.identity import passwords  # noqa: PLC0415

    passwords.hash_of_nobody()
    worked: list[str] = []
    right = passwords.PasswordHasher.verify

    def verify(self: object, kept: str, typed: bytes) -> bool:
        worked.append(kept[:10])
        return bool(right(self, kept, typed))  # type: ignore[arg-type]

    monkeypatch.setattr(passwords.PasswordHasher, "verify", verify)
    ana.scene.run_as_owner("INSERT INTO actors (kind, handle, display_name) VALUES ('staff', 'staff:eve', 'Eve')")
    ana.scene.run_as_owner(
        "INSERT INTO staff_sign_ins (actor_id, username, email, language, password_hash)"
        " SELECT id, 'eve', '', 'en', '' FROM actors WHERE handle = 'staff:eve'"
    )
    for username in ("ana", "nobody", "eve"):
        with pytest.raises(SignInRefused):
            ana.enter(password=WRONG, username=username)
    assert worked == ["$argon2id$"] * 3


def test_a_strong_password_passes() -> None:
    check_strength(PASSWORD, ["ana", "Ana", "Torres"])


def test_nothing_secret_is_kept_in_clear(ana: Person) -> None:
    row = ana.scene.rows("SELECT password_hash, totp_secret FROM staff_sign_ins")[0]
    assert row.password_hash.startswith("$argon2id$")
    assert ana.secret.encode() not in bytes(row.totp_secret)
    digests = [bytes(row[0]) for row in ana.scene.rows("SELECT digest FROM staff_recovery_codes")]
    assert len(digests) == 10
    assert not any(code.encode() in digest for code in ana.codes for digest in digests)


def test_a_guess_costs_what_rfc_9106_recommends() -> None:
    """Looked at in a copy of the module: in this one the tests hash at a fraction of that (``tests/conftest.py``)."""
    made = runpy.run_path(passwords.__file__)["hasher"]()
    assert (made.memory_cost, made.time_cost, made.parallelism) == (64 * 1024, 3, 4)
