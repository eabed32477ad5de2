"""An endpoint for webhooks that keeps what it is sent and answers as told."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Inbox:
    """What has come; ``before_answer`` runs while the sender still waits."""

    url: str = ""
    status: int = 200
    mails: list[tuple[bytes, str]] = field(default_factory=list)
    before_answer: Callable[[dict[str, Any]], object] = lambda _: None

    def events(self) -> list[dict[str, Any]]:
        """The events that have come so far, in their order."""
        return [json.loads(body) for body, _ in list(self.mails)]

    def types(self) -> list[str]:
        """Their types."""
        return [event["type"] for event in self.events()]

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The first event of a type, as soon as it is there."""
        self.wait_until(lambda: kind in self.types())
        return next(event for event in self.events() if event["type"] == kind)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds, ten seconds at most."""
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, self.types()
            time.sleep(0.02)


@contextlib.contextmanager
def open_inbox() -> Iterator[Inbox]:
    """Listens on a free port of this machine."""
    box = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.mails.append((body, self.headers["Stripe-Signature"]))
            box.before_answer(json.loads(body))
            self.send_response(box.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
