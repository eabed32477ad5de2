"""Residents by an OpenID provider that is not ours, over HTTP: a sign-in of their own, or one more way into one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from portal import create_app
from portal.identity.providers import RESIDENTS, ProviderTerms
from tests.page_client import Page, PageClient
from tests.portal.identity.provider import CLIENT_ID, SECRET, RunningProvider, path_of, running_provider
from tests.portal.resident.people import resident_of, signed_in
from tests.portal.scene import Scene

NAME = "login-gov"
SUBJECT = "b2d2d115-1d7e-4579-b9d6-f8e84f4f56ca"
PAGE = "/my/your-sign-in"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


def with_residents(scene: Scene, *terms: ProviderTerms) -> Scene:
    settings = replace(scene.wired.settings, resident_oidc=terms)
    wired = replace(scene.wired, settings=settings, _providers={})
    app = create_app(settings, wired)
    app.jinja_env.bytecode_cache = scene.app.jinja_env.bytecode_cache
    return replace(scene, app=app, wired=wired)


def terms_of(provider: RunningProvider) -> ProviderTerms:
    return ProviderTerms(
        name=NAME, label="Login.gov", issuer=provider.issuer, client_id=CLIENT_ID, client_secret=SECRET,
        family=RESIDENTS, acr_values="urn:acr.login.gov:auth-only",
    )  # fmt: skip


@pytest.fixture
def city(scene: Scene, provider: RunningProvider) -> Scene:
    provider.knows(SUBJECT, email="ana@example.com", email_verified=True)
    return with_residents(scene, terms_of(provider))


def begins(client: PageClient, to: str = "/my") -> str:
    """Press the provider's button; the address of its page."""
    page = client.get(f"/my/sign-in?to={to}")
    (button,) = [link for link in page.soup.select("main a") if "Login.gov" in link.get_text()]
    return client.get(str(button["href"]), expect=303).location


def comes_back(scene: Scene, provider: RunningProvider, expect: int = 303) -> tuple[PageClient, Page]:
    client = scene.guest()
    back = provider.lets_in(begins(client), SUBJECT)
    return client, client.get(path_of(back), expect=expect, budget=30)


def adds(client: PageClient, provider: RunningProvider, subject: str = SUBJECT, expect: int = 303) -> Page:
    client.get(PAGE)
    there = client.submit("Add Login.gov").location
    return client.get(path_of(provider.lets_in(there, subject)), expect=expect, budget=30)


def people(scene: Scene) -> list[str | None]:
    return [row.email for row in scene.rows("SELECT email FROM resident_sign_ins ORDER BY id")]


