"""Migrations: they make exactly our tables, once, as the owner, and give the application no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from accounts.database import as_psycopg
from demo import postgres
from portal.config import Settings
from portal.migrations import is_current, migrate, newest
from portal.serving import wait_for_database
from portal.tables import metadata
from tests.database import TestDatabase, renamed, running_server


@pytest.fixture
def empty_database(worker_database: TestDatabase) -> Iterator[tuple[str, str]]:
    """A database without tables: the owner's and the application's address."""
    server, name = running_server(), worker_database.app_url.rpartition("/")[2] + "_empty"
    postgres.drop_database(server, name)
    postgres.create_database(server, name)
    yield renamed(worker_database.owner_url, name), renamed(worker_database.app_url, name)
    postgres.drop_database(server, name)


def test_the_migrations_make_the_tables_of_the_models(db: TestDatabase) -> None:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return not (kind == "table" and str(name).startswith(("procrastinate_", "alembic_")))

    with db.owner.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_two_at_once_migrate_once(empty_database: tuple[str, str]) -> None:
    owner_url, app_url = empty_database
    with ThreadPoolExecutor(2) as pool:
        versions = list(pool.map(lambda _: migrate(owner_url, app_url), range(2)))
    assert versions == [newest(), newest()]


def test_the_owner_may_not_be_the_application(empty_database: tuple[str, str]) -> None:
    with pytest.raises(SystemExit, match="the same role"):
        migrate(empty_database[0], empty_database[0])


def test_the_application_waits_for_migrations(empty_database: tuple[str, str]) -> None:
    owner_url, app_url = empty_database
    settings = Settings(database_url=app_url)
    with pytest.raises(SystemExit, match="ventanilla migrate"):
        wait_for_database(settings, seconds=0)
    migrate(owner_url, app_url)
    wait_for_database(settings, seconds=0)


def test_a_database_that_is_away_is_named_as_such() -> None:
    with pytest.raises(SystemExit, match="the database to answer"):
        wait_for_database(Settings(database_url="postgresql://app@127.0.0.1:9/x"), seconds=0)


def test_the_application_owns_nothing(db: TestDatabase) -> None:
    assert is_current(db.app)
    engine = create_engine(as_psycopg(db.app_url))
    try:
        for statement in ("DROP TABLE receipts", "TRUNCATE journals", "UPDATE alembic_version SET version_num = '1'"):
            with pytest.raises(ProgrammingError), engine.begin() as connection:
                connection.execute(text(statement))
        with pytest.raises(ProgrammingError), engine.begin() as connection:
            connection.execute(text("CREATE TABLE extra (id int)"))
    finally:
        engine.dispose()
