"""Sign in by an OpenID provider that is not ours, over HTTP: whom it vouches for, and what it is not taken for."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from accounts.database import one_by_one, transaction
from portal import create_app
from portal.identity import oidc
from portal.identity.oidc import Provider
from portal.identity.providers import ProviderTerms
from portal.identity.staff import people
from portal.identity.staff.people import Role
from portal.identity.staff.users import who
from tests.page_client import Page, PageClient
from tests.portal.identity.people import Person, hire, sessions_running, system
from tests.portal.identity.provider import (
    CLIENT_ID,
    NAME,
    SECRET,
    RunningProvider,
    begins,
    path_of,
    running_provider,
)
from tests.portal.scene import Scene

NOT_SIGNED_IN = "You are not signed in"
SUBJECT = "3f2a-ana"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture
def office(scene: Scene, provider: RunningProvider) -> Scene:
    """The portal with that provider in its settings."""
    return with_terms(scene, provider.terms())


def with_terms(scene: Scene, *terms: ProviderTerms, **changes: Any) -> Scene:
    settings = replace(scene.wired.settings, staff_oidc=terms, **changes)
    wired = replace(scene.wired, settings=settings, _providers={})
    app: Flask = create_app(settings, wired)
    app.jinja_env.bytecode_cache = scene.app.jinja_env.bytecode_cache
    return replace(scene, app=app, wired=wired)


def linked(scene: Scene, provider: RunningProvider, *groups: str, lang: str = "en") -> Person:
    """Ana, who works here and whom the provider knows with these groups."""
    ana = hire(scene, "ana", lang)
    people.link_identity(scene.sessions, "ana", provider.issuer, SUBJECT, by=system(scene), reason="same person")
    provider.knows(SUBJECT, *groups, preferred_username="ana@city.example", name="Ana Torres")
    return ana


def comes_back(scene: Scene, provider: RunningProvider, subject: str = SUBJECT) -> tuple[PageClient, Page]:
    """A person goes to the provider's page and is sent back; nobody followed where that led."""
    window = scene.guest("192.0.2.40")
    back = provider.lets_in(begins(window), subject)
    return window, window.get(path_of(back), expect=None, budget=30)  # type: ignore[arg-type]


def roles_of_session(scene: Scene) -> list[str]:
    return list(scene.scalar("SELECT provider_roles FROM staff_sessions ORDER BY id DESC LIMIT 1"))


def test_we_ask_with_pkce_state_and_nonce_and_our_own_address(office: Scene, provider: RunningProvider) -> None:
    window = office.guest("192.0.2.40", Host="evil.example")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begins(window)).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert (asked["response_type"], asked["scope"]) == ("code", "openid profile email")
    assert asked["redirect_uri"] == "http://localhost/staff/sign-in/entra/return"
    assert min(len(asked["state"]), len(asked["nonce"])) >= 20
    again = parse_qs(urlsplit(begins(window)).query)
    assert again["state"][0] != asked["state"]
    assert again["nonce"][0] != asked["nonce"]


