"""``python -m bench``: everything in turn, at SIZE accounts (10k, 100k, 1M), as one report."""

from __future__ import annotations

import argparse
import os
import time

from bench import books, browsing, importing, place, population, posting, report, statements
from bench.progress import say, timed
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
    with place.started() as server:
        if given.only == "pages":
            with place.fresh(server, "bench") as at:
                population.populate(at, size)
                print(browsing.section(at, size).markdown())
            return
        with place.fresh(server, "bench_small") as small:
            say(f"{SMALL:,} accounts")
            population.populate(small, SMALL)
            few = statements.counted(small, SMALL)
        with place.fresh(server, "bench") as large:
            say(f"{size:,} accounts")
            with timed() as loading:
                population.populate(large, size)
            sections = _sections(large, size, few, loading())
            text = report.whole(large, size, sections, time.monotonic() - began)
    print(text)
    if given.write:
        report.write(text)
        say(f"written to {report.FILE.name}")


def _sections(at: place.Place, size: int, few: statements.Counts, loading: float) -> list[report.Section]:
    say(f"loaded in {loading:.0f} s; statements per page")
    counted = statements.section(few, statements.counted(at, size), size, SMALL)
    say("pages")
    pages = browsing.section(at, size)
    say("the posting step")
    posted = posting.section(at)
    say("imports")
    imported = importing.section(at)
    say("the books")
    kept = books.section(at)
    return [counted, pages, posted, imported, kept]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default=os.environ.get("SIZE", "10k"))
    parser.add_argument("--only", choices=("pages",), help="measure and print just this part")
    parser.add_argument("--write", action="store_true", help="put the report into docs/performance.md")
    given = parser.parse_args()
    if given.size not in SIZES:
        parser.error(f"SIZE is one of {', '.join(SIZES)}, not {given.size!r}")
    return given


if __name__ == "__main__":
    main()
