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
from drills.cases import CASES
from portal import logs
from portal.config import CHECKOUT

STATE = CHECKOUT / ".state" / "drill"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drills; the result is the process's exit status."""
    given = _arguments(arguments)
    if given.list:
        report.say_list(CASES.values())
        return 0
    logs.configure("CRITICAL")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    chosen = [CASES[name] for name in given.only or CASES]
    began = time.monotonic()
    report.say(f"Setting the stage for {len(chosen)} drills: database, city, sandbox, mail, web, worker.")
    try:
        with ground.server(STATE) as (server, beside), opening.opened(server, beside) as made, _undisturbed_end():
            made.sweeps_run = not given.without_sweep
            report.say(f"Ready after {time.monotonic() - began:.0f} seconds.")
            results = running.run(made, chosen, report.say_result)
            made.calm()
            made.sweep_deep()
            money = tally.taken(made)
    except KeyboardInterrupt:
        report.say("Stopped. Everything that was started is ended, and the scratch database is gone.")
        return 130
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
def _undisturbed_end() -> Iterator[None]:
    """Whoever presses Ctrl-C again while everything is being ended waits until it is."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