def test_we_ask_with_pkce_and_for_what_the_settings_say(city: Scene) -> None:
    asked = parse_qs(urlsplit(begins(city.guest())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["acr_values"] == ["urn:acr.login.gov:auth-only"]
    assert asked["redirect_uri"] == [f"http://localhost/my/providers/{NAME}/return"]


def test_the_first_time_makes_a_sign_in_of_its_own_and_the_next_finds_it(
    city: Scene, provider: RunningProvider
) -> None:
    for _ in range(2):
        client, page = comes_back(city, provider)
        assert page.location == "/my"
        client.follow()
    assert people(city) == [None], "what a provider says of an address proves nothing here"
    assert city.scalar("SELECT method FROM resident_sessions ORDER BY id DESC LIMIT 1") == NAME
    handle = city.scalar("SELECT handle FROM actors WHERE kind = 'resident'")
    assert handle.startswith("resident:")
    assert SUBJECT not in handle


def test_it_is_never_joined_to_who_has_the_same_address(city: Scene, provider: RunningProvider) -> None:
    before = signed_in(city.sessions, city.clock, "ana@example.com")
    comes_back(city, provider)
    assert people(city) == ["ana@example.com", None]
    assert city.scalar("SELECT sign_in_id FROM resident_identities") != before.sign_in_id


def test_who_is_signed_in_adds_it_and_signs_in_by_it_and_removes_it(city: Scene, provider: RunningProvider) -> None:
    client = resident_of(city)
    assert adds(client, provider).location == PAGE
    assert "You can sign in that way from now on." in client.follow().text
    comes_back(city, provider)
    assert people(city) == ["ana@example.com"]
    city.run_jobs()
    assert [str(mail["Subject"]) for mail in city.outbox.mails] == ["Your sign-in was changed"]
    client.get(PAGE)
    client.submit("Remove Login.gov")
    comes_back(city, provider)
    assert people(city) == ["ana@example.com", None]


def test_an_identity_of_another_sign_in_is_not_moved(city: Scene, provider: RunningProvider) -> None:
    comes_back(city, provider)
    client = resident_of(city)
    page = adds(client, provider, expect=409)
    assert "belongs to another sign-in" in page.text
    assert city.scalar("SELECT count(*) FROM resident_identities") == 1


def test_the_last_way_in_cannot_be_removed(city: Scene, provider: RunningProvider) -> None:
    client, _ = comes_back(city, provider)
    page = client.get(PAGE)
    assert "Not given yet" in page.text
    refused = client.submit("Remove Login.gov", expect=409)
    assert "could not sign in any more" in refused.text
    assert city.scalar("SELECT count(*) FROM resident_identities") == 1


def test_an_address_is_added_by_one_link_as_there_is_no_old_one(city: Scene, provider: RunningProvider) -> None:
    client, _ = comes_back(city, provider)
    client.get(f"{PAGE}/e-mail")
    client.submit("Send the link", {"E-mail": "ana@example.com"}, budget=20)
    city.run_jobs()
    (mail,) = city.outbox.mails
    path = next("/" + word.split("/", 3)[3] for word in str(mail).split() if "/my/links/" in word)
    mailbox = city.guest("192.0.2.9")
    mailbox.get(path)
    assert mailbox.submit("Yes, that was me", expect=200, budget=20).heading == "Your address is changed"
    assert people(city) == ["ana@example.com"]


def test_what_was_begun_in_another_session_adds_nothing(city: Scene, provider: RunningProvider) -> None:
    """Somebody leaves the screen in between, and another person signs in at it."""
    client = resident_of(city, "ana@example.com")
    client.get(PAGE)
    there = client.submit("Add Login.gov").location
    eve = signed_in(city.sessions, city.clock, "eve@example.com")
    client.browser.set_cookie("ventanilla-my", eve.token)
    page = client.get(path_of(provider.lets_in(there, SUBJECT)), expect=422)
    assert page.heading == "That did not work"
    assert city.scalar("SELECT count(*) FROM resident_identities") == 0


def test_staff_and_residents_have_providers_of_their_own(city: Scene, provider: RunningProvider) -> None:
    city.guest().get(f"/staff/sign-in/{NAME}", expect=404)
    city.guest().get("/my/providers/entra", expect=404)
    client = city.guest()
    back = path_of(provider.lets_in(begins(client), SUBJECT)).split("?")[1]
    client.get(f"/staff/sign-in/{NAME}/return?{back}", expect=404)
    assert city.scalar("SELECT count(*) FROM resident_sessions") == 0


def test_a_provider_that_is_away_is_named_in_a_sentence(scene: Scene) -> None:
    city = with_residents(scene, terms_of(RunningProvider("http://localhost:9")))
    page = city.guest().get(f"/my/providers/{NAME}", expect=503)
    assert page.heading == "That did not work"


def test_the_second_step_is_asked_for_after_a_provider_too(city: Scene, provider: RunningProvider) -> None:
    comes_back(city, provider)
    city.run_as_owner("UPDATE resident_sign_ins SET asks_second = true")
    client, page = comes_back(city, provider)
    assert page.location == "/my/sign-in/code"
    client.get("/my", expect=303)
