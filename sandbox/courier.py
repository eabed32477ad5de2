"""The thread that sends webhooks and lets overdue moments happen."""

from __future__ import annotations

import logging
import sqlite3
import threading

import requests

from sandbox import agenda, deliveries
from sandbox.world import World

log = logging.getLogger("sandbox.webhooks")
PULSE = 0.1
TIMEOUT = (3, 20)


class Courier(threading.Thread):
    """Looks for due requests a few times a second; one request is on its way at a time."""

    def __init__(self, world: World) -> None:
        super().__init__(name="sandbox-courier", daemon=True)
        self._world = world
        self._halt = threading.Event()
        self._turn = threading.Lock()

    def run(self) -> None:
        """Works until told to stop."""
        deliveries.recover(self._world)
        while not self._halt.wait(PULSE):
            try:
                agenda.run_due(self._world)
                self.deliver_due()
            except Exception:
                log.exception("The courier stumbled and goes on")

    def stop(self) -> None:
        """Ends the thread after the request it may be sending."""
        self._halt.set()
        self.join(timeout=TIMEOUT[1])

    def deliver_due(self) -> int:
        """Sends everything that is due and counts it; safe to call from another thread."""
        sent = 0
        with self._turn:
            while not self._halt.is_set() and (delivery := deliveries.take_due(self._world)):
                self._send(delivery)
                sent += 1
        return sent

    def _send(self, delivery: sqlite3.Row) -> None:
        endpoint = self._world.store.get(delivery["endpoint"], "webhook_endpoint")
        if endpoint is None:
            deliveries.record(self._world, delivery, delivered=True, answer="endpoint deleted")
            return
        secret = self._world.store.private(endpoint["id"])["secret"]
        delivered, answer = post(endpoint["url"], delivery["body"].encode(), secret)
        deliveries.record(self._world, delivery, delivered=delivered, answer=answer)
        log.info("webhook %s %s -> %s", delivery["event"], delivery["type"], answer)


def post(url: str, body: bytes, secret: str) -> tuple[bool, str]:
    """Sends one signed request; any 2xx counts as received."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": deliveries.signature(body, secret),
    }
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return False, type(error).__name__
    return 200 <= answer.status_code < 300, str(answer.status_code)
