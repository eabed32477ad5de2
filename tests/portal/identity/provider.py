"""A real OpenID provider that is not ours (``oidc-provider-mock`` of PyPI), in a process of its own, over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from portal.identity.providers import ProviderTerms
from tests.page_client import PageClient

NAME, CLIENT_ID, SECRET = "entra", "the-portal", "a secret of ours and theirs"
ROLES = (("City Clerks", "clerk"), ("Finance", "finance"), ("Finance", "auditor"), ("Mayors", "mayor"))


@dataclass(frozen=True)
class RunningProvider:
    """Where it is, and what its people do there."""

    issuer: str

    def knows(self, subject: str, *groups: str, **claims: object) -> None:
        """Somebody has these groups there now."""
        told = {"groups": list(groups), **claims}
        requests.put(f"{self.issuer}/users/{subject}", json=told, timeout=10).raise_for_status()

    def lets_in(self, page: str, subject: str) -> str:
        """A person says who they are on the provider's page; the address that it sends them back to."""
        answer = requests.post(page, data={"sub": subject}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def turns_away(self, page: str) -> str:
        """A person thinks better of it."""
        answer = requests.post(page, data={"action": "deny"}, allow_redirects=False, timeout=10)
        return answer.headers["Location"]

    def terms(self, **changes: object) -> ProviderTerms:
        """Our settings for it."""
        given: dict[str, object] = {
            "name": NAME, "label": "City Hall", "issuer": self.issuer, "client_id": CLIENT_ID,
            "client_secret": SECRET, "roles": ROLES, **changes,
        }  # fmt: skip
        return ProviderTerms(**given)  # type: ignore[arg-type]


def begins(client: PageClient, to: str = "/staff/keys") -> str:
    """Press the provider's button; the address of its page."""
    page = client.get(f"/staff/sign-in?to={to}")
    (button,) = [link for link in page.soup.select("main a") if "City Hall" in link.get_text()]
    return client.get(str(button["href"]), expect=303).location


def path_of(url: str) -> str:
    """What of an address our own server hears."""
    return "/" + url.split("/", 3)[3]


@contextmanager
def running_provider(folder: Path, **options: str) -> Iterator[RunningProvider]:
    """Start it, wait until it answers, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    given = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    issuer = f"http://localhost:{port}"
    with (folder / "provider.log").open("wb") as said:
        process = subprocess.Popen([*command, *given], stdout=said, stderr=said)
    try:
        _wait_for(f"{issuer}/.well-known/openid-configuration", process)
        yield RunningProvider(issuer)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the provider did not start"
        with suppress(requests.RequestException):
            requests.get(url, timeout=5).raise_for_status()
            return
        time.sleep(0.1)
    raise AssertionError("the provider does not answer")
