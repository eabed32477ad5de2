"""Nothing that somebody typed is lost, and nobody else ever sees it: sessions that run out, turns at a window."""

from __future__ import annotations

import binascii
from datetime import timedelta

import pytest

from portal.identity import forgetting
from portal.identity.staff.kept import MOST_FORMS
from portal.jobs import Night
from tests.page_client import Page, PageClient
from tests.portal.identity.people import PASSWORD, Person, hire
from tests.portal.scene import Scene
from tests.portal.staff.people import WINDOW, actor_of, staff_of

FORM = "/staff/people/new"
WORDS = "Jacaranda Xochitl"
TYPED = {"Name": WORDS, "User name": "jaca", "Why": "She begins on Monday"}
CARD = "4242 4242 4242 4242"
SIGN_IN = {
    "en": ("Sign in", "User name", "Password", "Code"),
    "es": ("Iniciar sesión", "Nombre de usuario", "Contraseña", "Código"),
}


@pytest.fixture
def ana(scene: Scene) -> Person:
    return hire(scene, "ana", roles=("administrator",))


def enters(window: PageClient, person: Person, lang: str = "en") -> Page:
    """Sign in on the page that is open."""
    person.scene.clock.advance(minutes=1)
    button, *labels = SIGN_IN[lang]
    window.submit(button, dict(zip(labels, (person.username, PASSWORD, person.code()), strict=True)), budget=30)
    return window.follow()


def at_the_form(person: Person, lang: str = "en") -> PageClient:
    window = person.scene.guest(WINDOW, lang)
    window.get(f"/staff/sign-in?to={FORM}")
    enters(window, person, lang)
    return window


def shown(page: Page) -> dict[str, str]:
    return {
        name: str(field.get("value", ""))
        for name in ("name", "username", "reason")
        if (field := page.soup.select_one(f'[name="{name}"]')) is not None
    }


def autosave(window: PageClient, path: str = FORM, expect: int = 204, **fields: str) -> Page:
    """What the script sends while somebody types."""
    assert window.page is not None
    token = window.page.soup.select_one('input[name="csrf_token"]')
    assert token is not None
    data = {"csrf_token": str(token["value"]), "kept-form-path": path, **fields}
    before = window.page
    page = window.post("/staff/kept-forms", data, expect=expect)
    window.page = before
    return page


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_was_typed_as_the_session_ran_out_is_there_after_the_sign_in(scene: Scene, lang: str) -> None:
    ana = hire(scene, "ana", lang, roles=("administrator",))
    window = at_the_form(ana, lang)
    button = "Add and make a link" if lang == "en" else "Agregar y hacer un enlace"
    labels = dict(
        zip(TYPED if lang == "en" else ("Nombre", "Nombre de usuario", "Por qué"), TYPED.values(), strict=True)
    )
    scene.clock.advance(minutes=16)
    page = window.submit(button, labels)
    assert page.location.startswith("/staff/sign-in?")
    page = window.follow()
    assert ("Nothing you typed was lost" if lang == "en" else "No se perdió nada de lo que escribió") in page.text
    page = enters(window, ana, lang)
    assert page.path == FORM
    assert shown(page) == {"name": WORDS, "username": "jaca", "reason": "She begins on Monday"}
    assert ("What you typed has come back" if lang == "en" else "Lo que escribió ha vuelto") in page.text
    window.submit(button, {}, expect=200, budget=30)
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0, "it was sent"
    assert shown(window.get(FORM))["name"] == ""


def test_another_person_does_not_see_it_and_has_their_own(scene: Scene, ana: Person) -> None:
    ben = hire(scene, "ben", roles=("administrator",))
    window = at_the_form(ana)
    scene.clock.advance(minutes=16)
    window.submit("Add and make a link", TYPED)
    window.follow()
    page = enters(window, ben)
    assert page.path == FORM
    assert WORDS not in page.html
    autosave(window, name="Ben's own")
    window.submit("Change user", {})
    window.follow()
    assert shown(enters(window, ana))["name"] == WORDS


