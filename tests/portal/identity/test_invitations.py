"""Links that set up a sign-in: good once, for three days, for the right person, and no place to guess."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.identity.passwords import WeakPassword
from portal.identity.staff import invitations, people
from portal.identity.staff.invitations import MOST_WRONG_PASSWORDS, InvitationOver, Invited, WrongCode, WrongPassword
from portal.identity.staff.people import NewPerson, UsernameTaken
from portal.identity.staff.signing_in import SignInRefused, TooManySignIns
from tests.portal.identity.people import PASSWORD, Person, accept, code_of, hire, system
from tests.portal.scene import Scene


def invited(scene: Scene, username: str = "ana") -> Invited:
    person = NewPerson(username, "Ana Torres")
    return people.add_person(
        scene.sessions, scene.wired.door(), scene.city, person, by=system(scene), now=scene.clock.now()
    )


def reset(person: Person, *, keeps_password: bool = True) -> Invited:
    scene = person.scene
    return people.invite_again(
        scene.sessions, scene.wired.door(), person.username, by=system(scene), now=scene.clock.now(),
        reason="lost their telephone", keeps_password=keeps_password,
    )  # fmt: skip


@pytest.mark.parametrize(
    "password", ["short pass1", "aaaaaaaaaaaaaa", "password12345", "anatorresanatorres", "x" * 129]
)
def test_weak_passwords_are_refused_and_nothing_is_set(scene: Scene, password: str) -> None:
    token = invited(scene).token
    with pytest.raises(WeakPassword):
        accept(scene, token, password)
    assert scene.scalar("SELECT password_hash FROM staff_sign_ins") == ""
    held = invitations.invitation(scene.sessions, scene.wired.door(), token, scene.clock.now())
    assert held.username == "ana"


def test_an_invitation_is_good_once_for_three_days_and_needs_the_apps_code(scene: Scene) -> None:
    door, now, token = scene.wired.door(), scene.clock.now(), invited(scene).token
    with pytest.raises(WrongCode):
        invitations.accept(scene.sessions, door, token, PASSWORD, "000000", now=now)
    with pytest.raises(InvitationOver):
        invitations.invitation(scene.sessions, door, token, now + timedelta(days=3, seconds=1))
    with pytest.raises(UsernameTaken):
        invited(scene, "ANA")
    accept(scene, token)
    with pytest.raises(InvitationOver):
        accept(scene, token)


def test_a_new_link_ends_the_one_before(scene: Scene) -> None:
    first = invited(scene).token
    second = people.invite_again(
        scene.sessions, scene.wired.door(), "ana", by=system(scene), now=scene.clock.now()
    ).token
    with pytest.raises(InvitationOver):
        accept(scene, first)
    accept(scene, second)


def test_a_link_of_somebody_who_left_is_over(scene: Scene) -> None:
    token = invited(scene).token
    people.offboard(
        scene.sessions, scene.city, "ana", by=system(scene), reason="left", today=scene.today, now=scene.clock.now()
    )
    with pytest.raises(InvitationOver):
        accept(scene, token)
    assert scene.scalar("SELECT password_hash FROM staff_sign_ins") == ""


def test_a_lost_telephone_keeps_the_password_and_asks_for_a_new_app(scene: Scene) -> None:
    ana = hire(scene, "ana")
    token = reset(ana).token
    with pytest.raises(SignInRefused):
        ana.enter()
    held = invitations.invitation(scene.sessions, scene.wired.door(), token, scene.clock.now())
    assert held.totp_secret != ana.secret
    with pytest.raises(WrongPassword):
        accept(scene, token, "not my password")
    accept(scene, token)
    ana.secret = held.totp_secret
    scene.clock.advance(minutes=1)
    ana.enter()


def test_a_link_is_no_place_to_guess_at_a_password(scene: Scene) -> None:
    ana = hire(scene, "ana")
    token = reset(ana).token
    for _ in range(MOST_WRONG_PASSWORDS):
        with pytest.raises(WrongPassword):
            accept(scene, token, "not my password")
    with pytest.raises(InvitationOver):
        accept(scene, token)
    assert scene.scalar("SELECT totp_secret IS NULL FROM staff_sign_ins")


def test_a_new_link_opens_a_name_that_was_shut(scene: Scene) -> None:
    ana = hire(scene, "ana")
    for number in range(10):
        for _ in range(10):
            with pytest.raises(SignInRefused):
                ana.enter(code="000000", client=f"198.51.100.{number}")
    with pytest.raises(TooManySignIns):
        ana.enter(client="203.0.113.77")
    ana.secret, ana.codes = accept(scene, reset(ana).token)
    scene.clock.advance(minutes=1)
    ana.enter(client="203.0.113.77")


def test_new_recovery_codes_need_password_and_code_and_end_the_old_ones(scene: Scene) -> None:
    ana = hire(scene, "ana")
    door = scene.wired.door()
    for wrong in ({"password": "not my password"}, {"code": "000000"}, {"code": ""}):
        with pytest.raises(SignInRefused):
            invitations.renew_codes(scene.sessions, door, ana.tried(**wrong), scene.clock.now())  # type: ignore[arg-type]
    fresh = invitations.renew_codes(scene.sessions, door, ana.tried(), scene.clock.now())
    assert len(set(fresh) | set(ana.codes)) == 20
    with pytest.raises(SignInRefused):
        ana.enter(code=ana.codes[0])
    ana.enter(code=fresh[0])


def test_guesses_at_new_codes_count_with_those_at_the_door(scene: Scene) -> None:
    ana = hire(scene, "ana")
    for _ in range(10):
        with pytest.raises(SignInRefused):
            invitations.renew_codes(
                scene.sessions, scene.wired.door(), ana.tried(password="not my password"), scene.clock.now()
            )
    with pytest.raises(TooManySignIns):
        ana.enter()


def test_a_link_that_no_key_opens_any_more_is_over(scene: Scene) -> None:
    token = invited(scene).token
    scene.run_as_owner("UPDATE staff_invitations SET totp_secret = 'x'::bytea")
    with pytest.raises(InvitationOver):
        invitations.invitation(scene.sessions, scene.wired.door(), token, scene.clock.now())


def test_the_apps_code_of_the_link_is_not_good_twice(scene: Scene) -> None:
    secret, codes = accept(scene, invited(scene).token)
    ana = Person(scene, "ana", secret, codes)
    with pytest.raises(SignInRefused):
        ana.enter(code=code_of(scene, secret))
