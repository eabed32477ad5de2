"""Sign-in against a certified OpenID provider (``oidc-provider`` of npm), which looks at what the other one does not.

``make clients`` installs it.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import RSAKey

from portal import create_app
from portal.identity.providers import RESIDENTS, ProviderTerms
from portal.identity.staff import people
from tests.contract.other_clients import CLIENTS, MODULES, PATH, node
from tests.page_client import PageClient
from tests.portal.identity.people import hire, sessions_running, system
from tests.portal.identity.provider import CLIENT_ID, SECRET, RunningProvider, begins, path_of
from tests.portal.scene import Scene, sandbox, scene

__all__ = ["sandbox", "scene"]
ADDRESS = "http://localhost/staff/sign-in/entra/return"
RESIDENTS_ADDRESS = "http://localhost/my/providers/login-gov/return"


@contextmanager
def certified(address: str = ADDRESS, *key: str) -> Iterator[RunningProvider]:
    """The provider, in a process of its own."""
    if not (MODULES / "oidc-provider").exists():
        pytest.skip("The OpenID provider is not installed here: run `make clients`.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [node(), "provider.mjs", str(port), CLIENT_ID, SECRET, address, *key]
    process = subprocess.Popen(
        command, cwd=CLIENTS, env={"PATH": PATH}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        assert any(line.strip() == "ready" for line in process.stdout), "it did not start"
        yield RunningProvider(f"http://localhost:{port}")
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with certified() as running:
        yield running


def office_of(scene: Scene, provider: RunningProvider, **changes: object) -> Scene:
    settings = replace(scene.wired.settings, staff_oidc=(provider.terms(**changes),))
    wired = replace(scene.wired, settings=settings, _providers={})
    made = replace(scene, app=create_app(settings, wired), wired=wired)
    hire(made, "ana")
    people.link_identity(made.sessions, "ana", provider.issuer, "ana", by=system(made))
    return made


def lets_in(page: str, subject: str, address: str = ADDRESS) -> str:
    """Sign in and agree on the provider's own pages; where it sends the person back to."""
    browser = requests.Session()
    answer = browser.get(page, timeout=20, allow_redirects=False)
    for _ in range(12):
        if answer.is_redirect:
            url = urljoin(answer.url, answer.headers["Location"])
            if url.startswith(address):
                return url
            answer = browser.get(url, timeout=20, allow_redirects=False)
            continue
        assert answer.status_code == 200, answer.text
        form: Any = BeautifulSoup(answer.text, "html.parser").form
        typed = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[name]")}
        typed |= {"login": subject, "password": "anything"} if "login" in typed else {}
        answer = browser.post(urljoin(answer.url, form["action"]), data=typed, timeout=20, allow_redirects=False)
    raise AssertionError("the provider sends nobody back")


def changed(window: PageClient, **values: str) -> None:
    """What this browser remembers of the sign-in that it began, otherwise."""
    with window.browser.session_transaction() as kept:
        (key,) = [key for key in kept if key.startswith("_state_")]
        kept[key] = {**kept[key], "data": {**kept[key]["data"], **values}}


def test_a_person_comes_in_with_the_role_of_their_group(scene: Scene, provider: RunningProvider) -> None:
    office = office_of(scene, provider)
    window = office.guest("192.0.2.40")
    back = path_of(lets_in(begins(window), "ana"))
    assert "iss=" in back
    assert window.get(back, expect=303, budget=30).location == "/staff/keys"
    assert office.scalar("SELECT provider_roles FROM staff_sessions") == ["clerk"]


def test_a_code_is_good_once_also_for_who_kept_the_cookie(scene: Scene, provider: RunningProvider) -> None:
    office = office_of(scene, provider)
    window = office.guest("192.0.2.40")
    back = path_of(lets_in(begins(window), "ana"))
    with window.browser.session_transaction() as kept:
        before = dict(kept)
    window.get(back, expect=303, budget=30)
    with window.browser.session_transaction() as kept:
        kept.clear()
        kept.update(before)
    window.get(back, expect=422)
    assert sessions_running(office) == 1


@pytest.mark.parametrize("what", ["code_verifier", "nonce", "redirect_uri"])
def test_what_was_begun_otherwise_is_refused(scene: Scene, provider: RunningProvider, what: str) -> None:
    office = office_of(scene, provider)
    window = office.guest("192.0.2.40")
    back = path_of(lets_in(begins(window), "ana"))
    changed(window, **{what: f"http://localhost/{'x' * 43}"})
    window.get(back, expect=422)
    assert sessions_running(office) == 0


def test_a_wrong_secret_of_ours_lets_nobody_in(scene: Scene, provider: RunningProvider) -> None:
    office = office_of(scene, provider, client_secret="another secret")
    window = office.guest("192.0.2.40")
    back = path_of(lets_in(begins(window), "ana"))
    window.get(back, expect=422)
    assert sessions_running(office) == 0


def test_a_subject_that_nobody_linked_is_turned_away(scene: Scene, provider: RunningProvider) -> None:
    office = office_of(scene, provider)
    window = office.guest("192.0.2.40")
    page = window.get(path_of(lets_in(begins(window), "nobody")), expect=403)
    assert "nobody" in page.text
    assert sessions_running(office) == 0


def pem() -> str:
    """A private key of ours, as ``openssl genpkey`` writes it."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("is_ours", [True, False], ids=["our key", "another key"])
def test_a_resident_comes_in_where_we_sign_who_we_are(scene: Scene, is_ours: bool) -> None:
    ours = pem()
    public = json.dumps({**RSAKey.import_key(ours).as_dict(private=False), "alg": "RS256", "use": "sig"})
    with certified(RESIDENTS_ADDRESS, public) as running:
        terms = ProviderTerms(
            name="login-gov", label="Login.gov", issuer=running.issuer, client_id=CLIENT_ID,
            client_key=ours if is_ours else pem(), family=RESIDENTS,
        )  # fmt: skip
        settings = replace(scene.wired.settings, resident_oidc=(terms,))
        wired = replace(scene.wired, settings=settings, _providers={})
        city = replace(scene, app=create_app(settings, wired), wired=wired)
        client = city.guest()
        there = client.get("/my/providers/login-gov?to=/my/your-sign-in", expect=303).location
        back = path_of(lets_in(there, "ana", RESIDENTS_ADDRESS))
        page = client.get(back, expect=303 if is_ours else 422, budget=30)
        assert city.scalar("SELECT count(*) FROM resident_sessions") == int(is_ours)
        assert page.location == ("/my/your-sign-in" if is_ours else "")
