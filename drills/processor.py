"""The sandbox over HTTP: its control API under ``/_sim``, and what it says of money under ``/v1``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT = (3, 60)


@dataclass(frozen=True)
class Processor:
    """A running sandbox."""

    url: str
    key: str

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

    def listed(self, kind: str, **asked: str) -> Iterator[dict[str, Any]]:
        """All objects of a list of the API: ``listed("payment_intents")``."""
        after: dict[str, str] = {}
        while True:
            answer = requests.get(
                f"{self.url}/v1/{kind}",
                params={"limit": "100", **asked, **after},
                auth=(self.key, ""),
                timeout=TIMEOUT,
            )
            answer.raise_for_status()
            page = answer.json()
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}
