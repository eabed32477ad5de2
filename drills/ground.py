"""Where the scratch database is made: on a server of the city's, or on one of our own that ends with the drill."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from accounts.database import as_libpq
from demo import postgres

OWNER, APP = "DRILL_DATABASE_OWNER_URL", "DRILL_DATABASE_URL"


class Server(Protocol):
    """A PostgreSQL on which databases may be made."""

    def owner_url(self, database: str) -> str:
        """As the owner of tables."""
        ...

    def app_url(self, database: str) -> str:
        """As the application's role."""
        ...


@dataclass(frozen=True)
class GivenServer:
    """The server of two addresses; whatever database they name, only the scratch one is written to."""

    owner: str
    app: str

    def owner_url(self, database: str) -> str:
        return _renamed(self.owner, database)

    def app_url(self, database: str) -> str:
        return _renamed(self.app, database)


@contextmanager
def server(folder: Path) -> Iterator[tuple[Server, str]]:
    """A server, and a database of it to connect to while another is made or dropped.

    ``DRILL_DATABASE_OWNER_URL`` and ``DRILL_DATABASE_URL`` name one (the owner may create databases); without them
    the embedded one runs in ``folder`` meanwhile.
    """
    owner, app = os.environ.get(OWNER, ""), os.environ.get(APP, "")
    if bool(owner) != bool(app):
        raise SystemExit(f"Set both {OWNER} and {APP}, or neither.")
    if owner:
        yield GivenServer(owner, app), urlsplit(owner).path.strip("/") or "postgres"
        return
    with _alone(folder):
        embedded = postgres.start(folder, durable=False)
        try:
            _drop_leftovers(embedded)
            yield embedded, "postgres"
        finally:
            embedded.stop()


@contextmanager
def scratch(found: Server, beside: str) -> Iterator[str]:
    """The name of an empty database, dropped at the end with whoever is still connected."""
    name = f"ventanilla_drill_{secrets.token_hex(4)}"
    quoted = sql.Identifier(name)
    with psycopg.connect(as_libpq(found.owner_url(beside)), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'").format(
                quoted
            )
        )
    try:
        yield name
    finally:
        with psycopg.connect(as_libpq(found.owner_url(beside)), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One embedded server per checkout; the kernel lets go of the lock however the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("A drill already runs in this checkout; wait until it has ended.") from None
        yield


def _drop_leftovers(embedded: postgres.EmbeddedServer) -> None:
    """Databases of drills that were killed; nobody else uses this server."""
    with psycopg.connect(embedded.owner_url("postgres")) as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'ventanilla_drill_%'"
        ).fetchall()
    for (name,) in left:
        postgres.drop_database(embedded, name)


def _renamed(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
