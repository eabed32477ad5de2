"""Starts the sandbox inside a test run. Its control API and its payers are those of the drills."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import stripe

from drills.payer import GOOD_CARD, card_fields, pay_hosted_page
from drills.processor import Processor
from sandbox.server import SandboxServer
from sandbox.world import Settings

KEY = "sk_test_sandbox"
WEBHOOK_SECRET = "whsec_sandbox_test_secret"
TIMEOUT = (3, 15)
__all__ = [
    "GOOD_CARD", "KEY", "TIMEOUT", "WEBHOOK_SECRET", "Sandbox", "card_fields", "pay_hosted_page", "running_sandbox",
]  # fmt: skip


@dataclass(frozen=True)
class Sandbox(Processor):
    """A running sandbox as tests see it: the control API, Stripe's own client, and the server itself."""

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


@contextlib.contextmanager
def running_sandbox(
    folder: Path,
    *,
    webhook_url: str | None = None,
    public_url: str = "",
    merchant: str = "Example City",
    port: int = 0,
    days_ago: int = 0,
) -> Iterator[Sandbox]:
    """Runs a sandbox with a store of its own in ``folder`` on a free port, every answer checked."""
    settings = Settings(
        store=folder / "sandbox.sqlite3",
        public_url=public_url,
        webhook_url=webhook_url,
        webhook_secret=WEBHOOK_SECRET,
        merchant=merchant,
        check=True,
        days_ago=days_ago,
    )
    server = SandboxServer(settings, "127.0.0.1", port)
    server.start()
    try:
        yield Sandbox(f"http://127.0.0.1:{server.port}", KEY, WEBHOOK_SECRET, server)
    finally:
        server.stop()
