"""The portal as people meet it: a real server on ``localhost``, the processor's sandbox on ``127.0.0.1``.

To a browser these are two sites, as the city and its processor are. Mail goes to a real SMTP server, jobs are run by
the real worker, and each journey begins in a small city that was released from ``city/`` a moment ago.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from accounts.clock import FixedClock
from accounts.database import reading
from accounts.ledger import exports
from demo.city import Size, load_city
from portal import create_app, jobs, queue
from portal.config import CHECKOUT, Mode
from portal.mail import Mailer
from portal.verify import verify
from sandbox import spec
from tests.database import TestDatabase
from tests.portal.scene import PROOF_KEY, Known, Scene, make_scene
from tests.portal.staff.people import PROVIDER
from tests.sandbox_server import Sandbox, running_sandbox
from tests.smtp_server import SmtpServer, smtp_server

MERCHANT = "City of Río Claro"
CHECKS = ("accounts", "commodities", "ordereddates", "parseable", "balancedwithautoconversion", "assertions")
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Quiet(WSGIRequestHandler):
    """The application logs its own requests."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        pass


@dataclass
class RunningClock(FixedClock):
    """Goes on from the processor's time, which cannot be set back; a journey may move it forward."""

    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.instant + timedelta(seconds=time.monotonic() - self.began)

    def today(self) -> date:
        return self.day_of(self.now())


@dataclass(frozen=True)
class Accounts:
    """What the people of the journeys have in hand: a bill, a renewal notice, a ticket; two who write Spanish."""

    water: Known
    license: Known
    ticket: Known
    agua: Known
    licencia: Known

    def of(self, language: str) -> tuple[Known, Known, Known]:
        """Water, license and ticket of someone who reads ``language``."""
        if language == "es":
            return self.agua, self.licencia, self.ticket
        return self.water, self.license, self.ticket


@dataclass
class Window:
    """Everything that a journey can touch. ``application`` answers the browser, and a test may put another there."""

    url: str
    sandbox: Sandbox
    smtp: SmtpServer
    db: TestDatabase
    state: Path
    application: Application | None = None
    scene: Scene | None = None
    accounts: Accounts | None = None

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """The server's WSGI application."""
        assert self.application is not None
        return self.application(environ, start)

    def open(self) -> None:
        """An emptied database, the city released anew, and its accounts."""
        self._begin(Mode.TEST)
        self.accounts = _accounts(self._scene())

    def open_demo(self, size: Size) -> None:
        """The made-up city of the demonstration instead: bills with their working, history, arrears."""
        self._begin(Mode.DEMO)
        load_city(
            self.db.sessions,
            CHECKOUT / "city",
            self.state,
            proof_key=PROOF_KEY.encode(),
            say=lambda _: None,
            size=size,
        )

    def _begin(self, mode: Mode) -> None:
        self.db.empty()
        self.smtp.raw.clear()
        self.smtp.recipients.clear()
        made = make_scene(self.db, self.sandbox, self.state)
        settings = replace(
            made.wired.settings, base_url=self.url, smtp_url=self.smtp.url, mode=mode, staff_oidc=(PROVIDER,)
        )
        clock = RunningClock(made.clock.instant)
        wired = replace(made.wired, settings=settings, mailer=Mailer(self.smtp.url), clock=clock)
        self.scene = replace(made, app=create_app(settings, wired), wired=wired, clock=clock)
        self.application = self.scene.app

    def _scene(self) -> Scene:
        assert self.scene is not None, "the window is not open"
        return self.scene

    def work(self) -> None:
        """Let the worker do all that is due; in a thread, for it brings an event loop of its own."""
        app = queue.queue_app(self.db.app_url)
        jobs.register(app, self._scene().app)
        worker = threading.Thread(target=queue.run_worker, args=(app,), kwargs={"once": True})
        worker.start()
        worker.join(timeout=60)
        assert not worker.is_alive(), "the worker did not come to an end"

    @property
    def mails(self) -> list[EmailMessage]:
        """What has arrived."""
        return self.smtp.messages

    def prove(self) -> None:
        """The books prove themselves, nobody was charged twice, and the processor understood every request."""
        self.sandbox.deliver_webhooks()
        self.work()
        with reading(self.db.sessions) as session:
            assert [wrong for check in verify(session) for wrong in check.violations] == []
        assert [count for count in self.sandbox.charges_by_attempt().values() if count > 1] == []
        assert self.sandbox.violations() == []
        answers = {str(sent["last_answer"]) for sent in self.sandbox.deliveries() if sent["tries"]}
        assert answers <= {"200"}, answers

    def hledger(self, folder: Path) -> str:
        """The balances that an independent bookkeeper makes of the exported books, once it has accepted them."""
        program = shutil.which("hledger")
        assert program, "hledger, our independent witness, is not here: apt-get install hledger"
        journal = folder / "books.journal"
        with reading(self.db.sessions) as session:
            journal.write_text("".join(exports.hledger(session)))
        for command in (["check", "-s", *CHECKS], ["bal", "--flat", "-N"]):
            done = subprocess.run(
                [program, "-f", str(journal), *command], check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
        return done.stdout

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self._scene().scalar(f"SELECT count(*) FROM {table}"))


def _accounts(scene: Scene) -> Accounts:
    spanish = {"language": "es"}
    opened = scene.open_many(
        [
            ("utility", (48_15, 39_77), (31_20,), {}),
            ("license", (156_00,), (), {}),
            ("citation", (58_00,), (), {}),
            ("utility", (52_40, 41_85), (), dict(spanish)),
            ("license", (212_50,), (), dict(spanish)),
        ]
    )
    return Accounts(*opened)


@contextmanager
def open_window(db: TestDatabase, folder: Path) -> Iterator[Window]:
    """The servers; ``window.open()`` then gives them a city."""
    spec.ensure()
    port = _free_port()
    told = f"http://127.0.0.1:{port}/webhooks/processor"
    with smtp_server() as smtp, running_sandbox(folder, merchant=MERCHANT, webhook_url=told) as sandbox:
        window = Window(f"http://localhost:{port}", sandbox, smtp, db, folder)
        server = make_server("127.0.0.1", port, window.answer, threaded=True, request_handler=Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield window
        finally:
            sandbox.webhook_mode("drop")
            server.shutdown()
            thread.join()
            server.server_close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
