"""The portal's own processes on the scratch database: web and worker, started, killed, started again."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from drills.processes import Child, Nursery, ProcessFailed

READY_SECONDS = 90.0
_INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "CITY_FOLDER")
_WEB_DIED = "Unexpected exit from worker"
"""What the web server says of a worker process that went away by itself."""


@dataclass
class Installation:
    """One web and one worker. The worker takes what follows payments only: sweeps run when the drill says so."""

    nursery: Nursery
    settings: Mapping[str, str]
    """Of both, beside the system's own."""
    port: int
    secrets: tuple[str, ...]
    ahead: int = 0
    web: Child | None = None
    worker: Child | None = None

    @property
    def url(self) -> str:
        """Where people go."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **changes: str) -> dict[str, str]:
        """Everything that a process is told."""
        ours = {
            "MODE": "test",
            "BASE_URL": self.url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WORKERS": "1",
            "THREADS": "4",
            "STRIPE_WEBHOOK_SECRETS": ",".join(self.secrets),
            "CLOCK_AHEAD": str(self.ahead),
        }
        return {**self.system(), **ours, **self.settings, **changes}

    @staticmethod
    def system() -> dict[str, str]:
        """What any process here inherits; no setting of an installation that this machine may have."""
        return {name: os.environ[name] for name in _INHERITED if name in os.environ}

    def start_web(self, kill_at: str = "") -> None:
        """Start the web, the one that ran before being gone; comes back when it answers."""
        self.end_web()
        self.web = self.nursery.start(f"web{kill_at}", ["serve"], self.environment(KILL_AT=kill_at))
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self.web.status is not None or time.monotonic() > until:
                raise ProcessFailed(f"The web did not start.\n{self.web.tail()}")
            time.sleep(0.03)

    def start_worker(self, kill_at: str = "") -> None:
        """Start the worker; what waits in the queue is done as soon as it is up."""
        self.end_worker()
        arguments = ["worker", "--queue", "facts"]
        self.worker = self.nursery.start(f"worker{kill_at}", arguments, self.environment(KILL_AT=kill_at))

    def sweep(self, *, later: int) -> None:
        """One run of the worker for what the clock does, so many seconds from now, to its end."""
        ahead = str(self.ahead + later)
        child = self.nursery.start(
            "sweep", ["worker", "--once", "--queue", "clock"], self.environment(CLOCK_AHEAD=ahead)
        )
        if status := child.wait():
            raise ProcessFailed(f"The worker of the sweep ended with {status}.\n{child.tail()}")

    def end(self) -> None:
        """Cut both."""
        self.end_worker()
        self.end_web()

    def end_web(self) -> None:
        """Cut it."""
        if self.web:
            self.web.kill()
            self.web = None

    def end_worker(self) -> None:
        """Cut it."""
        if self.worker:
            self.worker.kill()
            self.worker = None

    def wait_for_death_of_web(self, seconds: float = 30.0) -> None:
        """The process that serves has died at its point; what is left of the web is cut."""
        until = time.monotonic() + seconds
        while self.web and not self.web.said(_WEB_DIED):
            if time.monotonic() > until:
                raise ProcessFailed(f"The web did not die at its point.\n{self.web.tail()}")
            time.sleep(0.03)
        self.end_web()

    def wait_for_death_of_worker(self) -> int:
        """Its exit status."""
        if self.worker is None:
            raise ProcessFailed("No worker was started.")
        status = self.worker.wait(30.0)
        self.worker = None
        return status

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False
