"""The portal's processes as the drill sees them: born by the nursery, killed by their own id."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.config import CHECKOUT

LAST_LINES = 15


class ProcessFailed(Exception):
    """A process did not do what it was started for; the message holds its last lines."""


@dataclass
class Child:
    """One process, the leader of a group of its own."""

    name: str
    pid: int
    log: Path
    nursery: Nursery

    @property
    def status(self) -> int | None:
        """How it ended, or None while it runs."""
        return self.nursery.status(self.pid)

    def wait(self, seconds: float = 60.0) -> int:
        """Its exit status; raises if it does not end."""
        until = time.monotonic() + seconds
        while (status := self.status) is None:
            if time.monotonic() > until:
                raise ProcessFailed(f"{self.name} did not end.\n{self.tail()}")
            time.sleep(0.02)
        return status

    def kill(self) -> None:
        """End its whole group at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def said(self, words: str) -> bool:
        """Has it logged this?"""
        return words in self.log.read_text(errors="replace")

    def tail(self) -> str:
        """Its last lines."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])


@dataclass
class Nursery:
    """Asks ``python -m drills.nursery``; ends with everything it bore when the line is closed."""

    folder: Path
    born: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        with (self.folder / "nursery.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "drills.nursery"],
                cwd=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        if self._process.stdin is None or self._process.stdout is None:
            raise ProcessFailed("The nursery has no line.")
        self._asks, self._answers = self._process.stdin, self._process.stdout

    def wait_until_ready(self) -> None:
        """Return when the code has been read."""
        self._read()

    def start(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], *, module: str = "portal.cli"
    ) -> Child:
        """Run ``ventanilla`` (or another module) with these arguments in exactly this environment."""
        self.born += 1
        log = self.folder / f"{self.born:03d}-{name}.log"
        log.touch()
        asked = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(environment),
            "log": str(log),
            "folder": str(CHECKOUT),
        }
        return Child(name, int(self._ask(asked)["pid"]), log, self)

    def status(self, pid: int) -> int | None:
        """See :attr:`Child.status`."""
        found: int | None = self._ask({"pid": pid})["status"]
        return found

    def stop(self) -> None:
        """Close the line, and wait until everything has ended."""
        self._asks.close()
        self._process.wait(30)
        self._answers.close()

    def _ask(self, asked: Mapping[str, object]) -> dict[str, Any]:
        with self._lock:
            self._asks.write(json.dumps(asked) + "\n")
            self._asks.flush()
            return self._read()

    def _read(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise ProcessFailed((self.folder / "nursery.log").read_text(errors="replace"))
        answer: dict[str, Any] = json.loads(line)
        return answer
