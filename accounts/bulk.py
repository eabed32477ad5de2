"""Many rows at once: ids reserved ahead, rows sent by COPY. Only steps of this package use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

_RESERVE = text(
    "SELECT nextval(pg_get_serial_sequence(CAST(:table AS text), 'id'))"
    "  FROM generate_series(1, CAST(:count AS bigint))"
)


def reserve_ids(session: Session, table: str, count: int) -> list[int]:
    """Step: ``count`` ids of ``table`` that nobody else will get; unused ones leave gaps, which mean nothing."""
    if not count:
        return []
    return list(session.scalars(_RESERVE, {"table": table, "count": count}))


def copy_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Step: COPY ``rows`` into ``table`` in the caller's transaction. Columns left out take their SQL default only.

    COPY writes identity columns as given, so that reserved ids need nothing special.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with _driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _driver(session: Session) -> psycopg.Connection[Any]:
    session.flush()
    return cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