def test_we_come_back_to_the_office_where_it_has_an_address_of_its_own(
    scene: Scene, provider: RunningProvider
) -> None:
    office = with_terms(scene, provider.terms(), staff_base_url="https://office.example.gov")
    asked = parse_qs(urlsplit(begins(office.guest("192.0.2.40"))).query)
    assert asked["redirect_uri"] == ["https://office.example.gov/staff/sign-in/entra/return"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_linked_person_comes_in_with_the_roles_of_their_groups(
    office: Scene, provider: RunningProvider, lang: str
) -> None:
    ana = linked(office, provider, "Finance", "Somebody else's", "Mayors", lang=lang)
    window = office.guest("192.0.2.40", lang)
    back = provider.lets_in(begins(window), SUBJECT)
    page = window.get(path_of(back), expect=303, budget=30)
    assert page.location == "/staff/keys"
    window.follow()
    assert roles_of_session(office) == ["finance", "auditor"], "and no role that the city does not know"
    (line,) = office.rows("SELECT * FROM audit_entries WHERE act = 'signed-in'")
    assert (line.actor_id, line.details) == (ana.actor_id, {"method": NAME, "roles": ["finance", "auditor"]})
    assert office.scalar("SELECT count(*) FROM staff_grants") == 0
    window.submit("Sign out" if lang == "en" else "Cerrar sesión")
    assert sessions_running(office) == 0


def test_a_group_that_was_taken_away_is_gone_at_the_next_sign_in(office: Scene, provider: RunningProvider) -> None:
    linked(office, provider, "Finance")
    comes_back(office, provider)
    provider.knows(SUBJECT)
    window, _ = comes_back(office, provider)
    assert roles_of_session(office) == []
    window.get("/staff/keys")


def test_grants_and_groups_add_up(office: Scene, provider: RunningProvider) -> None:
    linked(office, provider, "Finance")
    people.give_role(
        office.sessions, office.city, "ana", Role("clerk", office.today), by=system(office), reason="hired"
    )
    window, _ = comes_back(office, provider)
    with window.browser.session_transaction() as kept:
        token = kept["_user_id"]
    with one_by_one(office.sessions) as reader:
        known = who(reader, token, office.city, office.clock.now(), office.today)
    assert known.user is not None
    assert set(known.user.roles) == {"clerk", "finance", "auditor"}
    assert known.user.method == NAME


def refused(office: Scene, page: Page, status: int, why: str) -> None:
    assert (page.status, page.heading) == (status, NOT_SIGNED_IN), page.text
    assert sessions_running(office) == 0
    assert office.scalar("SELECT count(*) FROM staff_sign_ins WHERE username <> 'ana'") == 0
    reasons = [
        row.details["reasons"] for row in office.rows("SELECT * FROM audit_entries WHERE act = 'input-refused'")
    ]
    assert [why] in reasons


def test_an_unknown_subject_is_nobody_though_the_mail_is_the_same(office: Scene, provider: RunningProvider) -> None:
    hire(office, "ana")
    office.run_as_owner("UPDATE staff_sign_ins SET email = 'ana@city.example'")
    provider.knows("somebody-else", "Finance", email="ana@city.example", email_verified=True)
    _, page = comes_back(office, provider, "somebody-else")
    refused(office, page, 403, "IdentityUnknown")
    assert "somebody-else" in page.text, "what an administrator needs to link them"
    (line,) = office.rows("SELECT details FROM audit_entries WHERE act = 'sign-in-refused'")
    assert line.details == {"why": "IdentityUnknown", "method": NAME}


def test_who_left_is_unknown_also_to_their_provider(office: Scene, provider: RunningProvider) -> None:
    linked(office, provider, "Finance")
    people.offboard(
        office.sessions, office.city, "ana", by=system(office), reason="left", today=office.today,
        now=office.clock.now(),
    )  # fmt: skip
    _, page = comes_back(office, provider)
    refused(office, page, 403, "IdentityUnknown")


def test_a_state_that_is_not_this_browsers_is_refused(office: Scene, provider: RunningProvider) -> None:
    linked(office, provider)
    back = provider.lets_in(begins(office.guest("192.0.2.40")), SUBJECT)
    stranger = office.guest("198.51.100.9")
    page = stranger.get(path_of(back), expect=422)
    refused(office, page, 422, "ProviderRefused")
    window = office.guest("192.0.2.40")
    begins(window)
    refused(office, window.get(path_of(back), expect=422), 422, "ProviderRefused")


def test_an_answer_is_good_once(office: Scene, provider: RunningProvider) -> None:
    linked(office, provider)
    window = office.guest("192.0.2.40")
    back = path_of(provider.lets_in(begins(window), SUBJECT))
    with window.browser.session_transaction() as kept:
        before = dict(kept)
    window.get(back, expect=303, budget=30)
    office.run_as_owner("UPDATE staff_sessions SET ended_at = now()")
    refused(office, window.get(back, expect=422), 422, "ProviderRefused")
    with window.browser.session_transaction() as kept:
        kept.clear()
        kept.update(before)
    refused(office, window.get(back, expect=422), 422, "ProviderRefused")


@pytest.mark.parametrize(("what", "changed"), [("nonce", "another nonce of twenty"), ("began_at", 0)])
def test_another_nonce_or_too_long_on_the_way_is_no_sign_in(
    office: Scene, provider: RunningProvider, what: str, changed: object
) -> None:
    linked(office, provider)
    window = office.guest("192.0.2.40")
    back = path_of(provider.lets_in(begins(window), SUBJECT))
    with window.browser.session_transaction() as kept:
        (key,) = [key for key in kept if key.startswith("_state_")]
        kept[key] = {**kept[key], "data": {**kept[key]["data"], what: changed}}
    refused(office, window.get(back, expect=422), 422, "ProviderRefused")


def test_the_code_is_sent_with_the_verifier_of_its_challenge_and_with_our_secret(
    office: Scene, provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This provider does not look at them, so we do."""
    linked(office, provider)
    sent: list[PreparedRequest] = []
    send = HTTPAdapter.send

    def note(self: HTTPAdapter, prepared: PreparedRequest, **named: Any) -> Any:
        sent.append(prepared)
        assert named["timeout"], "a provider that does not answer must not hold us"
        return send(self, prepared, **named)

    monkeypatch.setattr(HTTPAdapter, "send", note)
    window = office.guest("192.0.2.40")
    asked = begins(window)
    challenge = parse_qs(urlsplit(asked).query)["code_challenge"][0]
    monkeypatch.undo()
    back = path_of(provider.lets_in(asked, SUBJECT))
    monkeypatch.setattr(HTTPAdapter, "send", note)
    window.get(back, expect=303, budget=30)
    (token,) = [each for each in sent if each.method == "POST"]
    body = parse_qs(token.body if isinstance(token.body, str) else (token.body or b"").decode())
    digest = hashlib.sha256(body["code_verifier"][0].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
    assert body["redirect_uri"] == ["http://localhost/staff/sign-in/entra/return"]
    assert base64.b64decode(token.headers["Authorization"].split()[1]) == f"{CLIENT_ID}:{SECRET}".encode()


def test_an_expired_token_is_refused(scene: Scene, tmp_path: Path) -> None:
    with running_provider(tmp_path, token_max_age="-600") as late:
        office = with_terms(scene, late.terms())
        linked(office, late)
        _, page = comes_back(office, late)
        refused(office, page, 422, "ProviderRefused")


def forged(token: str, how: str) -> str:
    head, body, seal = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    if how == "signature":
        return f"{head}.{body}.{('A' if seal[0] != 'A' else 'B') + seal[1:]}"
    if how == "none":
        return f"{coded({'alg': 'none', 'typ': 'JWT'})}.{body}."
    if how == "groups":
        return f"{head}.{coded({**claims, 'groups': ['Finance']})}.{seal}"
    return f"{coded({'alg': 'HS256', 'typ': 'JWT'})}.{body}.{seal}"


def coded(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("how", ["signature", "none", "groups", "hmac"])
def test_a_token_that_was_changed_on_its_way_is_refused(
    office: Scene, provider: RunningProvider, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(office, provider)
    fetch = Provider.fetch_access_token

    def between(self: Provider, *given: Any, **named: Any) -> dict[str, Any]:
        told = dict(fetch(self, *given, **named))
        return {**told, "id_token": forged(told["id_token"], how)}

    monkeypatch.setattr(Provider, "fetch_access_token", between)
    _, page = comes_back(office, provider)
    refused(office, page, 422, "ProviderRefused")


def test_a_token_for_another_application_or_without_identity_is_refused(
    office: Scene, provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(office, provider)
    window = office.guest("192.0.2.40")
    back = path_of(provider.lets_in(begins(window), SUBJECT))
    monkeypatch.setattr(
        office.wired.provider(NAME), "terms", provider.terms(client_id="another-application"), raising=True
    )
    refused(office, window.get(back, expect=422), 422, "ProviderRefused")
    monkeypatch.undo()
    fetch = Provider.fetch_access_token
    monkeypatch.setattr(
        Provider,
        "fetch_access_token",
        lambda self, *given, **named: {
            name: value for name, value in fetch(self, *given, **named).items() if name != "id_token"
        },
    )
    _, page = comes_back(office, provider)
    refused(office, page, 422, "ProviderRefused")


def test_a_token_of_another_provider_is_refused(office: Scene, provider: RunningProvider, tmp_path: Path) -> None:
    """Right in all but who made it: another issuer's token comes back where ours was asked for."""
    linked(office, provider)
    with running_provider(tmp_path) as other:
        other.knows(SUBJECT, "Finance")
        window = office.guest("192.0.2.40")
        page = begins(window)
        theirs = f"{other.issuer}{path_of(page)}"
        back = path_of(other.lets_in(theirs, SUBJECT))
        refused(office, window.get(back, expect=422), 422, "ProviderRefused")
        begins(window)
        named = f"{path_of(provider.lets_in(begins(window), SUBJECT))}&iss={other.issuer}"
        refused(office, window.get(named, expect=422), 422, "ProviderRefused")


def test_who_gives_up_at_the_provider_is_told_so(office: Scene, provider: RunningProvider) -> None:
    linked(office, provider)
    window = office.guest("192.0.2.40")
    back = path_of(provider.turns_away(begins(window)))
    refused(office, window.get(back, expect=422), 422, "ProviderRefused")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_provider_that_is_away_is_named_in_a_sentence_and_passwords_still_work(scene: Scene, lang: str) -> None:
    gone = RunningProvider("http://localhost:9")
    office = with_terms(scene, gone.terms())
    ana = hire(office, "ana", lang)
    window = office.guest("192.0.2.40", lang)
    window.get("/staff/sign-in")
    page = window.get(f"/staff/sign-in/{NAME}", expect=503)
    assert ("password" if lang == "en" else "contraseña") in page.text
    assert ana.enter().token


def test_a_discovery_of_somebody_else_is_not_believed(scene: Scene, provider: RunningProvider) -> None:
    office = with_terms(scene, provider.terms(issuer=f"{provider.issuer}/"))
    office.guest("192.0.2.40").get(f"/staff/sign-in/{NAME}", expect=503)
    assert scene.scalar("SELECT count(*) FROM staff_sessions") == 0


def test_there_is_no_provider_that_nobody_named(office: Scene) -> None:
    for path in ("/staff/sign-in/okta", "/staff/sign-in/okta/return?code=1&state=2"):
        office.guest("192.0.2.40").get(path, expect=404)


def test_the_first_who_comes_with_a_group_is_taken_on_once(scene: Scene, provider: RunningProvider) -> None:
    office = with_terms(scene, provider.terms(join="groups"))
    hire(office, "rosa")
    claims = {"preferred_username": "Rosá@city.example", "name": "Rosa Ñúñez", "email": "rosa@city.example"}
    provider.knows("rosa-1", "City Clerks", **claims)
    for _ in range(2):
        comes_back(office, provider, "rosa-1")
    rows = office.rows("SELECT i.username, a.display_name, i.password_hash FROM staff_sign_ins i"
                       " JOIN actors a ON a.id = i.actor_id ORDER BY i.id")  # fmt: skip
    assert [(row.username, row.display_name) for row in rows] == [("rosa", "Ana Torres"), ("rosa-2", "Rosa Ñúñez")]
    assert rows[1].password_hash == ""
    assert roles_of_session(office) == ["clerk"]
    acts = [
        row.act for row in office.rows("SELECT act FROM audit_entries WHERE details ->> 'reason' = 'came by entra'")
    ]
    assert acts == ["staff-added", "identity-linked"]


@pytest.mark.parametrize("groups", [(), ("Somebody else's",), ("Mayors",)])
def test_who_has_no_group_of_ours_is_not_taken_on(
    scene: Scene, provider: RunningProvider, groups: tuple[str, ...]
) -> None:
    office = with_terms(scene, provider.terms(join="groups"))
    provider.knows("rosa-2", *groups)
    _, page = comes_back(office, provider, "rosa-2")
    refused(office, page, 403, "IdentityUnknown")


def test_no_transaction_is_open_while_a_provider_is_asked(office: Scene) -> None:
    known = office.wired.provider(NAME)
    assert known is not None
    with office.app.test_request_context("/staff/sign-in/entra"), transaction(office.sessions):
        for ask in (lambda: oidc.begin(known, "http://localhost/back", ""), lambda: oidc.finish(known)):
            with pytest.raises(RuntimeError, match="network call inside a transaction"):
                ask()


def test_no_secret_and_no_token_is_logged(
    office: Scene, provider: RunningProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    linked(office, provider)
    window = office.guest("192.0.2.40")
    back = provider.lets_in(begins(window), SUBJECT)
    window.get(path_of(back), expect=303, budget=30)
    window.get(path_of(back), expect=422)
    said = "".join(capsys.readouterr())
    code = parse_qs(urlsplit(back).query)["code"][0]
    for secret in (code, SUBJECT, SECRET):
        assert secret not in said
