"""Keeps the sandbox's objects in one SQLite file, so that a restart forgets nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    private TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agenda (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due_at INTEGER NOT NULL, job TEXT NOT NULL, subject TEXT NOT NULL,
    UNIQUE (due_at, job, subject)
);
CREATE INDEX IF NOT EXISTS agenda_due ON agenda (due_at);
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, type TEXT NOT NULL, endpoint TEXT NOT NULL,
    body TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, due_at REAL NOT NULL, last_answer TEXT,
    manner TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
"""


class Store:
    """One connection behind one lock: every request and every background step takes its turn."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._add_what_is_new()

    def _add_what_is_new(self) -> None:
        """Brings the file of an earlier sandbox up to date."""
        if "manner" not in {column["name"] for column in self.rows("PRAGMA table_info(delivery)")}:
            self.rows("ALTER TABLE delivery ADD COLUMN manner TEXT NOT NULL DEFAULT ''")

    def close(self) -> None:
        """Closes the file; nothing may be asked afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Runs a block alone: all of it is kept, or on an exception none of it; nesting joins the outer one."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if outermost:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if outermost:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Asks, or changes, the tables beside the objects."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def insert(self, body: Json, **private: Any) -> Json:
        """Adds an object; ``private`` holds what the sandbox knows and never shows."""
        self.rows(
            "INSERT INTO object (id, kind, created, body, private) VALUES (?, ?, ?, ?, ?)",
            body["id"], body["object"], body["created"], json.dumps(body), json.dumps(private),
        )  # fmt: skip
        return body

    def save(self, body: Json) -> Json:
        """Writes an object back."""
        self.rows("UPDATE object SET body = ? WHERE id = ?", json.dumps(body), body["id"])
        return body

    def get(self, identifier: str, kind: str | None = None) -> Json | None:
        """Reads one object, if it is there and of that kind."""
        found = self.rows("SELECT kind, body FROM object WHERE id = ?", identifier)
        if not found or (kind and found[0]["kind"] != kind):
            return None
        body: Json = json.loads(found[0]["body"])
        return body

    def delete(self, identifier: str) -> None:
        """Forgets an object."""
        self.rows("DELETE FROM object WHERE id = ?", identifier)

    def sequence(self, identifier: str) -> int | None:
        """The place of an object in the order of creation, for cursors."""
        found = self.rows("SELECT seq FROM object WHERE id = ?", identifier)
        return int(found[0]["seq"]) if found else None

    def private(self, identifier: str) -> Json:
        """Reads what the sandbox knows of an object and never shows."""
        found = self.rows("SELECT private FROM object WHERE id = ?", identifier)
        facts: Json = json.loads(found[0]["private"]) if found else {}
        return facts

    def note(self, identifier: str, **facts: Any) -> None:
        """Adds to what the sandbox knows of an object."""
        merged = {**self.private(identifier), **facts}
        self.rows("UPDATE object SET private = ? WHERE id = ?", json.dumps(merged), identifier)

    def find(self, kind: str, where: dict[str, Any] | None = None, *, clauses: str = "", values: tuple[Any, ...] = (), limit: int = -1, ascending: bool = False) -> list[Json]:  # fmt: skip  # noqa: E501
        """Lists objects of a kind, newest first, whose fields (dotted names) equal the given values."""
        wanted = where or {}
        fields = "".join(" AND json_extract(body, ?) = ?" for _ in wanted)
        pairs = [part for name, value in wanted.items() for part in (f"$.{name}", value)]
        order = "ASC" if ascending else "DESC"
        sql = f"SELECT body FROM object WHERE kind = ?{fields}{clauses} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - only our own words
        return [json.loads(row["body"]) for row in self.rows(sql, kind, *pairs, *values, limit)]

    def setting(self, name: str, default: str) -> str:
        """Reads a switch of the control page."""
        found = self.rows("SELECT value FROM setting WHERE name = ?", name)
        return str(found[0]["value"]) if found else default

    def set_setting(self, name: str, value: str) -> None:
        """Sets a switch of the control page."""
        self.rows("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)
