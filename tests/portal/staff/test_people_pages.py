"""People who work here, administered: taken on by a link, given roles for a time, let go; each with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal import create_app
from portal.identity.providers import ProviderTerms
from tests.page_client import PageClient
from tests.portal.identity.people import PASSWORD, accept, code_of, hire
from tests.portal.scene import Scene
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.test_every_route import rows_of_every_table

WHY = "Covers for Luis"


@pytest.fixture
def boss(scene: Scene) -> PageClient:
    return staff_of(scene, "administrator", name="boss")


def reasons(scene: Scene, act: str) -> list[object]:
    return [
        row.details.get("reason") for row in scene.rows("SELECT details FROM audit_entries WHERE act = :a", a=act)
    ]


def standing(scene: Scene) -> dict[str, int]:
    seen = {"staff_sessions", "kept_forms"}
    return {name: rows for name, rows in rows_of_every_table(scene).items() if name not in seen}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_person_is_added_and_signs_in_by_the_link_that_is_shown_once(scene: Scene, lang: str) -> None:
    boss = staff_of(scene, "administrator", name="boss", lang=lang)
    boss.get("/staff/people")
    boss.get("/staff/people/new")
    labels = {
        "en": ("Add and make a link", "Name", "User name", "Role", "Last day of the role", "Why"),
        "es": ("Agregar y hacer un enlace", "Nombre", "Nombre de usuario", "Rol", "Último día del rol", "Por qué"),
    }[lang]
    until = scene.today + timedelta(days=30)
    page = boss.submit(
        labels[0],
        dict(zip(labels[1:], ("Ana Torres", "ana", "clerk", until.isoformat(), WHY), strict=True)),
        expect=200, budget=20,
    )  # fmt: skip
    link = page.soup.select_one("code.one-link")
    assert link is not None
    url = link.get_text()
    assert url.startswith("http://localhost/staff/invitations/")
    accept(scene, url.rpartition("/")[2])
    assert url not in boss.get("/staff/people/ana").html
    (grant,) = scene.rows("SELECT * FROM staff_grants WHERE role = 'clerk'")
    assert (grant.until_on, grant.reason, grant.granted_by) == (until, WHY, actor_of(scene, boss))
    assert reasons(scene, "staff-added") == [WHY]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"User name": "Ana Torres"}, "Use small letters, digits, dots and hyphens"),
        ({"User name": "boss"}, "That user name is taken."),
        ({"Why": ""}, "Say why in a few words."),
        ({"Role": "mayor"}, "Choose one from the list."),
        ({"Last day of the role": "2001-01-01"}, "The last day is before the first."),
        ({"Last day of the role": "soon"}, "Enter a day of the calendar"),
        ({"Email": "4242 4242 4242 4242"}, "Do not type a card number here."),
    ],
)
def test_half_a_person_is_nobody(scene: Scene, boss: PageClient, typed: dict[str, str | bool], said: str) -> None:
    boss.get("/staff/people/new")
    before = standing(scene)
    right = {"Name": "Ana Torres", "User name": "ana", "Role": "clerk", "Why": WHY}
    page = boss.submit("Add and make a link", {**right, **typed}, expect=422, budget=20)
    assert page.errors[0].startswith(said), page.errors
    assert standing(scene) == before


def test_a_role_for_some_days_is_given_and_ended(scene: Scene, boss: PageClient) -> None:
    hire(scene, "ana")
    boss.get("/staff/people/ana/roles/new")
    until = scene.today + timedelta(days=14)
    given = {"Role": "supervisor", "Last day": until.isoformat(), "Why": WHY}
    boss.submit("Give the role", given)
    page = boss.follow()
    assert "Supervisor" in page.text
    assert WHY in page.text
    boss.get("/staff/people/ana/roles/new")
    again = boss.submit("Give the role", given, expect=422)
    assert again.errors == ["This person has that role in those days already."]
    (grant,) = scene.rows("SELECT id FROM staff_grants WHERE role = 'supervisor'")
    boss.get(f"/staff/people/ana/roles/{grant.id}/end")
    boss.submit("End the role", {"Why": ""}, expect=422)
    boss.submit("End the role", {"Why": "Luis is back"})
    assert "Ended by Boss" in boss.follow().text
    assert reasons(scene, "role-ended") == ["Luis is back"]
    boss.get(f"/staff/people/ana/roles/{grant.id}/end", expect=404)


def test_nobody_gives_themselves_a_role_a_link_an_identity_or_leave(scene: Scene) -> None:
    office = with_provider(scene)
    boss = staff_of(office, "administrator", name="boss")
    before = standing(scene)
    for path, button, typed in (
        ("roles/new", "Give the role", {"Role": "finance", "Why": WHY}),
        ("new-link", "Make the link", {"Password": True, "Why": WHY}),
        ("identities/new", "Connect", {"Service": "https://login.example", "Their code there": "x", "Why": WHY}),
        ("offboard", "Let this person go", {"Why": WHY}),
    ):
        boss.get(f"/staff/people/boss/{path}")
        page = boss.submit(button, typed, expect=422, budget=20)
        assert page.errors == ["This needs a second person. You cannot do both parts yourself."], path
    assert standing(scene) == before


def with_provider(scene: Scene) -> Scene:
    terms = ProviderTerms(
        name="entra", label="City Hall", issuer="https://login.example", client_id="x", client_secret="y"
    )
    wired = replace(scene.wired, settings=replace(scene.wired.settings, staff_oidc=(terms,)))
    return replace(scene, app=create_app(wired.settings, wired), wired=wired)


def test_an_identity_is_linked_where_there_is_a_provider(scene: Scene, boss: PageClient) -> None:
    hire(scene, "ana")
    boss.get("/staff/people/ana/identities/new", expect=404)
    office = with_provider(scene)
    boss = staff_of(office, "administrator", name="boss")
    boss.get("/staff/people/ana/identities/new")
    boss.submit("Connect", {"Service": "https://login.example", "Their code there": "3f2a", "Why": WHY})
    assert "3f2a" in boss.follow().text
    boss.get("/staff/people/ana/identities/new")
    page = boss.submit(
        "Connect", {"Service": "https://evil.example", "Their code there": "3f2a", "Why": WHY}, expect=422
    )
    assert page.errors == ["Choose one from the list."]
    assert scene.scalar("SELECT count(*) FROM staff_identities") == 1


def test_the_last_administrator_is_told_why_they_stay(scene: Scene, boss: PageClient) -> None:
    week = scene.today + timedelta(days=7)
    deputy = staff_of(scene, "administrator", name="deputy", until=week)
    grant = scene.scalar(
        "SELECT g.id FROM staff_grants g JOIN staff_sign_ins i USING (actor_id) WHERE i.username = 'boss'"
    )
    before = standing(scene)
    for path, button in (("offboard", "Let this person go"), (f"roles/{grant}/end", "End the role")):
        deputy.get(f"/staff/people/boss/{path}")
        page = deputy.submit(button, {"Why": WHY}, expect=422, budget=20)
        assert page.errors[0].startswith("Nobody would be left who can manage staff.")
    assert standing(scene) == before
    boss.get("/staff/people")


def test_who_leaves_is_out_at_once_and_stands_in_the_other_list(scene: Scene, boss: PageClient) -> None:
    ana = staff_of(scene, "clerk", name="ana")
    ana.get("/staff/")
    page = boss.get("/staff/people/ana/offboard")
    assert "Their roles: Clerk" in page.text
    assert "1 screen at which they are signed in" in page.text
    boss.submit("Let this person go", {"Why": "Left for the county"}, budget=20)
    page = boss.follow()
    assert "This person has left" in page.text
    ana.get("/staff/", expect=303)
    assert reasons(scene, "staff-offboarded") == ["Left for the county"]
    assert 'href="/staff/people/ana"' not in boss.get("/staff/people").html
    assert 'href="/staff/people/ana"' in boss.get("/staff/people?left=1").html
    for path in ("roles/new", "new-link", "sessions/end", "offboard"):
        boss.get(f"/staff/people/ana/{path}", expect=404)


def test_a_new_link_ends_what_there_was(scene: Scene, boss: PageClient) -> None:
    ana = hire(scene, "ana", roles=("clerk",))
    ana.enter()
    boss.get("/staff/people/ana/new-link")
    boss.submit("Make the link", {"Why": "Lost her telephone"}, expect=422)
    page = boss.submit("Make the link", {"Telephone": True, "Why": "Lost her telephone"}, expect=200, budget=20)
    link = page.soup.select_one("code.one-link")
    assert link is not None
    token = link.get_text().rpartition("/")[2]
    assert scene.scalar("SELECT keeps_password FROM staff_invitations WHERE used_at IS NULL")
    assert reasons(scene, "second-factor-reset") == ["Lost her telephone"]
    assert accept(scene, token)[0] != ana.secret


def test_sessions_are_shown_and_ended_with_a_reason(scene: Scene, boss: PageClient) -> None:
    ana = staff_of(scene, "clerk", name="ana")
    ana.get("/staff/")
    scene.run_as_owner("UPDATE staff_sessions SET browser = 'Firefox, Windows', client = '192.0.2.40'")
    assert "Firefox, Windows" in boss.get("/staff/people/ana").text
    boss.get("/staff/people/ana/sessions/end")
    boss.submit("Sign them out", {"Why": "Left the screen open"})
    ana.get("/staff/", expect=303)
    assert reasons(scene, "sessions-ended") == ["Left the screen open"]


def test_the_list_is_paged_and_costs_the_same_however_many_there_are(scene: Scene, boss: PageClient) -> None:
    boss.get("/staff/people")
    few = boss.get("/staff/people").statements
    scene.run_as_owner(
        "WITH made AS (INSERT INTO actors (kind, handle, display_name) SELECT 'staff', 'staff:p' || n, 'Person ' || n"
        " FROM generate_series(100, 220) n RETURNING id, handle)"
        " INSERT INTO staff_sign_ins (actor_id, username, email, language, password_hash)"
        " SELECT id, replace(handle, 'staff:', ''), '', 'en', '' FROM made"
    )
    page = boss.get("/staff/people")
    assert len(page.statements) == len(few)
    seen = [row.get_text() for row in page.soup.select("tbody th")]
    while following := page.soup.select_one('a[rel="next"]'):
        page = boss.get(str(following["href"]))
        seen += [row.get_text() for row in page.soup.select("tbody th")]
    assert len(seen) == len(set(seen)) == 122
    for odd in ("%00", "x" * 3000, "%F0%9F%92%A9"):
        assert boss.browser.get(f"/staff/people?after={odd}").status_code == 200
        assert boss.browser.get(f"/staff/people/{odd}").status_code == 404


class TestMyPage:
    """A person's own page."""

    def test_the_language_they_choose_counts_here_and_elsewhere(self, scene: Scene) -> None:
        ana = staff_of(scene, "clerk", name="ana")
        ana.get("/staff/my-page")
        ana.submit("Save", {"Español": True})
        assert ana.follow().heading == "Mi página"
        assert scene.scalar("SELECT language FROM staff_sign_ins WHERE username = 'ana'") == "es"
        action, data = ana.filled("Guardar", {})
        ana.post(action, {**data, "language": "fr"}, expect=422)
        assert scene.scalar("SELECT language FROM staff_sign_ins WHERE username = 'ana'") == "es"

    def test_they_end_their_session_elsewhere_and_nobody_elses(self, scene: Scene) -> None:
        here, there = staff_of(scene, "clerk", name="ana"), staff_of(scene, "clerk", name="ana")
        ben = staff_of(scene, "clerk", name="ben")
        page = here.get("/staff/my-page")
        assert len(page.soup.select('form[action*="/sessions/"]')) == 1, "not the screen one is at"
        here.submit("Sign out there")
        there.get("/staff/", expect=303)
        here.get("/staff/my-page")
        theirs = scene.scalar("SELECT max(id) FROM staff_sessions")
        _action, data = here.filled("Save", {})
        here.post(f"/staff/my-page/sessions/{theirs}/end", data, expect=404)
        ben.get("/staff/")
        assert reasons(scene, "sessions-ended") == [None]

    def test_new_recovery_codes_need_password_and_code(self, scene: Scene) -> None:
        ana = hire(scene, "ana")
        window = staff_of(scene, name="ana")
        window.get("/staff/my-page/recovery-codes")
        wrong = {"Password": "not my password at all", "Code": ana.code()}
        page = window.submit("Make new codes", wrong, expect=422, budget=20)
        assert page.errors == ["That did not fit. Check your user name, your password and the code, then try again."]
        page = window.submit("Make new codes", {"Password": PASSWORD, "Code": ana.code()}, expect=200, budget=30)
        codes = [item.get_text() for item in page.soup.select(".codes code")]
        assert len(codes) == 10
        assert not set(codes) & set(ana.codes)
        scene.clock.advance(minutes=1)
        ana.enter(code=codes[0])

    def test_guessing_at_new_codes_is_stopped(self, scene: Scene) -> None:
        ana = hire(scene, "ana")
        window = staff_of(scene, name="ana")
        window.get("/staff/my-page/recovery-codes")
        for _ in range(10):
            window.submit("Make new codes", {"Password": "wrong wrong", "Code": "000000"}, expect=422, budget=20)
        window.submit("Make new codes", {"Password": PASSWORD, "Code": ana.code()}, expect=429, budget=20)
        assert code_of(scene, ana.secret)
