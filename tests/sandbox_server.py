"""Starts the sandbox inside a test run, and pays on its hosted page like a browser without JavaScript."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
import stripe
from bs4 import BeautifulSoup

from sandbox.server import SandboxServer
from sandbox.world import Settings

KEY = "sk_test_sandbox"
WEBHOOK_SECRET = "whsec_sandbox_test_secret"
TIMEOUT = (3, 15)
GOOD_CARD = "4242424242424242"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox as tests see it."""

    url: str
    key: str
    webhook_secret: str
    server: SandboxServer

    def client(self, key: str | None = None, *, retries: int = 0, read_timeout: float = 15) -> stripe.StripeClient:
        """Stripe's own client, pointed here."""
        return stripe.StripeClient(
            key or self.key,
            http_client=stripe.RequestsClient(timeout=(3, read_timeout)),
            max_network_retries=retries,
            base_addresses={"api": self.url},
        )

    def get(self, path: str) -> Any:
        """Asks the control API: ``get("/charges")`` is ``GET /_sim/charges``."""
        answer = requests.get(f"{self.url}/_sim{path}", timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **data: Any) -> Any:
        """Tells the control API."""
        answer = requests.post(f"{self.url}/_sim{path}", json=data, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def violations(self) -> list[dict[str, str]]:
        """What the specification found wrong so far; a test run ends by asserting that this is empty."""
        found: list[dict[str, str]] = self.get("/violations")
        return found

    def advance(self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> int:
        """Moves the clock, lets what falls due happen, and says what time it is."""
        said = self.post("/clock/advance", days=days, hours=hours, minutes=minutes, seconds=seconds)
        return int(said["now"])

    def now(self) -> int:
        """The sandbox's time."""
        return int(self.get("/clock")["now"])

    def charges_by_attempt(self) -> dict[str, int]:
        """Successful charges by metadata attempt_id; every count above one is a double charge."""
        found: dict[str, int] = self.get("/charges")
        return found

    def fault(self, kind: str, *, match: str = "", count: int = 1, seconds: float = 20) -> None:
        """Orders a fault for the next API calls whose ``POST /v1/...`` contains ``match``."""
        self.post("/faults", kind=kind, match=match, count=count, seconds=seconds)

    def webhook_mode(self, mode: str) -> None:
        """Chooses how the next events travel: a mode of ``sandbox/modes.py``."""
        self.post("/webhooks/mode", mode=mode)

    def deliver_webhooks(self) -> int:
        """Sends every webhook that is due now and comes back when they have been answered."""
        return int(self.post("/webhooks/deliver")["sent"])

    def release_webhooks(self) -> int:
        """Lets held events go and sends them."""
        self.post("/webhooks/release")
        return self.deliver_webhooks()

    def roll_secret(self, *, secret: str = "", hours: int = 24, endpoint: str = "") -> str:
        """Gives the endpoint a new signing secret; the old one signs too for these hours of the sandbox's clock."""
        return str(self.post("/webhooks/roll", secret=secret, hours=hours, endpoint=endpoint)["secret"])

    def orphan(
        self, *, metadata: dict[str, str] | None = None, amount: int = 12_345, session: bool = True
    ) -> dict[str, Any]:
        """Makes a paid session that nobody asked for; without ``session`` only an intent and its charge.

        Without metadata it gets the latest session's, with an ``attempt_id`` that nobody knows; ``{}`` is none.
        """
        found: dict[str, Any] = self.post("/orphans", metadata=metadata, amount=amount, session=session)
        return found

    def alter(self, session: str, **changes: Any) -> None:
        """Changes ``amount`` (cents), ``currency`` or ``metadata`` of a session and of what is paid on it."""
        self.post("/alter", session=session, **changes)

    def deliveries(self) -> list[dict[str, Any]]:
        """All webhook requests, newest first."""
        found: list[dict[str, Any]] = self.get("/webhooks/deliveries")
        return found


@contextlib.contextmanager
def running_sandbox(
    folder: Path,
    *,
    webhook_url: str | None = None,
    public_url: str = "",
    merchant: str = "Example City",
    port: int = 0,
) -> Iterator[Sandbox]:
    """Runs a sandbox with a store of its own in ``folder`` on a free port, every answer checked."""
    settings = Settings(
        store=folder / "sandbox.sqlite3",
        public_url=public_url,
        webhook_url=webhook_url,
        webhook_secret=WEBHOOK_SECRET,
        merchant=merchant,
        check=True,
    )
    server = SandboxServer(settings, "127.0.0.1", port)
    server.start()
    try:
        yield Sandbox(f"http://127.0.0.1:{server.port}", KEY, WEBHOOK_SECRET, server)
    finally:
        server.stop()


def card_fields(card: str = GOOD_CARD, **changes: str) -> dict[str, str]:
    """What a person types, valid save for what is changed."""
    cvc = "1234" if card.startswith("3") and len(card) == 15 else "123"
    return {"number": card, "exp": "12 / 34", "cvc": cvc, "name": "Ana Prueba", "zip": "92101", **changes}


def pay_hosted_page(
    url: str,
    card: str = GOOD_CARD,
    *,
    authenticate: bool = True,
    language: str = "en",
    **changes: str,
) -> str:
    """Fills in the hosted form and gives back where a success leads, without going there.

    On a decline or a form error it raises AssertionError with the page's error summary.
    """
    with requests.Session() as browser:
        browser.headers["Accept-Language"] = language
        page = browser.get(url, timeout=TIMEOUT)
        answer = submit_form(browser, page, card_fields(card, **changes))
        while "/authenticate/" in (place := location(answer)):
            challenge = browser.get(place, timeout=TIMEOUT)
            choice = "complete" if authenticate else "fail"
            answer = submit_form(browser, challenge, {"result": choice})
        if "/c/pay/" in place:
            answer = browser.get(place, timeout=TIMEOUT)
        assert location(answer), problems_of(answer)
        return location(answer)


def submit_form(browser: requests.Session, page: requests.Response, values: dict[str, str]) -> requests.Response:
    """Posts the page's form with these values beside its hidden fields, and follows nothing."""
    page.raise_for_status()
    form = BeautifulSoup(page.text, "html.parser").find("form")
    assert form, f"There is no form at {page.url}: {problems_of(page)}"
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    target = urljoin(page.url, str(form.get("action", "")) or page.url)
    return browser.post(target, data={**hidden, **values}, allow_redirects=False, timeout=TIMEOUT)


def location(answer: requests.Response) -> str:
    """Where an answer leads, or nothing."""
    place = answer.headers.get("Location", "")
    return urljoin(answer.url, place) if place else ""


def problems_of(answer: requests.Response) -> str:
    """The error summary of a page, or its heading."""
    page = BeautifulSoup(answer.text, "html.parser")
    found = page.select_one(".summary ul") or page.find("h1")
    return found.get_text(" ", strip=True) if found else answer.text[:200]
