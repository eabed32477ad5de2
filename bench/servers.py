"""Both servers as the portal is deployed: granian, two workers of eight threads, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError, URLError

from bench.place import STATE, Place
from portal.config import CHECKOUT

WORKERS, THREADS = 2, 8
_BARE = [
    sys.executable, "-m", "granian", "bench.bare:app", "--interface", "wsgi", "--host", "127.0.0.1",
    "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--backlog", "1024", "--no-ws", "--no-access-log",
]  # fmt: skip
_PORTAL = [sys.executable, "-c", "from portal.cli import main; raise SystemExit(main(['serve']))"]


@contextmanager
def both(place: Place) -> Iterator[tuple[int, int]]:
    """The ports of the portal and of the bare page."""
    portal, bare = _free_port(), _free_port()
    with (
        _running("portal", _PORTAL, place, portal, "/healthz"),
        _running("bare", [*_BARE, "--port", str(bare)], place, bare, "/bare?id=1"),
    ):
        yield portal, bare


@contextmanager
def _running(name: str, command: list[str], place: Place, port: int, path: str) -> Iterator[None]:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **place.environment(),
        "PORT": str(port),
        "WORKERS": str(WORKERS),
        "THREADS": str(THREADS),
    }
    with (STATE / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}{path}", process, name)
            yield
        finally:
            process.terminate()
            process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not start; see {name}.log in the bench's state folder")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
