"""Taken on, given roles, let go; and of the last two administrators one always stays, also when both act at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from accounts.database import reading, transaction
from accounts.errors import Conflict, NotFound, SamePerson
from accounts.staff import service
from accounts.staff.queries import grants_of
from accounts.staff.service import GrantRunsBackward, LastAdministrator, RoleHeld, UnknownRole
from portal.identity.staff import people
from portal.identity.staff.people import BadUsername, NewPerson, Role, UsernameTaken
from portal.identity.staff.signing_in import SignInRefused
from tests.portal.identity.people import Person, hire, sessions_running, system
from tests.portal.scene import Scene

ADMINISTRATOR = "administrator"


def grant_of(scene: Scene, username: str) -> int:
    return int(
        scene.scalar(
            "SELECT max(g.id) FROM staff_grants g JOIN staff_sign_ins i USING (actor_id) WHERE i.username = :name",
            name=username,
        )
    )


def let_go(scene: Scene, username: str, by: int) -> None:
    people.offboard(
        scene.sessions, scene.city, username, by=by, reason="left for the county", today=scene.today,
        now=scene.clock.now(),
    )  # fmt: skip


def take(scene: Scene, username: str, by: int, grant: int | None = None) -> None:
    people.take_role(
        scene.sessions, scene.city, username, grant or grant_of(scene, username), by=by, reason="moved on",
        today=scene.today, now=scene.clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("username", ["", "a", "Ana Torres", "9ana", "ana@city", "x" * 41, "an\na", "ñandú"])
def test_a_bad_user_name_is_refused_and_nobody_is_added(scene: Scene, username: str) -> None:
    with pytest.raises(BadUsername):
        people.add_person(
            scene.sessions, scene.wired.door(), scene.city, NewPerson(username, "Ana"), by=system(scene),
            now=scene.clock.now(),
        )  # fmt: skip
    assert scene.scalar("SELECT count(*) FROM staff_sign_ins") == 0
    assert scene.scalar("SELECT count(*) FROM actors WHERE handle LIKE 'staff:%' AND handle <> 'staff:maker'") <= 1


def test_a_role_that_is_none_adds_nobody(scene: Scene) -> None:
    person = NewPerson("ana", "Ana", roles=(Role("mayor", scene.today),))
    with pytest.raises(UnknownRole):
        people.add_person(
            scene.sessions, scene.wired.door(), scene.city, person, by=system(scene), now=scene.clock.now()
        )
    assert scene.scalar("SELECT count(*) FROM staff_sign_ins") == 0


def test_roles_are_given_for_a_time_with_a_reason_by_somebody_else(scene: Scene) -> None:
    boss, ana = hire(scene, "boss", roles=(ADMINISTRATOR,)), hire(scene, "ana")
    until = scene.today + timedelta(days=14)
    cover = Role("supervisor", scene.today, until)
    people.give_role(scene.sessions, scene.city, "ana", cover, by=boss.actor_id, reason="covers for Luis")
    with reading(scene.sessions) as session:
        (grant,) = grants_of(session, ana.actor_id)
    assert (grant.role, grant.until_on, grant.reason, grant.granted_by) == (
        "supervisor", until, "covers for Luis", "Ana Torres",
    )  # fmt: skip
    (line,) = scene.rows(
        "SELECT * FROM audit_entries WHERE act = 'role-granted' AND actor_id = :id", id=boss.actor_id
    )
    assert line.details["reason"] == "covers for Luis"
    for wrong, refusal in (
        (cover, RoleHeld),
        (Role("supervisor", until, until + timedelta(days=9)), RoleHeld),
        (Role("supervisor", scene.today - timedelta(days=9)), RoleHeld),
        (Role("clerk", scene.today, scene.today - timedelta(days=1)), GrantRunsBackward),
    ):
        with pytest.raises(refusal):
            people.give_role(scene.sessions, scene.city, "ana", wrong, by=boss.actor_id, reason="again")
    assert scene.scalar("SELECT count(*) FROM staff_grants WHERE actor_id = :id", id=ana.actor_id) == 1
    later = Role("supervisor", until + timedelta(days=1))
    people.give_role(scene.sessions, scene.city, "ana", later, by=boss.actor_id, reason="for good")


def test_nobody_gives_a_role_to_themselves_nor_does_the_database_let_them(scene: Scene) -> None:
    boss = hire(scene, "boss", roles=(ADMINISTRATOR,))
    with pytest.raises(SamePerson):
        people.give_role(
            scene.sessions, scene.city, "boss", Role("finance", scene.today), by=boss.actor_id, reason="me"
        )
    with pytest.raises(IntegrityError), transaction(scene.sessions) as session:
        session.execute(
            text(
                "INSERT INTO staff_grants (actor_id, role, since_on, reason, granted_by)"
                " VALUES (:me, 'finance', current_date, 'me', :me)"
            ),
            {"me": boss.actor_id},
        )
    assert scene.scalar("SELECT count(*) FROM staff_grants WHERE role = 'finance'") == 0


def test_a_role_that_was_taken_before_it_began_may_be_given_again(scene: Scene) -> None:
    boss = hire(scene, "boss", roles=(ADMINISTRATOR,))
    hire(scene, "ana")
    later = Role("clerk", scene.today + timedelta(days=5))
    people.give_role(scene.sessions, scene.city, "ana", later, by=boss.actor_id, reason="begins on Monday")
    take(scene, "ana", boss.actor_id)
    people.give_role(scene.sessions, scene.city, "ana", later, by=boss.actor_id, reason="begins on Monday after all")
    with pytest.raises(Conflict):
        take(scene, "ana", boss.actor_id, grant_of(scene, "ana") - 1)


def test_a_grant_of_somebody_else_is_not_found(scene: Scene) -> None:
    boss = hire(scene, "boss", roles=(ADMINISTRATOR,))
    hire(scene, "ana", roles=("clerk",))
    hire(scene, "ben")
    with pytest.raises(NotFound):
        take(scene, "ben", boss.actor_id, grant_of(scene, "ana"))
    assert scene.scalar("SELECT count(*) FROM staff_grants WHERE ended_at IS NOT NULL") == 0


def test_who_leaves_has_no_session_no_role_no_code_and_no_way_back(scene: Scene) -> None:
    boss, ana = hire(scene, "boss", roles=(ADMINISTRATOR,)), hire(scene, "ana", roles=("clerk",))
    ana.enter()
    let_go(scene, "ana", boss.actor_id)
    assert sessions_running(scene) == 0
    assert scene.scalar("SELECT count(*) FROM staff_recovery_codes r JOIN staff_sign_ins i ON i.id = r.sign_in_id"
                        " WHERE i.username = 'ana'") == 0  # fmt: skip
    scene.clock.advance(minutes=1)
    with pytest.raises(SignInRefused):
        ana.enter()
    (line,) = scene.rows("SELECT details FROM audit_entries WHERE act = 'staff-offboarded'")
    assert line.details == {"reason": "left for the county", "sessions": 1, "roles": 1}
    acts: list[Callable[[], object]] = [
        lambda: let_go(scene, "ana", boss.actor_id),
        lambda: people.give_role(
            scene.sessions, scene.city, "ana", Role("clerk", scene.today), by=boss.actor_id, reason="back"
        ),
        lambda: people.invite_again(
            scene.sessions, scene.wired.door(), "ana", by=boss.actor_id, now=scene.clock.now()
        ),
        lambda: people.link_identity(scene.sessions, "ana", "https://login.example", "s-1", by=boss.actor_id),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            act()
    with pytest.raises(UsernameTaken):
        hire(scene, "ana")


def test_nobody_lets_themselves_go_or_makes_their_own_link(scene: Scene) -> None:
    boss = hire(scene, "boss", roles=(ADMINISTRATOR,))
    hire(scene, "deputy", roles=(ADMINISTRATOR,))
    with pytest.raises(SamePerson):
        let_go(scene, "boss", boss.actor_id)
    with pytest.raises(SamePerson):
        people.invite_again(scene.sessions, scene.wired.door(), "boss", by=boss.actor_id, now=scene.clock.now())
    with pytest.raises(SamePerson):
        people.link_identity(scene.sessions, "boss", "https://login.example", "s-1", by=boss.actor_id)
    assert (
        scene.scalar("SELECT count(*) FROM staff_sign_ins WHERE offboarded_at IS NULL AND totp_secret IS NOT NULL")
        == 2
    )
    assert scene.scalar("SELECT count(*) FROM staff_identities") == 0


def test_the_last_administrator_stays(scene: Scene) -> None:
    boss = hire(scene, "boss", roles=(ADMINISTRATOR,))
    helper = hire(scene, "helper")
    week = Role(ADMINISTRATOR, scene.today, scene.today + timedelta(days=7))
    people.give_role(scene.sessions, scene.city, "helper", week, by=boss.actor_id, reason="for a week")
    for act in (let_go, take):
        with pytest.raises(LastAdministrator):
            act(scene, "boss", helper.actor_id)
    assert scene.scalar("SELECT count(*) FROM staff_grants WHERE ended_at IS NOT NULL") == 0
    assert scene.scalar("SELECT count(*) FROM staff_sign_ins WHERE offboarded_at IS NOT NULL") == 0
    people.give_role(
        scene.sessions, scene.city, "helper", Role(ADMINISTRATOR, scene.today + timedelta(days=8)),
        by=boss.actor_id, reason="for good",
    )  # fmt: skip
    with pytest.raises(LastAdministrator):
        take(scene, "boss", helper.actor_id)
    scene.clock.advance(days=8)
    take(scene, "boss", helper.actor_id)


@pytest.mark.parametrize("act", [let_go, take], ids=["offboard", "role"])
@pytest.mark.parametrize("in_turns", [True, False], ids=["as it is", "without turns (control)"])
def test_two_administrators_who_end_each_other_at_once(
    scene: Scene, act: Callable[[Scene, str, int], None], in_turns: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without taking turns each sees the other still there, and nobody is left: the control shows the race."""
    pair = [hire(scene, name, roles=(ADMINISTRATOR,)) for name in ("boss", "deputy")]
    meet = threading.Barrier(2, timeout=10)
    found = service.administrators

    def look_together(*given: object) -> frozenset[int]:
        left = found(*given)  # type: ignore[arg-type]
        try:
            meet.wait(0.5 if in_turns else 10)
        except threading.BrokenBarrierError:
            meet.reset()
        return left

    monkeypatch.setattr(service, "administrators", look_together)
    if not in_turns:
        monkeypatch.setattr(service, "take_turns", lambda session: None)
    refused: list[str] = []

    def end(victim: Person, by: Person) -> None:
        try:
            act(scene, victim.username, by.actor_id)
        except LastAdministrator:
            refused.append(victim.username)

    threads = [
        threading.Thread(target=end, args=(victim, by)) for victim, by in ((pair[0], pair[1]), (pair[1], pair[0]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with reading(scene.sessions) as session:
        left = len(found(session, scene.city, scene.today))
    assert (left, len(refused)) == ((1, 1) if in_turns else (0, 0))


def test_an_identity_belongs_to_one_person_and_moves_on_only_from_one_who_left(scene: Scene) -> None:
    boss = hire(scene, "boss", roles=(ADMINISTRATOR,))
    for name in ("ana", "ben"):
        hire(scene, name)
    link = ("https://login.example", "subject-1")
    people.link_identity(scene.sessions, "ana", *link, by=boss.actor_id)
    with pytest.raises(Conflict):
        people.link_identity(scene.sessions, "ben", *link, by=boss.actor_id)
    let_go(scene, "ana", boss.actor_id)
    people.link_identity(scene.sessions, "ben", *link, by=boss.actor_id, reason="back under a new name")
    (row,) = scene.rows("SELECT i.username FROM staff_identities d JOIN staff_sign_ins i ON i.id = d.sign_in_id")
    assert row.username == "ben"
