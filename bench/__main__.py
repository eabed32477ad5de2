"""``python -m bench``: everything in turn, at SIZE accounts (10k, 100k, 1M), as one report."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench import (
    billing,
    books,
    browsing,
    importing,
    matching,
    notices,
    place,
    population,
    posting,
    printing,
    receiving,
    report,
    searching,
    selling,
    statements,
    sweeping,
)
from bench.progress import say, timed
from demo.postgres import EmbeddedServer
from portal import logs

SIZES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
SMALL = 1_000
"""The smaller city that the number of statements is compared with."""


def main() -> None:
    """Measure, print, and with ``--write`` put the report into docs/performance.md."""
    given = _arguments()
    logs.configure("ERROR")
    began = time.monotonic()
    size = SIZES[given.size]
    names = given.only or list(PARTS)
    with place.started() as server, place.fresh(server, "bench") as at:
        if not OF_THEIR_OWN.issuperset(names):
            _populate(at, size)
        sections = []
        for name in names:
            say(name)
            sections.append(PARTS[name](server, at, size))
        if given.only:
            print("\n\n".join(section.markdown() for section in sections))
            return
        text = report.whole(at, size, sections, time.monotonic() - began)
    print(text)
    if given.write:
        report.write(text)
        say(f"written to {report.FILE.name}")


def _populate(at: place.Place, size: int) -> None:
    say(f"{size:,} accounts")
    with timed() as loading:
        population.populate(at, size)
    say(f"loaded in {loading():.0f} s")


def _statements(server: EmbeddedServer, at: place.Place, size: int) -> report.Section:
    with _other(server, SMALL) as small:
        few = statements.counted(small, SMALL)
    return statements.section(few, statements.counted(at, size), size, SMALL)


def _sweeping(server: EmbeddedServer, at: place.Place, size: int) -> report.Section:
    """In a city of its own: the sandbox knows nothing of what the other parts posted."""
    del at, size
    with _other(server, sweeping.ACCOUNTS) as small:
        return sweeping.section(small)


@contextmanager
def _other(server: EmbeddedServer, accounts: int) -> Iterator[place.Place]:
    with place.fresh(server, "bench_small") as small:
        say(f"{accounts:,} accounts")
        population.populate(small, accounts)
        yield small


PARTS: dict[str, Callable[[EmbeddedServer, place.Place, int], report.Section]] = {
    "statements": _statements,
    "pages": lambda _, at, size: browsing.section(at, size),
    "searching": lambda _, at, size: searching.section(at, size),
    "posting": lambda _, at, _size: posting.section(at),
    "receiving": lambda _, at, _size: receiving.section(at),
    "window": lambda _, at, _size: selling.section(at),
    "sweep": _sweeping,
    "imports": lambda _, at, _size: importing.section(at),
    "billing": lambda server, _at, size: billing.section(server, size),
    "printing": lambda server, _at, size: printing.section(server, size),
    "notices": lambda server, _at, size: notices.section(server, size),
    "matching": lambda server, _at, size: matching.section(server, size),
    "books": lambda _, at, _size: books.section(at),
}
"""In the order of the report; the books come last, and prove what the others made."""
OF_THEIR_OWN = frozenset({"sweep", "billing", "printing", "notices", "matching"})
"""Parts with a city of their own: to run only these, no other is filled."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default=os.environ.get("SIZE", "10k"))
    parser.add_argument("--only", choices=PARTS, action="append", help="measure and print just this part; may repeat")
    parser.add_argument("--write", action="store_true", help="put the report into docs/performance.md")
    given = parser.parse_args()
    if given.size not in SIZES:
        parser.error(f"SIZE is one of {', '.join(SIZES)}, not {given.size!r}")
    if given.only and given.write:
        parser.error("--write puts the whole report into the file; leave out --only")
    return given


if __name__ == "__main__":
    main()
