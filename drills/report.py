"""What the drill prints: a line as each case ends, then the table, then the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from drills.cases import Case
from drills.running import Result
from drills.tally import Tally

_NAME, _DONE, _FOUND = 21, 48, 44


def say(line: str = "") -> None:
    """One line, at once."""
    print(line, flush=True)


def say_list(cases: Iterable[Case]) -> None:
    """The drills by name."""
    for case in cases:
        say(f"{case.name:<{_NAME}}  {case.done}")


def say_result(result: Result) -> None:
    """One line when a case has ended, with what is wrong below it."""
    say(f"{'FAILED' if result.problems else 'ok':<6}  {result.case.name:<{_NAME}}  {result.seconds:5.1f} s")
    for problem in result.problems:
        say(textwrap.indent(problem, "        - "))


def say_table(results: Sequence[Result]) -> None:
    """Case, what was done, what was found."""
    say()
    _row("Case", "What was done", "What was found")
    say("-" * (_NAME + _DONE + _FOUND + 4))
    for result in results:
        _row(result.case.name, result.case.done, ("FAILED: " if result.problems else "") + result.found)


def say_tally(results: Sequence[Result], money: Tally, seconds: float) -> None:
    """The verdict."""
    failed = [result.case.name for result in results if result.problems]
    say()
    say(f"{len(results)} drills in {seconds:.0f} seconds, {len(failed)} failed{_named(failed)}")
    say(f"{money.paid} payments at the processor, {money.posted} posted, {money.in_queue} in the exceptions queue")
    say(f"paid-but-unposted {len(money.paid_but_unposted)}{_named(money.paid_but_unposted)}")
    say(f"posted-but-unpaid {len(money.posted_but_unpaid)}{_named(money.posted_but_unpaid)}")
    say(f"verify violations {money.violations}")


def _named(names: Sequence[str]) -> str:
    return f": {', '.join(names)}" if names else ""


def _row(name: str, done: str, found: str) -> None:
    columns = [textwrap.wrap(name, _NAME), textwrap.wrap(done, _DONE), textwrap.wrap(found, _FOUND)]
    for place in range(max(len(column) for column in columns)):
        cells = [column[place] if place < len(column) else "" for column in columns]
        say(f"{cells[0]:<{_NAME}}  {cells[1]:<{_DONE}}  {cells[2]}".rstrip())
