"""``ventanilla drill`` (``python -m drills``): the failure drills, as a table; 1 if books and money differ."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from drills import ground, opening, report, running, tally
from drills.cases import CASES, Case
from drills.stage import Stage
from portal import logs
from portal.config import CHECKOUT

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATE = CHECKOUT / ".state" / "drill"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drills; the result is the process's exit status."""
    given = _arguments(arguments)
    if given.list:
        report.say_list(CASES.values())
        return 0
    logs.configure("CRITICAL")
    chosen = [CASES[name] for name in given.only or CASES]
    report.say(f"Setting the stage for {len(chosen)} drills: database, city, sandbox, mail, web, worker.")
    try:
        with _ended_by_signals(), ground.server(STATE) as (server, beside), opening.opened(server, beside) as stage:
            stage.sweeps_run = not given.without_sweep
            with _undisturbed_end():
                return conduct(stage, chosen)
    except KeyboardInterrupt:
        report.say("Stopped. Everything that was started is ended, and the scratch database is gone.")
        return 130


def conduct(stage: Stage, cases: Sequence[Case]) -> int:
    """Run these drills and print everything; 0 if each found what it should, and no cent is missing or invented."""
    began = time.monotonic()
    results = running.run(stage, cases, report.say_result)
    stage.calm()
    stage.sweep_deep()
    money = tally.taken(stage)
    report.say_table(results)
    report.say_tally(results, money, time.monotonic() - began)
    return 0 if money.is_clean and not any(result.problems for result in results) else 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ventanilla drill", description=__doc__)
    parser.add_argument("--only", action="append", metavar="CASE", help="only this drill; may be repeated")
    parser.add_argument("--list", action="store_true", help="name the drills and do nothing")
    parser.add_argument(
        "--without-sweep", action="store_true", help="leave the sweeps out, to see the drill find what they would"
    )
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.only or [] if name not in CASES]:
        parser.error(f"there is no drill {', '.join(unknown)}; --list names them")
    return given


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the drill as Ctrl-C does; afterwards all is as it was."""
    before = {number: signal.getsignal(number) for number in _ENDING}

    def end(number: int, frame: FrameType | None) -> None:
        running.ASKED_TO_END.set()
        signal.default_int_handler(number, frame)

    running.ASKED_TO_END.clear()
    for number in _ENDING:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed_end() -> Iterator[None]:
    """Whoever presses Ctrl-C again while everything is being ended waits until it is."""
    try:
        yield
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
