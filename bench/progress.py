"""What runs now, with the seconds since the start, on stderr: the report itself goes to stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_BEGAN = time.monotonic()


def say(words: str) -> None:
    """One line of progress."""
    print(f"[{time.monotonic() - _BEGAN:6.0f} s] {words}", file=sys.stderr, flush=True)


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """``with timed() as seconds: ...``; afterwards ``seconds()`` is how long the block took."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())
