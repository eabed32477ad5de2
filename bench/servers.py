"""Both servers as the portal is deployed: granian, two workers of eight threads, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from bench.place import STATE, Place
from portal.config import CHECKOUT

WORKERS, THREADS = 2, 8
_BARE = [
    sys.executable, "-m", "granian", "bench.bare:app", "--interface", "wsgi", "--host", "127.0.0.1",
    "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--backlog", "1024", "--no-ws", "--no-access-log",
]  # fmt: skip
_PORTAL = [sys.executable, "-m", "portal.cli", "serve"]
_WORKER = [sys.executable, "-m", "portal.cli", "worker", "--queue", "facts"]


@contextmanager
def both(place: Place) -> Iterator[tuple[int, int]]:
    """The ports of the portal and of the bare page."""
    portal, bare = free_port(), free_port()
    with (
        _running("portal", _PORTAL, place, _at(portal, "/healthz")),
        _running("bare", [*_BARE, "--port", str(bare)], place, _at(bare, "/bare?id=1")),
    ):
        yield portal, bare


@contextmanager
def portal_and_worker(place: Place, processor: str) -> Iterator[int]:
    """The portal's port, with a worker that follows facts (not the clock); both ask the processor at an address."""
    port, more = free_port(), {"STRIPE_API_BASE": processor}
    with (
        _running("portal", _PORTAL, place, _at(port, "/healthz"), more),
        _running("worker", _WORKER, place, _at(port, "/healthz"), more),
    ):
        yield port


@contextmanager
def _running(
    name: str, command: list[str], place: Place, url: str, more: Mapping[str, str] | None = None
) -> Iterator[None]:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **place.environment(),
        "PORT": str(urlsplit(url).port),
        "WORKERS": str(WORKERS),
        "THREADS": str(THREADS),
        **(more or {}),
    }
    with (STATE / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(url, process, name)
            yield
        finally:
            process.terminate()
            process.wait(60)


def wait_for(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    """Return when something answers there; raises if the process ends or a minute goes by."""
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


def _at(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}{path}"


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
