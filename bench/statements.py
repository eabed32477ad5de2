"""How many statements each page sends: they grow neither with what an account owes nor with the city."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg
from flask import Flask
from sqlalchemy import Engine

from bench.asks import Ask, pages
from bench.load import CLIENT, filled
from bench.place import Place
from bench.report import Section
from portal import create_app
from portal.wiring import wiring

Counts = Mapping[str, tuple[int, int]]
"""Page → statements, and bytes of the answer."""


def counted(place: Place, size: int) -> Counts:
    """Each page once warm, then counted."""
    app = create_app(place.settings)
    with app.app_context():
        engine = wiring().engine
    found = {}
    for page in pages(place, app, size, guests=2):
        _send(app, page.asks[0], page.status)
        with counting(engine) as statements:
            length = _send(app, page.asks[-1], page.status)
        found[page.name] = (len(statements), length)
    engine.dispose()
    return found


def section(small: Counts, large: Counts, size: int, small_size: int) -> Section:
    """The two beside each other."""
    rows = [
        [name, small[name][0], statements, f"{length / 1000:.1f} kB"] for name, (statements, length) in large.items()
    ]
    grown = [name for name in large if large[name][0] != small[name][0]]
    note = f"**Growing: {', '.join(grown)}.**" if grown else "No page sends more statements in the larger city."
    head = ["Page", f"Statements, {small_size:,} accounts", f"Statements, {size:,} accounts", "Answer"]
    return Section("Statements per page", head, rows, [note])


def _send(app: Flask, ask: Ask, status: int) -> int:
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": ask.cookie, "X-Forwarded-For": filled(CLIENT).decode()}
    form = (
        {"data": filled(ask.body.encode()), "content_type": "application/x-www-form-urlencoded"} if ask.body else {}
    )
    response = client.open(ask.path, method=ask.method, headers=headers, **form)  # type: ignore[arg-type]
    if response.status_code != status:
        raise LookupError(f"{ask.method} {ask.path} answered {response.status_code}, not {status}")
    return len(response.data)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """The statements that go to the database of ``engine`` meanwhile."""
    statements: list[str] = []
    really = psycopg.Cursor.execute

    def note(cursor: Any, statement: Any, *rest: Any, **named: Any) -> Any:
        if statement and cursor.connection.info.dbname == engine.url.database:
            statements.append(str(statement))
        return really(cursor, statement, *rest, **named)

    with mock.patch.object(psycopg.Cursor, "execute", note):  # SQLAlchemy hears only what goes through it
        yield statements
