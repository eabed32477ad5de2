"""A restart of the database is not seen by people: no connection is given out that the server has closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from accounts import database
from accounts.database import engine_for, one_by_one, query, reading, sessions_for, transaction
from tests.database import TestDatabase

WHO = text("SELECT pg_backend_pid()")


@pytest.fixture
def engine(db: TestDatabase) -> Iterator[Engine]:
    made = engine_for(db.app_url, pool_size=3)
    yield made
    made.dispose()


def _fill(engine: Engine) -> set[int]:
    """Three connections in the pool; their processes at the server."""
    held = [engine.connect() for _ in range(3)]
    pids = {int(connection.scalar(WHO)) for connection in held}
    for connection in held:
        connection.close()
    return pids


def _cut(db: TestDatabase, pids: set[int]) -> None:
    with db.owner.connect() as connection:
        gone = connection.scalars(
            text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(:pids) pid"), {"pids": [*pids]}
        )
        assert all(gone)


def test_after_a_restart_the_first_statement_is_answered(db: TestDatabase, engine: Engine) -> None:
    pids = _fill(engine)
    _cut(db, pids)
    for _ in range(4):
        with reading(sessions_for(engine)) as session:
            assert session.scalar(WHO) not in pids


def test_without_the_check_the_first_statement_fails(db: TestDatabase, engine: Engine) -> None:
    event.remove(engine, "checkout", database._leave_the_dead)
    _cut(db, _fill(engine))
    with pytest.raises(OperationalError), reading(sessions_for(engine)) as session:
        session.scalar(WHO)


def test_a_living_connection_is_used_again_and_asked_only_after_a_silence(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    real = database._answers
    monkeypatch.setattr(database, "_answers", lambda connection: asked.append(True) or real(connection))
    pids = _fill(engine)
    with engine.connect() as connection:
        assert connection.scalar(WHO) in pids
    assert asked == []
    monkeypatch.setattr(database, "QUIET_SECONDS", -1.0)
    with engine.connect() as connection:
        assert connection.scalar(WHO) in pids
        assert not connection.connection.dbapi_connection.autocommit  # type: ignore[union-attr]
    assert asked == [True]


def test_a_connection_that_gives_no_answer_is_replaced(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = _fill(engine)
    monkeypatch.setattr(database, "QUIET_SECONDS", -1.0)
    monkeypatch.setattr(database, "_answers", lambda _connection: False)
    with engine.connect() as connection:
        assert connection.scalar(WHO) not in pids


def test_named_columns_are_read_in_their_order(engine: Engine) -> None:
    with reading(sessions_for(engine)) as session:
        row = session.execute(query("SELECT 1, 'two', jsonb_build_array(3)", "one", "two", "three")).one()
    assert (row.one, row.two, row.three) == (1, "two", [3])


def test_a_statement_that_stands_alone_is_kept_and_leaves_the_connection_as_it_was(db: TestDatabase) -> None:
    once = query("SELECT count(*) FROM (SELECT nextval('customer_accounts_id_seq')) AS taken", "count")
    with one_by_one(db.sessions) as single:
        assert single.execute(once, {}).one().count == 1
        assert single.execute(query("SELECT now() = statement_timestamp()", "alone"), {}).one().alone
    with reading(db.sessions) as session:
        assert not session.connection().connection.dbapi_connection.autocommit  # type: ignore[union-attr]


def test_statements_that_belong_together_are_not_sent_one_by_one(db: TestDatabase) -> None:
    with transaction(db.sessions), pytest.raises(RuntimeError, match="belong together"), one_by_one(db.sessions):
        pass
