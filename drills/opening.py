"""Sets the stage, and takes all of it away again."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from accounts.cities.queries import RulingCity, ruling
from accounts.cities.service import approve, propose, read_folder
from accounts.database import Sessions, engine_for, reading, sessions_for
from drills import ground
from drills.door import Door
from drills.installation import Installation
from drills.processes import Nursery, ProcessFailed
from drills.processor import Processor
from drills.stage import KEY, Stage
from portal.config import Settings
from portal.migrations import migrate

SANDBOX_SECONDS = 60.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class _Plan:
    """What is made up anew for each stage."""

    folder: Path
    port: int = field(default_factory=_free_port)
    sandbox_port: int = field(default_factory=_free_port)
    mail_port: int = field(default_factory=_free_port)
    webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")
    proof_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def mail(self) -> Path:
        """Where mails arrive, a file each."""
        return self.folder / "mail"

    @property
    def processor(self) -> Processor:
        """The sandbox, once it runs."""
        return Processor(f"http://127.0.0.1:{self.sandbox_port}", KEY)

    def settings(self, database_url: str) -> dict[str, str]:
        """Of web and worker."""
        return {
            "DATABASE_URL": database_url,
            "SECRET_KEY": self.secret_key,
            "PROOF_KEY": self.proof_key,
            "STRIPE_KEY": KEY,
            "STRIPE_API_BASE": self.processor.url,
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "LOG_LEVEL": "INFO",
            "STATE": str(self.folder),
        }


@contextmanager
def opened(server: ground.Server, beside: str) -> Iterator[Stage]:
    """A stage that is ready; everything of it is ended and removed afterwards.

    ``beside``: a database of the server to be connected to while the scratch one is made and dropped.
    """
    with ExitStack() as ending:
        plan = _Plan(Path(tempfile.mkdtemp(prefix="ventanilla-drill-")))
        ending.callback(shutil.rmtree, plan.folder, ignore_errors=True)
        nursery = Nursery(plan.folder)
        ending.callback(nursery.stop)
        name = ending.enter_context(ground.scratch(server, beside))
        stage = _set(plan, nursery, server.owner_url(name), server.app_url(name), ending)
        nursery.wait_until_ready()
        _start_others(nursery, plan)
        _wait_for(plan.processor)
        stage.portal.start_worker()
        stage.portal.start_web()
        yield stage


def _set(plan: _Plan, nursery: Nursery, owner_url: str, app_url: str, ending: ExitStack) -> Stage:
    migrate(owner_url, app_url)
    door = Door(app_url)
    ending.callback(door.close)
    engine, owner = engine_for(app_url, application="ventanilla-drill"), engine_for(owner_url, pool_size=2)
    ending.callback(engine.dispose)
    ending.callback(owner.dispose)
    portal = Installation(nursery, plan.settings(door.url), plan.port, (plan.webhook_secret,))
    ending.callback(portal.end)
    return Stage(
        processor=plan.processor,
        portal=portal,
        door=door,
        mail=plan.mail,
        engine=engine,
        owner=owner,
        city=_release(sessions_for(engine)),
        proof_key=plan.proof_key,
        database_url=app_url,
    )


def _start_others(nursery: Nursery, plan: _Plan) -> None:
    plan.mail.mkdir()
    environment = Installation.system()
    told = f"http://127.0.0.1:{plan.port}/webhooks/processor"
    nursery.start(
        "mail", ["--port", str(plan.mail_port), "--folder", str(plan.mail)], environment, module="demo.mail_sink"
    )
    nursery.start(
        "sandbox",
        ["--port", str(plan.sandbox_port), "--store", str(plan.folder / "sandbox.sqlite"),
         "--webhook-url", told, "--webhook-secret", plan.webhook_secret],
        environment,
        module="sandbox",
    )  # fmt: skip


def _release(sessions: Sessions) -> RulingCity:
    folder = Settings.parsed().city_folder
    approve(sessions, propose(sessions, read_folder(folder), "staff:drill-maker"), "staff:drill-checker")
    with reading(sessions) as session:
        return ruling(session)


def _wait_for(processor: Processor) -> None:
    until = time.monotonic() + SANDBOX_SECONDS
    while True:
        try:
            processor.get("/health")
        except requests.RequestException as error:
            if time.monotonic() > until:
                raise ProcessFailed("The sandbox did not start.") from error
            time.sleep(0.05)
        else:
            return
