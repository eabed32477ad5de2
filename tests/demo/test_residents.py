"""The demo's residents: each gets in by what ``/demo.json`` says, and finds their accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import residents
from portal.config import Mode
from tests.database import TestDatabase
from tests.portal.scene import Scene, make_scene, sandbox
from tests.sandbox_server import Sandbox

__all__ = ["sandbox"]
WORDS = {
    "en": ("E-mail", "Password", "Sign in"),
    "es": ("Correo electrónico", "Contraseña", "Iniciar sesión"),
}


@pytest.fixture
def demo(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> Scene:
    made = make_scene(db, sandbox, tmp_path, mode=Mode.DEMO)
    late, good = {"language": "es"}, {"language": "en"}
    made.open_many(
        [("utility", (), (40_00,), dict(late))] + [("utility", (50_00,), (), dict(good)) for _ in range(6)]
    )
    made.open_many([("license", (80_00,), (), {}) for _ in range(15)] + [("citation", (45_00,), (), {})])
    residents.move_in(made.sessions, made.clock, tmp_path)
    return made


def test_each_signs_in_and_sees_what_is_said_of_them(demo: Scene) -> None:
    people = demo.guest().browser.get("/demo.json").get_json()["people"]
    counted = []
    for number, one in enumerate(people):
        browser = demo.guest(f"203.0.113.{number}", lang=one["language"])
        browser.get("/my/sign-in")
        email, password, button = WORDS[one["language"]]
        browser.submit(button, {email: one["email"], password: one["password"]}, budget=20)
        home = browser.follow()
        links = home.soup.select("main a[href^='/my/accounts/']")
        counted.append(len({str(link["href"]) for link in links} - {"/my/accounts/add"}))
    assert counted == [2, 2, 5, 15]
    page = demo.guest().get("/demo")
    assert all(one["email"] in page.text for one in people)
