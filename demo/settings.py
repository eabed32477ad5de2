"""What the demo runs with: addresses, ports, and secrets made once, marked so that production refuses them."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.config import CHECKOUT
from portal.start_check import DEMO_MARK

STATE = CHECKOUT / ".state" / "demo"
OWNER_ONLY = ("DATABASE_OWNER_URL",)
"""Written down for ``ventanilla migrate`` beside the demo, and not handed to web and worker."""
DAYS_AGO = 4
"""When the sandbox of a new city begins. Two days until card money is available and one on its way: it is in the
bank by yesterday."""


class CannotStart(Exception):
    """A sentence for the person at the terminal."""


@dataclass(frozen=True)
class Addresses:
    """Where the demo listens."""

    port: int
    sandbox_port: int
    mail_port: int
    host: str = "127.0.0.1"

    @property
    def portal(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def inside(self) -> str:
        """The portal's address for this machine's own processes."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "localhost"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"


def addresses(environment: Mapping[str, str]) -> Addresses:
    """From ``PORT``, ``SANDBOX_PORT`` and ``HOST``; refuses ports that are taken, before anything is started."""
    port, sandbox_port = _port(environment, "PORT", 8000), _port(environment, "SANDBOX_PORT", 8001)
    if port == sandbox_port:
        raise CannotStart("PORT and SANDBOX_PORT must differ.")
    host = environment.get("HOST", "127.0.0.1")
    for name, number, bound in (("PORT", port, host), ("SANDBOX_PORT", sandbox_port, "127.0.0.1")):
        if not _is_free(bound, number):
            free = _free_port()
            raise CannotStart(f"Port {number} is taken by another program. Choose another: {name}={free} make demo")
    return Addresses(port, sandbox_port, _free_port(), host)


def secrets_of(state: Path) -> dict[str, str]:
    """The demo's secrets, made on the first run."""
    file = state / "secrets"
    if not file.exists():
        made = {
            "SECRET_KEY": DEMO_MARK + secrets.token_urlsafe(32),
            "PROOF_KEY": DEMO_MARK + secrets.token_urlsafe(32),
            "STRIPE_KEY": "sk_test_" + DEMO_MARK + secrets.token_hex(12),
            "STRIPE_WEBHOOK_SECRETS": "whsec_" + DEMO_MARK + secrets.token_hex(16),
        }
        write_private(file, made)
    return read_values(file)


def environment_of(state: Path, where: Addresses, app_url: str, owner_url: str) -> dict[str, str]:
    """Every setting of the running demo."""
    return {
        "MODE": "demo",
        "DATABASE_URL": app_url,
        "DATABASE_OWNER_URL": owner_url,
        "BASE_URL": where.portal,
        "STRIPE_API_BASE": where.sandbox,
        "SMTP_URL": f"smtp://127.0.0.1:{where.mail_port}",
        "TEXT_PROVIDER": f"folder:{state / 'texts'}",
        "HOST": where.host,
        "PORT": str(where.port),
        "STATE": str(state),
        **{name: os.environ[name] for name in ("CITY_FOLDER", "LOG_LEVEL", "WORKERS") if name in os.environ},
        **secrets_of(state),
    }


def read_values(file: Path) -> dict[str, str]:
    """``NAME=value`` lines."""
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in lines}


def write_private(file: Path, values: Mapping[str, str]) -> None:
    """Write ``NAME=value`` lines that only this user may read; the file appears whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    partial.replace(file)


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CannotStart(f"{name} must be a port number, not {text!r}.")
    return int(text)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # A server that ended a moment ago must not count as one that runs.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
