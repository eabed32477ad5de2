"""The thread that sends webhooks and lets overdue moments happen."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests

from sandbox import agenda, deliveries, signing
from sandbox.world import World

log = logging.getLogger("sandbox.webhooks")
PULSE = 0.1
TIMEOUT = (3.0, 20.0)
EARLY_LIMIT = 10.0
"""Seconds for which an answer waits for the webhooks that go before it."""
TWIN_LIMIT = 1.0


class Courier(threading.Thread):
    """Looks for due requests a few times a second; one request, or one pair, is on its way at a time."""

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
            while not self._halt.is_set() and (batch := deliveries.take_due(self._world)):
                self._send_together(batch)
                sent += len(batch)
        return sent

    @contextmanager
    def before_the_answer(self) -> Iterator[None]:
        """Surrounds a call: in the mode ``early`` its events are told when it is committed and not yet answered."""
        waiting: list[int] = []
        token = deliveries.EARLY.set(waiting)
        try:
            yield
        finally:
            deliveries.EARLY.reset(token)
            self._send_early(waiting)

    def _send_early(self, waiting: list[int]) -> None:
        deadline = time.monotonic() + EARLY_LIMIT
        for delivery_id in waiting:
            if delivery := deliveries.take_early(self._world, delivery_id):
                left = max(deadline - time.monotonic(), 0.01)
                self._send(delivery, timeout=(left, left))

    def _send_together(self, batch: list[sqlite3.Row]) -> None:
        if len(batch) == 1:
            self._send(batch[0])
            return
        start = threading.Barrier(len(batch))
        threads = [threading.Thread(target=self._send, args=(one, start)) for one in batch]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(
        self,
        delivery: sqlite3.Row,
        start: threading.Barrier | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        endpoint = self._world.store.get(delivery["endpoint"], "webhook_endpoint")
        if endpoint is None:
            deliveries.record(self._world, delivery, delivered=True, answer="endpoint deleted")
            return
        if endpoint["status"] != "enabled":
            deliveries.record(self._world, delivery, delivered=False, answer="endpoint disabled")
            return
        manner = delivery["manner"] if delivery["tries"] == 0 else ""
        secrets = signing.in_force(self._world, endpoint["id"])
        body, signature = signing.sealed(delivery["body"].encode(), secrets, manner)
        if start:
            with suppress(threading.BrokenBarrierError):
                start.wait(TWIN_LIMIT)
        delivered, answer = post(endpoint["url"], body, signature, timeout)
        deliveries.record(self._world, delivery, delivered=delivered, answer=answer)
        log.info("webhook %s %s -> %s", delivery["event"], delivery["type"], answer)


def post(url: str, body: bytes, signature: str, timeout: tuple[float, float]) -> tuple[bool, str]:
    """Sends one signed request; any 2xx counts as received."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature,
    }
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException as error:
        return False, type(error).__name__
    return 200 <= answer.status_code < 300, str(answer.status_code)
