"""What the database itself refuses, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from accounts.database import Sessions, transaction
from portal.tables import metadata

APPEND_ONLY = [table.name for table in metadata.sorted_tables if table.info.get("append_only")]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_may_not_change_or_remove_books(sessions: Sessions, table: str) -> None:
    for statement in (f"UPDATE {table} SET ctid = ctid", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DBAPIError), transaction(sessions) as session:
            session.execute(text(statement))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_even_the_owner_meets_a_trigger(owner_engine: Engine, table: str) -> None:
    with owner_engine.connect() as connection:
        triggers = set(
            connection.scalars(
                text("SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"),
                {"table": table},
            )
        )
    assert {"append_only", "append_only_truncate"} <= triggers
