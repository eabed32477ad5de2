"""One embedded server for a test run, one template database migrated once, a copy of it for each worker.

The copy is emptied between tests by truncating as the owner; tests therefore commit for real, with triggers and
constraints as in production, and connect as the application's role.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Engine, text

from accounts.database import Sessions, engine_for, sessions_for
from demo import postgres
from portal.migrations import migrate

ENVIRONMENT = "VENTANILLA_TEST_SERVER"
TEMPLATE = "ventanilla_template"


def start_server() -> postgres.EmbeddedServer:
    """Called once by pytest's controlling process; workers find the addresses in the environment."""
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-test-"))
    server = postgres.start(folder, durable=False)
    postgres.create_database(server, TEMPLATE)
    migrate(server.owner_url(TEMPLATE), server.app_url(TEMPLATE))
    os.environ[ENVIRONMENT] = f"{folder} {server.port} {server.owner_password} {server.app_password}"
    return server


def stop_server(server: postgres.EmbeddedServer) -> None:
    """Stop it and remove its data."""
    server.stop()
    shutil.rmtree(server.data.parent, ignore_errors=True)


def running_server() -> postgres.EmbeddedServer:
    """The server that the controlling process started."""
    folder, port, owner_password, app_password = os.environ[ENVIRONMENT].split()
    return postgres.EmbeddedServer(Path(folder) / "data", int(port), owner_password, app_password)


@dataclass
class TestDatabase:
    """A migrated database: ``sessions`` as the application, ``owner`` as its owner."""

    __test__ = False

    owner_url: str
    app_url: str
    owner: Engine
    app: Engine
    sessions: Sessions

    def empty(self) -> None:
        """Remove every row (as the owner, with triggers off; the application could not)."""
        with self.owner.begin() as connection:
            names = connection.scalars(
                text(
                    "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class c"
                    " JOIN pg_namespace n ON n.oid = c.relnamespace"
                    " WHERE nspname = 'public' AND relkind = 'r' AND relname <> 'alembic_version'"
                )
            ).one()
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))

    def close(self) -> None:
        self.app.dispose()
        self.owner.dispose()


def open_database(name: str) -> TestDatabase:
    """A fresh copy of the template under ``name``."""
    server = running_server()
    postgres.drop_database(server, name)
    postgres.create_database(server, name, template=TEMPLATE)
    owner_url, app_url = server.owner_url(name), server.app_url(name)
    app = engine_for(app_url)
    return TestDatabase(owner_url, app_url, engine_for(owner_url), app, sessions_for(app))


def renamed(url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
