"""The demo's processes: each in a group of its own, ended by its id, never restarted behind one's back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.config import CHECKOUT

GRACE_SECONDS = 15.0
LAST_LINES = 25


class ChildDied(Exception):
    """A process ended that should run; the message holds its last lines."""


@dataclass
class Children:
    """What was started. Their ids are written down, so that the next run can end what a killed one left."""

    state: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """Run ``python -m module``, its output going to ``logs/NAME.log``."""
        logs = self.state / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}.log").open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", module, *arguments],
                cwd=CHECKOUT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.running[name] = child
        with self._list.open("a") as file:
            file.write(f"{child.pid} {_born(child.pid)} {name}\n")

    def check(self) -> None:
        """Raise :class:`ChildDied` if one has ended."""
        for name, child in self.running.items():
            if child.poll() is not None:
                raise ChildDied(f"{name} ended with status {child.returncode}. Its last lines:\n{self.tail(name)}")

    def tail(self, name: str) -> str:
        """The last lines that a process wrote."""
        lines = (self.state / "logs" / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-LAST_LINES:]) or "  (it wrote nothing)"

    def stop(self) -> None:
        """End every group: by SIGTERM, and after a while by SIGKILL. The last started ends first."""
        for child in reversed(self.running.values()):
            _signal(child.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        for child in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, until - time.monotonic()))
            # Also when the child itself is gone: its own children may not be.
            _signal(child.pid, signal.SIGKILL)
            child.wait()
        self.running.clear()
        self._list.unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """End the processes of a run that was killed; an id that another program got since is left alone."""
        if not self._list.exists():
            return []
        ended = []
        for line in self._list.read_text().splitlines():
            pid, born, name = line.split(maxsplit=2)
            if born != "0" and _born(int(pid)) == int(born):
                _signal(int(pid), signal.SIGKILL)
                _wait_for_end(int(pid))
                ended.append(name)
        self._list.unlink()
        return ended

    @property
    def _list(self) -> Path:
        return self.state / "children"


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _wait_for_end(group: int) -> None:
    """Until the group is gone and its ports are free; in vain where nobody collects the dead, so not for long."""
    until = time.monotonic() + 2.0
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < until:
            os.killpg(group, 0)
            time.sleep(0.05)


def _born(pid: int) -> int:
    """When the process started, in the kernel's ticks; 0 where that cannot be read."""
    try:
        # The name in the second field may hold anything, spaces and parentheses included.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
