"""Signing in, taking turns, running out of time: by a browser without JavaScript, in both languages."""

from __future__ import annotations

import re

import pyotp
import pytest

from portal.identity.staff import people
from portal.identity.staff.people import NewPerson
from tests.page_client import PageClient
from tests.portal.identity.people import PASSWORD, Person, hire, system
from tests.portal.scene import Scene
from tests.portal.staff.people import WINDOW, staff_of


def typed(person: Person, password: str = PASSWORD, code: str | None = None) -> dict[str, str | bool]:
    return {
        "User name": person.username,
        "Password": password,
        "Code": person.code() if code is None else code,
    }


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_stranger_is_asked_who_is_there_and_comes_back(scene: Scene, lang: str) -> None:
    ana = hire(scene, "ana", lang)
    window = scene.guest(WINDOW, lang)
    page = window.get("/staff/keys", expect=303)
    assert page.location.startswith("/staff/sign-in?")
    window.follow()
    words = typed(ana) if lang == "en" else {"Nombre de usuario": "ana", "Contraseña": PASSWORD, "Código": ana.code()}
    window.submit("Sign in" if lang == "en" else "Iniciar sesión", words, budget=30)
    assert window.page is not None
    assert window.page.location == "/staff/keys"
    assert window.follow().heading == ("Keys" if lang == "en" else "Teclas")


def test_a_wrong_code_keeps_the_name_and_never_shows_the_password(scene: Scene) -> None:
    ana = hire(scene, "ana")
    window = scene.guest(WINDOW)
    window.get("/staff/sign-in")
    page = window.submit("Sign in", typed(ana, code="000000"), expect=422, budget=30)
    assert page.errors == ["That did not fit. Check your user name, your password and the code, then try again."]
    assert 'value="ana"' in page.html
    assert PASSWORD not in page.html
    assert scene.scalar("SELECT count(*) FROM staff_sessions") == 0


def test_people_take_turns_at_a_window_by_password_alone(scene: Scene) -> None:
    ana, ben = hire(scene, "ana"), hire(scene, "ben")
    window = scene.guest(WINDOW)
    for person in (ana, ben):
        window.get("/staff/sign-in")
        window.submit("Sign in", typed(person), budget=30)
        window.follow()
        window.submit("Change user")
    page = window.follow()
    assert "Leave it empty if you gave one at this window today." in page.text
    window.submit("Sign in", typed(ana, code=""), budget=30)
    assert window.follow().heading == "Today"
    window.submit("Sign out")
    scene.clock.advance(hours=11)
    window.get("/staff/sign-in")
    window.submit("Sign in", typed(ana, code=""), expect=422, budget=30)


def test_changing_user_ends_the_session_and_comes_back_to_the_same_page(scene: Scene) -> None:
    window = staff_of(scene, "clerk", name="ana")
    window.get("/staff/keys")
    page = window.submit("Change user")
    assert page.location == "/staff/sign-in?to=/staff/keys"
    assert scene.scalar("SELECT count(*) FROM staff_sessions WHERE ended_at IS NULL") == 0
    window.get("/staff/keys", expect=303)


@pytest.mark.parametrize(("minutes", "steps"), [(16, 1), (14, 50)])
def test_a_screen_that_nobody_uses_and_a_day_that_is_too_long_end(scene: Scene, minutes: int, steps: int) -> None:
    window = staff_of(scene, "clerk")
    for _ in range(steps):
        scene.clock.advance(minutes=minutes)
        page = window.get("/staff/keys", expect=None)  # type: ignore[arg-type]
        if page.status == 303:
            break
    assert page.status == 303
    assert "Nobody used this screen" in window.follow().text


def test_a_screen_that_is_used_stays_open(scene: Scene) -> None:
    window = staff_of(scene, "clerk")
    for _ in range(4):
        scene.clock.advance(minutes=14)
        window.get("/staff/keys")


def test_who_left_is_out_at_once_on_every_screen(scene: Scene) -> None:
    window = staff_of(scene, "clerk", name="ana")
    window.get("/staff/")
    people.offboard(
        scene.sessions, scene.city, "ana", by=system(scene), reason="moved", today=scene.today, now=scene.clock.now()
    )
    window.get("/staff/", expect=303)


def test_a_link_sets_up_password_and_app_and_then_is_over(scene: Scene) -> None:
    invited = people.add_person(
        scene.sessions, scene.wired.door(), scene.city, NewPerson("ana", "Ana Torres"), by=system(scene),
        now=scene.clock.now(),
    )  # fmt: skip
    window = scene.guest(WINDOW)
    page = window.get(f"/staff/invitations/{invited.token}")
    secret = re.sub(r"\s", "", page.soup.select_one("code").get_text())  # type: ignore[union-attr]
    code = pyotp.TOTP(secret).at(int(scene.clock.now().timestamp()))
    weak = window.submit("Finish", {"Password": "passwordpassword", "Code": code}, expect=422)
    assert "easy to guess" in weak.errors[0]
    done = window.submit("Finish", {"Password": PASSWORD, "Code": code}, expect=200)
    codes = [item.get_text() for item in done.soup.select(".codes code")]
    assert len(codes) == 10
    window.get(f"/staff/invitations/{invited.token}", expect=404)
    window.get("/staff/sign-in")
    window.submit("Sign in", {"User name": "ana", "Password": PASSWORD, "Code": codes[0]}, budget=30)
    assert window.follow().heading == "Today"


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example", "//elsewhere.example", "/pay", "/staff\\@elsewhere", "x"]
)
def test_a_sign_in_never_sends_anybody_elsewhere(scene: Scene, to: str) -> None:
    ana = hire(scene, "ana")
    window = scene.guest(WINDOW)
    window.browser.get("/staff/sign-in", query_string={"to": to})
    window.get("/staff/sign-in")
    action, data = window.filled("Sign in", typed(ana))
    page = window.post(action, {**data, "to": to}, expect=303, budget=30)
    assert page.location == "/staff/"


def test_the_next_person_cannot_send_what_the_last_one_left_open(scene: Scene) -> None:
    window = staff_of(scene, "clerk", name="ana")
    window.get("/staff/keys")
    _action, data = window.filled("Switch these keys off", {})
    window.submit("Change user")
    ben = hire(scene, "ben")
    window.follow()
    window.submit("Sign in", typed(ben), budget=30)
    window.post("/staff/keys", data, expect=400)


def test_keys_of_one_letter_can_be_switched_off(scene: Scene) -> None:
    window = staff_of(scene, "clerk")
    assert "data-keys-off" not in window.get("/staff/keys").html
    window.submit("Switch these keys off")
    assert "data-keys-off" in window.follow().html
    window.submit("Switch these keys on")
    assert "data-keys-off" not in window.follow().html


def test_sign_in_is_not_logged_with_what_was_typed(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    ana = hire(scene, "ana")
    window = scene.guest(WINDOW)
    window.get("/staff/sign-in")
    window.submit("Sign in", typed(ana), budget=30)
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert ana.secret not in said.out + said.err


def test_pages_of_the_back_office_need_the_cookie_and_say_no_store(scene: Scene) -> None:
    page: PageClient = scene.guest(WINDOW)
    answer = page.get("/staff/", expect=303)
    assert answer.headers["Cache-Control"] == "no-store"
