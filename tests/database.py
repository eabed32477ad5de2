"""One embedded server for a test run, one template database migrated once, a copy of it for each worker.

The copy is emptied between tests by deleting as the owner; tests therefore commit for real, with triggers and
constraints as in production, and connect as the application's role.
"""

from __future__ import annotations

import functools
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
_OURS = "relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
_TABLES = text(f"SELECT quote_ident(relname) FROM pg_class WHERE {_OURS} AND relkind = 'r'")
_LARGE = text(
    f"SELECT quote_ident(relname) FROM pg_class WHERE {_OURS} AND relkind = 'r' AND pg_relation_size(oid) > 1e6"
)
_ANEW = text(
    "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
)


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
        """Remove every row and begin all sequences anew (as the owner, with triggers off; the application could not).

        A test writes to a few tables. Deleting from those takes a tenth of truncating all, which makes new files for
        each table and index. What has grown large is vacuumed, which gives the files of empty tables back.
        """
        with self.owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            written = connection.scalars(text(self.any_rows)).all()
            if written:
                connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in written))
            connection.execute(_ANEW)
            large = connection.scalars(_LARGE).all()
        if large:
            with self.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM {', '.join(large)}")

    @functools.cached_property
    def any_rows(self) -> str:
        """A statement that names the tables that hold anything."""
        with self.owner.connect() as connection:
            names = connection.scalars(_TABLES).all()
        return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)

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