def test_turns_at_a_window_keep_what_each_was_typing(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    autosave(window, name=WORDS, username="jaca", reason="Monday")
    late = scene.guest(WINDOW)
    late.browser.set_cookie("ventanilla", window.cookie("ventanilla") or "")
    late.page = window.page
    page = window.submit("Change user", {})
    assert page.location == f"/staff/sign-in?to={FORM}"
    autosave(late, expect=303, name=f"{WORDS} Luna", username="jaca")
    window.follow()
    assert shown(enters(window, ana))["name"] == f"{WORDS} Luna", "what left with the page, and came in after it"


def test_begin_anew_forgets_it(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    autosave(window, name=WORDS)
    assert shown(window.get(FORM))["name"] == WORDS
    window.submit("Begin this form anew", {})
    page = window.follow()
    assert (page.path, shown(page)["name"]) == (FORM, "")
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0


def test_a_form_that_was_emptied_is_forgotten(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    autosave(window, name=WORDS)
    autosave(window, name="  ")
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0


def test_after_a_day_it_is_gone_and_the_night_removes_it(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    autosave(window, name=WORDS)
    scene.clock.advance(hours=24)
    page = window.get(FORM, expect=303)
    window.get(page.location)
    assert shown(enters(window, ana))["name"] == ""
    assert Night(scene.wired).forgetting_staff() == "forgotten: 0 sessions, 1 forms, 0 links, 0 misses"
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0


def test_sessions_and_wrong_tries_are_forgotten_in_their_time(scene: Scene, ana: Person) -> None:
    ana.enter()
    with pytest.raises(Exception, match="SignInRefused"):
        ana.enter(code="000000")
    assert forgetting.forget_old(scene.sessions, scene.clock.now()) == forgetting.Forgotten(0, 0, 0)
    day_later = scene.clock.now() + timedelta(days=1, seconds=1)
    assert forgetting.forget_old(scene.sessions, day_later) == forgetting.Forgotten(0, 0, 1)
    month_later = scene.clock.now() + timedelta(days=30, seconds=1)
    assert forgetting.forget_old(scene.sessions, month_later) == forgetting.Forgotten(1, 0, 0)
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'signed-in'") == 1


def test_nothing_typed_stands_in_the_database_to_be_read(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    autosave(window, name=WORDS, reason="secretísimo")
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 1
    for word in (WORDS, "Jacaranda", "secretísimo"):
        assert places_of(scene, word) == []
    assert places_of(scene, FORM) == ["kept_forms"], "the search does find what is there"


def places_of(scene: Scene, word: str) -> list[str]:
    """Every table in which a row holds these words, as text or as bytes."""
    names = [
        row.name
        for row in scene.rows("SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'")
    ]
    coded = binascii.hexlify(word.encode()).decode()
    return [
        name
        for name in names
        if scene.scalar(
            f"SELECT count(*) FROM {name} t WHERE strpos(t::text, :word) > 0 OR strpos(t::text, :coded) > 0",
            word=word, coded=coded,
        )
    ]  # fmt: skip


def test_passwords_codes_and_card_numbers_are_never_kept(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    window.get("/staff/my-page/recovery-codes")
    _action, data = window.filled("Make new codes", {"Password": PASSWORD, "Code": ana.code()})
    scene.clock.advance(minutes=16)
    page = window.post("/staff/my-page/recovery-codes", data, expect=303)
    assert "kept" not in page.location
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0
    window.get(page.location)
    enters(window, ana)
    window.get(FORM)
    autosave(window, name=WORDS, password=PASSWORD, password_again=PASSWORD, one_time_code="123456", reason=CARD,
             **{CARD: "x"})  # fmt: skip
    found = scene.wired.vault("kept forms").open_fields(bytes(scene.scalar("SELECT fields FROM kept_forms")))
    assert found == {"name": [WORDS]}


def test_several_values_of_a_field_come_back_as_several(scene: Scene, ana: Person) -> None:
    from portal.identity.staff import kept  # noqa: PLC0415

    vault, now = scene.wired.vault("kept forms"), scene.clock.now()
    kept.keep(scene.sessions, vault, ana.actor_id, FORM, {"lines": ["one, two", "three"], "empty": [""]}, now=now)
    found = kept.kept_form(scene.sessions, vault, ana.actor_id, FORM, now=now)
    assert found is not None
    assert found.fields == {"lines": ["one, two", "three"]}


@pytest.mark.parametrize(
    "path",
    [
        "", "/pay", "/staffroom", "//evil.example/staff/", "https://evil.example/staff/", "/staff/sign-in",
        f"{FORM}?x=1", "/staff/\x00", "/staff/" + "x" * 300, "/staff\\x",
    ],
)  # fmt: skip
def test_a_path_that_is_no_page_of_the_back_office_is_refused(scene: Scene, ana: Person, path: str) -> None:
    window = at_the_form(ana)
    autosave(window, path, expect=400, name=WORDS)
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0


def test_what_is_too_large_leaves_what_was_kept_and_changes_nothing(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    autosave(window, name=WORDS)
    autosave(window, name="x" * 20_001)
    autosave(window, **{f"f{n}": "x" for n in range(121)})
    assert shown(window.get(FORM))["name"] == WORDS
    autosave(window, expect=413, name="x" * 300_000)
    assert shown(window.get(FORM))["name"] == WORDS


def test_nobody_fills_the_house_with_forms(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    for number in range(MOST_FORMS + 3):
        scene.clock.advance(seconds=1)
        autosave(window, f"/staff/notes/{number}", name=WORDS)
    kept = [row.path for row in scene.rows("SELECT path FROM kept_forms ORDER BY kept_at")]
    assert kept == [f"/staff/notes/{number}" for number in range(3, MOST_FORMS + 3)]


def test_a_form_is_kept_for_who_sends_it_and_for_nobody_they_name(scene: Scene, ana: Person) -> None:
    ben = staff_of(scene, "clerk", name="ben")
    ben.get("/staff/keys")
    autosave(ben, name="from Ben", actor_id=str(ana.actor_id), username="ana")
    assert scene.scalar("SELECT actor_id FROM kept_forms") == actor_of(scene, ben)
    ben.post("/staff/kept-forms", {"kept-form-path": FORM, "name": "x", "csrf_token": "invented"}, expect=400)
    stranger = scene.guest(WINDOW)
    stranger.get("/staff/sign-in")
    autosave(stranger, expect=303, name="from nobody")
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 1


@pytest.mark.parametrize("how", ["left", "long ago"])
def test_a_session_of_who_left_or_of_long_ago_keeps_nothing(scene: Scene, ana: Person, how: str) -> None:
    window = at_the_form(ana)
    _action, data = window.filled("Add and make a link", TYPED)
    if how == "left":
        scene.run_as_owner("UPDATE staff_sign_ins SET offboarded_at = now()")
    else:
        scene.clock.advance(hours=25)
    page = window.post(FORM, data, expect=303)
    assert page.location == f"/staff/sign-in?to={FORM}"
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0


def test_a_button_without_a_page_leads_back_to_the_page_that_it_was_on(scene: Scene, ana: Person) -> None:
    window = at_the_form(ana)
    window.get("/staff/my-page")
    action, data = window.filled("Save", {})
    scene.clock.advance(minutes=16)
    window.headers["Referer"] = "http://localhost/staff/my-page"
    page = window.post(action, data, expect=303)
    assert "to=/staff/my-page&" in page.location
    window.headers["Referer"] = "https://evil.example/pay"
    assert "to=/staff/&" in window.post(action, data, expect=303).location
