"""The demo's colleagues: set up by the real links, shown with all it takes to sign in, of no use elsewhere."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest

from demo import staff
from portal.config import Mode
from portal.identity.staff import signing_in
from portal.identity.staff.signing_in import Door, SignInRefused, Tried
from portal.identity.vault import SECOND_FACTORS, Vault
from tests.database import TestDatabase
from tests.portal.scene import Scene, make_scene, sandbox
from tests.sandbox_server import Sandbox

__all__ = ["sandbox"]
KEYS = {"username", "name", "language", "password", "totp_secret", "roles"}


@pytest.fixture
def demo(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> Scene:
    made = make_scene(db, sandbox, tmp_path, mode=Mode.DEMO)
    staff.hire(made.sessions, made.city, made.wired.door(), tmp_path, made.clock)
    return made


def test_there_is_somebody_for_each_role_and_each_gets_in_at_once(demo: Scene) -> None:
    people = demo.guest().browser.get("/demo.json").get_json()["staff"]
    assert all(set(one) == KEYS for one in people)
    held = {role for one in people for role in one["roles"]}
    assert held == {role.code for role in demo.city.staff_policy(demo.today).roles}
    assert {one["language"] for one in people} == {"en", "es"}
    for one in people:
        code = pyotp.TOTP(one["totp_secret"]).at(int(demo.clock.now().timestamp()))
        tried = Tried(one["username"], one["password"], code, "192.0.2.1", {})
        assert signing_in.sign_in(demo.sessions, demo.wired.door(), tried, demo.clock.now())
    given = demo.rows("SELECT DISTINCT a.handle FROM staff_grants g JOIN actors a ON a.id = g.granted_by ORDER BY 1")
    assert [row.handle for row in given] == ["staff:omar.haddad", "system"]
    assert demo.scalar("SELECT count(*) FROM staff_grants WHERE until_on IS NOT NULL") == 1


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_shows_the_code_of_this_moment(demo: Scene, lang: str) -> None:
    page = demo.guest(lang=lang).get("/demo")
    (ana,) = [
        one for one in demo.guest().browser.get("/demo.json").get_json()["staff"] if one["username"] == "ana.ruiz"
    ]
    totp = pyotp.TOTP(ana["totp_secret"])
    assert ana["password"] in page.text
    assert ana["totp_secret"] not in page.html
    (row,) = [row for row in page.soup.select("tr") if "ana.ruiz" in row.get_text()]
    assert totp.verify(row.select("td")[-1].get_text(strip=True), valid_window=1)


def test_a_production_lets_none_of_them_in(demo: Scene, tmp_path: Path) -> None:
    """Also beside the demo's own database: their secrets open under the demo's keys only."""
    (one, *_) = json.loads((tmp_path / "staff.json").read_text())["staff"]
    code = pyotp.TOTP(one["totp_secret"]).at(int(demo.clock.now().timestamp()))
    elsewhere = Door(
        b"another key of proofs, long enough", Vault(["another secret key, long enough"], SECOND_FACTORS)
    )
    with pytest.raises(SignInRefused):
        signing_in.sign_in(
            demo.sessions, elsewhere, Tried(one["username"], one["password"], code, "192.0.2.1", {}), demo.clock.now()
        )
    assert stat.S_IMODE((tmp_path / "staff.json").stat().st_mode) == 0o600


def test_without_a_back_office_nobody_is_shown(demo: Scene) -> None:
    from portal import create_app  # noqa: PLC0415

    settings = replace(demo.wired.settings, surfaces=("public",))
    app = create_app(settings, replace(demo.wired, settings=settings))
    assert app.test_client().get("/demo.json").get_json()["staff"] == []
