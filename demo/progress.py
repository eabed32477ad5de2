"""Steps on the terminal: what is done, and for how long already."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY_SECONDS = 5.0


def say(text: str = "") -> None:
    """One line, at once."""
    print(text, flush=True)


class Step:
    """A step that runs; ``report`` says how far it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._began = time.monotonic()
        self._said = ""
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def report(self, said: str) -> None:
        """Shown with the next tick (a loader may call this thousands of times)."""
        self._said = said

    def end(self, outcome: str) -> None:
        """The step's last line."""
        self._ended.set()
        self._ticker.join()
        self._show(outcome, last=True)

    def _tick(self) -> None:
        while not self._ended.wait(1.0 if sys.stdout.isatty() else EVERY_SECONDS):
            self._show(self._said)

    def _show(self, said: str, *, last: bool = False) -> None:
        line = f"  {self.name} ... {time.monotonic() - self._began:.1f} s  {said}".rstrip()
        if sys.stdout.isatty():
            print(f"\r\x1b[K{line}", end="\n" if last else "", flush=True)
        else:
            say(line)


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Show ``name`` with the elapsed time while the block runs."""
    running = Step(name)
    try:
        yield running
    except BaseException:
        running.end("stopped")
        raise
    running.end("")
