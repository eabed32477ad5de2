"""Runs drills one after the other; one that fails does not keep the next from running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from drills.cases import Case
from drills.findings import Found, look, mark
from drills.stage import Stage

ASKED_TO_END = threading.Event()


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    case: Case
    seen: Found | None
    """None if it did not come to its end."""
    problems: tuple[str, ...]
    seconds: float

    @property
    def found(self) -> str:
        """For the table."""
        return self.seen.sentence() if self.seen else "it did not come to its end"


def run(stage: Stage, cases: Iterable[Case], say: Callable[[Result], None]) -> list[Result]:
    """Every drill's result, said as soon as it is there."""
    results = []
    for case in cases:
        if ASKED_TO_END.is_set():  # an interrupt that arrived inside a finalizer was swallowed there
            raise KeyboardInterrupt
        result = run_one(stage, case)
        say(result)
        results.append(result)
    return results


def run_one(stage: Stage, case: Case) -> Result:
    """Do it, wait until nothing moves any more, and look."""
    began = time.monotonic()
    try:
        stage.calm()
        before = mark(stage)
        case.act(stage)
        stage.quiet()
        found = look(stage, before)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the drill's result
        first = f"{type(error).__name__}: {error}".strip()
        return Result(case, None, (first,), time.monotonic() - began)
    return Result(case, found, tuple(found.problems(case.expected)), time.monotonic() - began)
