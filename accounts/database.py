"""The one door to PostgreSQL: declarative base, column types, and ``transaction``, the only place that commits."""

from __future__ import annotations

import select
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Index,
    MetaData,
    TextualSelect,
    column,
    create_engine,
    event,
    literal_column,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError, MultipleResultsFound, NoResultFound
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from accounts.money import Money

Sessions = sessionmaker[Session]
_PSYCOPG = PGDialect_psycopg()  # type: ignore[no-untyped-call]
QUIET_SECONDS = 2.0
"""A connection that was not used for longer is asked whether it lives."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
APPEND_ONLY = {"info": {"append_only": True}}
"""Table arguments of books, receipts and audit: the application may insert and read, never change or remove."""

IS_A_LANGUAGE = "language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'"
"""Of a column ``language``: a tag (BCP 47). Which ones there are is the city's to say."""


def begins_index(name: str, expression: str, *, where: str | None = None) -> Index:
    """An index that finds what an expression begins with (``~>=~`` and ``~<~``), whatever the database's locale."""
    return Index(
        name,
        literal_column(expression).label("begins"),
        postgresql_ops={"begins": "text_pattern_ops"},
        postgresql_where=None if where is None else text(where),
    )


class Base(DeclarativeBase):
    """All tables of the house share one metadata, so that one migration history describes them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: BigInteger, datetime: DateTime(timezone=True)}


class Cents(TypeDecorator[Money]):
    """A ``BIGINT`` column of cents that is :class:`~accounts.money.Money` in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else value.cents

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Money | None:
        del dialect
        return None if value is None else Money(int(value))


def engine_for(url: str, *, pool_size: int = 8, application: str = "ventanilla") -> Engine:
    """An engine on PostgreSQL by psycopg 3; sessions run in UTC and wait at most 5 s for a lock."""
    engine = create_engine(
        as_psycopg(url),
        pool_size=pool_size,
        max_overflow=4,
        connect_args={
            "application_name": application,
            "options": "-c timezone=UTC -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
        },
    )
    event.listen(engine, "checkin", _note_the_time)
    event.listen(engine, "checkout", _leave_the_dead)
    return engine


def _note_the_time(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["last_used"] = time.monotonic()


def _leave_the_dead(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Give out no connection that the server has closed: a restart is not seen by people.

    A server that stops or cuts a connection says so, and the socket has something to read where nothing was asked:
    that costs no round trip. One that vanishes without a word (its machine died) takes longer than ``QUIET_SECONDS``
    to come back, and a connection that was quiet for so long is asked.
    """
    if connection is None or "last_used" not in record.info:
        return
    quiet = time.monotonic() - record.info["last_used"] > QUIET_SECONDS
    if connection.closed or _has_something_to_say(connection.fileno()) or (quiet and not _answers(connection)):
        raise InvalidatePoolError("the server closed this connection")


def _has_something_to_say(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _answers(connection: Any) -> bool:
    """One round trip, outside of any transaction."""
    try:
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except Exception:  # noqa: BLE001 - whatever it was, a new connection is the way on
        return False
    return True


def query(sql: str, *columns: str) -> TextualSelect:
    """A statement whose columns are named, in their order: how to read its rows is worked out once, not each time."""
    return text(sql).columns(*map(column, columns))


def as_psycopg(url: str) -> str:
    """``postgres://`` and ``postgresql://`` addresses, with SQLAlchemy's driver name put in."""
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg"
    return f"{scheme}{separator}{rest}"


def as_libpq(url: str) -> str:
    """The same address as libpq (psql, pg_dump, procrastinate) wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def sessions_for(engine: Engine) -> Sessions:
    """A factory of sessions whose rows stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


class Rows(list[Any]):
    """The rows of one statement, to be asked as SQLAlchemy's own result is."""

    def all(self) -> list[Any]:
        return self

    def one_or_none(self) -> Any:
        """The only row, or None; raises ``MultipleResultsFound``."""
        if len(self) > 1:
            raise MultipleResultsFound("one row was expected")
        return self[0] if self else None

    def one(self) -> Any:
        """The only row; raises ``NoResultFound`` or ``MultipleResultsFound``."""
        if not self:
            raise NoResultFound("a row was expected")
        return self.one_or_none()


@dataclass(frozen=True)
class OneByOne:
    """A connection on which each :func:`query` stands alone: its own snapshot, committed by the server as it ends.

    For what a page reads, and for a function of the database that is a whole use case: two round trips less than in a
    transaction, and psycopg's own cursor, as SQLAlchemy's takes as long again. Statements that belong together have
    no place here.
    """

    connection: psycopg.Connection[Any]

    def execute(self, statement: TextualSelect, values: Mapping[str, Any]) -> Rows:
        sql, row = _as_sent(statement)
        return Rows(map(row, self.connection.execute(sql, values)))


@cache
def _as_sent(statement: TextualSelect) -> tuple[bytes, Callable[[Sequence[Any]], Any]]:
    """A :func:`query` as psycopg takes it, and what makes a row with names of what comes back."""
    names = [named.name for named in statement.column_args]
    return str(statement.compile(dialect=_PSYCOPG)).encode(), namedtuple("Row", names, rename=True)._make  # type: ignore[attr-defined]


Reader = Session | OneByOne
"""What queries need: inside of a transaction, or outside of any."""


_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """One use case, one transaction: commit at the end of the block, roll back on any exception.

    Transactions do not nest; a use case that calls another raises here rather than commit half of itself.
    """
    if _open_transactions.get():
        raise RuntimeError("a transaction is open: call a step with its session, not another use case")
    mark = _open_transactions.set(1)
    try:
        with sessions() as session:
            yield session
            session.commit()
    finally:
        _open_transactions.reset(mark)


def forbid_open_transaction() -> None:
    """Raise if a transaction is open here: money rule 2, never one across a network call."""
    if _open_transactions.get():
        raise RuntimeError("a network call inside a transaction: store the intent, commit, then call")


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """A session for queries; whatever happens in it is rolled back."""
    with sessions() as session:
        try:
            yield session
        finally:
            session.rollback()


@contextmanager
def one_by_one(sessions: Sessions) -> Iterator[OneByOne]:
    """Statements outside of any transaction; raises inside of one."""
    if _open_transactions.get():
        raise RuntimeError("a transaction is open: its statements belong together")
    engine: Engine = sessions.kw["bind"]
    taken = engine.raw_connection()
    connection: Any = taken.driver_connection
    try:
        connection.autocommit = True
        yield OneByOne(connection)
    finally:
        if connection.closed:
            taken.invalidate()
        else:
            connection.autocommit = False
        taken.close()
