"""Bring the database to this version: the only code that connects as its owner (rule 11 of the house)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from accounts.database import as_psycopg, engine_for
from portal.tables import metadata

FOLDER = Path(__file__).parent.parent / "migrations"
_ADVISORY_LOCK = 7_236_501
"""Any constant: two migrations at once take turns on it."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(owner_url: str, app_url: str) -> str:
    """Upgrade to the newest version and give the application's role its rights; returns the version."""
    engine = engine_for(owner_url, application="ventanilla-migrate")
    try:
        with engine.connect() as connection:
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # the other one may index a large city
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
            connection.commit()
            command.upgrade(alembic_config(connection), "head")
            connection.commit()
            _grant(connection, urlsplit(as_psycopg(app_url)).username or "")
            connection.commit()
            return _version_of(connection) or ""
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """Is the database at the version this code was written for?"""
    with engine.connect() as connection:
        return _version_of(connection) == newest()


def newest() -> str | None:
    """The version this code was written for."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def _version_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _grant(connection: Connection, role: str) -> None:
    """What the web and the workers may do: read, add, and change only what is meant to change."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    owner = connection.scalar(text("SELECT current_user"))
    if owner == role:
        raise SystemExit("DATABASE_URL and DATABASE_OWNER_URL name the same role; the application must own nothing.")
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}",
        f"GRANT SELECT ON alembic_version TO {quoted}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
    ]
    for table in metadata.sorted_tables:
        statements.append(f"GRANT SELECT, INSERT ON {table.name} TO {quoted}")
        if columns := table.info.get("updates"):
            statements.append(f"GRANT UPDATE ({', '.join(columns)}) ON {table.name} TO {quoted}")
        elif not table.info.get("append_only"):
            statements.append(f"GRANT UPDATE ON {table.name} TO {quoted}")
        if table.info.get("deletes"):
            statements.append(f"GRANT DELETE ON {table.name} TO {quoted}")
    queue_tables = connection.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%'")
    )
    statements += [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {quoted}" for name in queue_tables]
    for statement in statements:
        connection.execute(text(statement))
