"""``ventanilla staff``: the first administrator, and everybody after them by an administrator's word."""

from __future__ import annotations

import re

import pytest

from portal.cli import main
from portal.identity.staff import invitations, signing_in
from portal.identity.staff.signing_in import Door, Tried
from portal.identity.vault import SECOND_FACTORS, Vault
from tests.portal.scene import PROOF_KEY, Scene

SECRET = "s" * 40
PASSWORD = "ocho tazas verdes cantan"


@pytest.fixture(autouse=True)
def environment(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line beside the scene's database."""
    for name, value in {
        "MODE": "test", "DATABASE_URL": scene.db.app_url, "SECRET_KEY": SECRET, "PROOF_KEY": PROOF_KEY,
        "BASE_URL": "http://pay.example", "STAFF_BASE_URL": "http://office.example",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("portal.logs.configure", lambda *_: None)


def door() -> Door:
    return Door(PROOF_KEY.encode(), Vault([SECRET], SECOND_FACTORS))


def add(username: str, *more: str) -> int:
    return main(["staff", "add", username, "--name", f"{username.title()} Torres", *more])


def token_in(said: str) -> str:
    (found,) = re.findall(r"http://office\.example/staff/invitations/(\S+)", said)
    return str(found)


def set_up(scene: Scene, token: str) -> str:
    import pyotp  # noqa: PLC0415

    secret = invitations.invitation(scene.sessions, door(), token, scene.clock.now()).totp_secret
    code = pyotp.TOTP(secret).at(int(scene.clock.now().timestamp()))
    invitations.accept(scene.sessions, door(), token, PASSWORD, code, now=scene.clock.now())
    return secret


def test_the_first_is_an_administrator_and_signs_in_by_the_printed_link(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyotp  # noqa: PLC0415

    assert add("ben", "--role", "clerk") == 1
    assert "NobodyAdministers: nobody administers here yet: first add somebody with the role administrator" in (
        capsys.readouterr().err
    )
    assert scene.scalar("SELECT count(*) FROM staff_sign_ins") == 0
    assert add("ana", "--role", "administrator", "--language", "es", "--email", "ana@city.example") == 0
    secret = set_up(scene, token_in(capsys.readouterr().out))
    scene.clock.advance(minutes=1)
    code = pyotp.TOTP(secret).at(int(scene.clock.now().timestamp()))
    tried = Tried("ana", PASSWORD, code, "192.0.2.1", {})
    assert signing_in.sign_in(scene.sessions, door(), tried, scene.clock.now()).language == "es"
    (grant,) = scene.rows("SELECT g.*, a.handle FROM staff_grants g JOIN actors a ON a.id = g.granted_by")
    assert (grant.handle, grant.role, grant.until_on, grant.reason) == (
        "system", "administrator", None, "the first administrator",
    )  # fmt: skip


def test_everybody_after_the_first_is_added_by_an_administrator(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    add("ana", "--role", "administrator")
    assert add("ben", "--role", "administrator") == 1
    assert "SayWho" in capsys.readouterr().err
    assert add("ben", "--role", "clerk", "--by", "eva") == 1
    assert "NotFound" in capsys.readouterr().err
    assert add("ben", "--role", "clerk", "--by", "ana") == 0
    assert add("eva", "--role", "clerk", "--by", "ben") == 1
    assert "NotAllowed" in capsys.readouterr().err
    assert add("ben", "--by", "ana") == 1
    assert "UsernameTaken" in capsys.readouterr().err
    assert scene.scalar("SELECT count(*) FROM staff_sign_ins") == 2


def test_roles_are_granted_and_ended_for_days_with_reasons(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    add("ana", "--role", "administrator")
    add("ben", "--by", "ana")
    grant = ["staff", "grant", "ben", "supervisor", "--until", "2999-12-31", "--reason", "covers"]
    assert main(grant) == 1
    assert main([*grant, "--by", "ben"]) == 1
    assert main([*grant, "--by", "ana"]) == 0
    assert main([*grant, "--by", "ana"]) == 1
    assert "RoleHeld" in capsys.readouterr().err
    assert main(["staff", "grant", "ana", "finance", "--reason", "me", "--by", "ana"]) == 1
    assert "SamePerson" in capsys.readouterr().err
    main(["staff", "list"])
    assert re.search(r"^ben +Ben Torres +supervisor +not set up yet$", capsys.readouterr().out, re.MULTILINE)
    end = ["staff", "end-grant", "ben", "supervisor", "--reason", "Eva is back", "--by", "ana"]
    assert main(end) == 0
    assert main(end) == 1
    assert "NotFound" in capsys.readouterr().err
    ending = ["staff", "end-grant", "ana", "administrator", "--reason", "leaves", "--by", "ana"]
    assert main(ending) == 1
    assert "LastAdministrator" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["staff", "grant", "ben", "clerk", "--until", "soon", "--reason", "x", "--by", "ana"])


def test_a_lost_way_in_is_made_anew_by_who_has_the_machine(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    add("ana", "--role", "administrator")
    set_up(scene, token_in(capsys.readouterr().out))
    for act, keeps in (("reset-second-factor", True), ("reset-password", False)):
        assert main(["staff", act, "ana", "--reason", "lost"]) == 0
        token = token_in(capsys.readouterr().out)
        held = invitations.invitation(scene.sessions, door(), token, scene.clock.now())
        assert held.keeps_password is keeps
        set_up(scene, token)
    acts = [
        row.act for row in scene.rows("SELECT act FROM audit_entries WHERE details ->> 'reason' = 'lost' ORDER BY id")
    ]
    assert acts == ["second-factor-reset", "sign-in-reset"]


def test_who_leaves_is_listed_apart_and_identities_are_linked(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    add("ana", "--role", "administrator")
    add("ben", "--role", "clerk", "--by", "ana")
    assert main(["staff", "link", "ben", "https://login.example", "3f2a", "--by", "ana"]) == 0
    assert main(["staff", "link", "ana", "https://login.example", "3f2a", "--by", "ana"]) == 1
    assert main(["staff", "offboard", "ana", "--reason", "left", "--by", "ana"]) == 1
    assert main(["staff", "offboard", "ben", "--reason", "left", "--by", "ana"]) == 0
    capsys.readouterr()
    main(["staff", "list"])
    assert capsys.readouterr().out.splitlines()[-1] == "1 people."
    main(["staff", "list", "--left"])
    assert "ben" in capsys.readouterr().out


def test_links_need_the_keys_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "")
    with pytest.raises(SystemExit, match="SECRET_KEY must have at least 32 characters"):
        add("ana", "--role", "administrator")
