"""The sandbox's own clock: real time plus an offset that only grows, kept in the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.store import Store

DAY = 86_400


class Clock:
    """Tells the sandbox's time; ``held_at`` lets an overdue job run at the moment it was due."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = threading.local()

    @property
    def offset(self) -> int:
        """How far the clock runs ahead of real time, in seconds."""
        return int(self._store.setting("clock_offset", "0"))

    def time(self) -> float:
        """The moment now, with its fraction."""
        held: int | None = getattr(self._thread, "held", None)
        return float(held) if held is not None else time.time() + self.offset

    def now(self) -> int:
        """The moment now, in whole seconds as Stripe writes it."""
        return int(self.time())

    def advance(self, seconds: int) -> None:
        """Moves the clock forward."""
        if seconds < 0:
            raise ValueError("The clock only goes forward.")
        self._store.set_setting("clock_offset", str(self.offset + seconds))

    def begin(self, days_ago: int) -> None:
        """Lets the clock of a new store begin in the past; one that has begun goes on."""
        if not self._store.setting("clock_offset", ""):
            self._store.set_setting("clock_offset", str(-days_ago * DAY))

    @contextmanager
    def held_at(self, moment: int) -> Iterator[None]:
        """Shows this thread a fixed moment."""
        before = getattr(self._thread, "held", None)
        self._thread.held = moment
        try:
            yield
        finally:
            self._thread.held = before


def midnight(moment: int, *, days: int = 0) -> int:
    """The start of the UTC day of a moment, some days on."""
    return moment - moment % DAY + days * DAY
