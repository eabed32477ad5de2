"""A fresh sandbox for each test; none may break Stripe's specification."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.sandbox_server import Sandbox, running_sandbox


@dataclass
class Inbox:
    """An endpoint that keeps what it is sent and answers as told."""

    url: str = ""
    status: int = 200
    mails: list[tuple[bytes, str]] = field(default_factory=list)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    box = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.mails.append((body, self.headers["Stripe-Signature"]))
            self.send_response(box.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield box
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sandbox(tmp_path: Path, inbox: Inbox) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, webhook_url=inbox.url) as running:
        yield running
        assert running.violations() == []
