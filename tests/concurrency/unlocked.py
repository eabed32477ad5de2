"""Controls of races: the same code without its locks, in which all who run meet at the worst moment."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_ROW_LOCK = re.compile(r"\s+FOR UPDATE(\s+OF \w+)?")


@contextmanager
def without_locks(engine: Engine, marker: str, people: int = 2) -> Iterator[None]:
    """No row is locked and nobody takes turns; who has read what ``marker`` names waits until all have."""
    gate, seen = threading.Barrier(people), threading.local()

    def meet() -> None:
        if not getattr(seen, "here", False):
            seen.here = True
            gate.wait(timeout=20)

    with unlocked(engine), after_reading(engine, marker, meet):
        yield


@contextmanager
def unlocked(engine: Engine) -> Iterator[None]:
    """No row is locked, and nobody takes turns."""

    def strip(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        return _ROW_LOCK.sub("", statement).replace("pg_advisory_xact_lock", "pg_typeof"), parameters

    event.listen(engine, "before_cursor_execute", strip, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", strip)


@contextmanager
def dawdling(engine: Engine, marker: str) -> Iterator[None]:
    """Between reading and writing others have time to read too, if nothing holds them."""
    with after_reading(engine, marker, lambda: time.sleep(0.05)):
        yield


@contextmanager
def after_reading(engine: Engine, marker: str, then: Callable[[], None]) -> Iterator[None]:
    """Do something in the thread that has just read what ``marker`` names."""

    def look(_c: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT") and marker in statement:
            then()

    event.listen(engine, "after_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", look)
