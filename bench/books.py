"""How long the books take to prove and to write out, and how much memory that needs."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from accounts.database import engine_for, reading, sessions_for
from accounts.ledger import exports
from accounts.seals.service import close_days
from bench.elsewhere import elsewhere
from bench.place import STATE, Place
from bench.progress import say, timed
from bench.report import Section
from portal.sealing import PARTS
from portal.verification import seals
from portal.verify import Check, verify

_SEALED = text("""
    SELECT count(*) FROM postings p JOIN journals j ON j.id = p.journal_id
      JOIN day_seals s ON s.day = j.business_day""")
ENOUGH = "the books do not prove: "


@dataclass(frozen=True)
class Exported:
    """An export by a process of its own: seconds, lines, and its memory before and at its peak, in MB."""

    seconds: float
    lines: int
    before: float
    peak: float


def section(place: Place) -> Section:
    """Closing every day that is over, ``verify``, its check of the seals alone, and the export, of everything."""
    say("  closing days")
    closed = _close(place)
    with reading(place.sessions) as session:
        postings = int(session.scalar(text("SELECT count(*) FROM postings")) or 0)
        sealed = int(session.scalar(_SEALED) or 0)
        say("  the seals")
        with timed() as checking:
            broken = seals.violations(session)
        if broken:
            raise LookupError(ENOUGH + broken[0])
        say("  verify")
        with timed() as seconds:
            checks = verify(session)
    refuse_violations(checks)
    say("  export for hledger")
    exported = _export_elsewhere(place)
    rows = [
        _row(
            "closing and sealing days", sealed, sum(closed),
            f"{len(closed)} days, each a transaction; the slowest {max(closed):.1f} s",
        ),
        _row("verify, the seals alone", sealed, checking(), f"{len(closed)} seals"),
        _row("verify", postings, seconds(), f"{len(checks)} checks, no violation"),
        _row(
            "export for hledger", postings, exported.seconds,
            f"{exported.lines:,} lines; memory {exported.before:.0f} MB before, {exported.peak:.0f} MB at its peak",
        ),
    ]  # fmt: skip
    return Section("The books", ["", "postings", "seconds", "postings per second", ""], rows)


def _close(place: Place) -> list[float]:
    """Close what is over, day by day; the seconds of each."""
    spans = []
    while True:
        with timed() as seconds:
            done = close_days(place.sessions, PARTS, clock=place.clock, swept_through=place.clock.now(), most=1)
        if not done.seals:
            return spans
        spans.append(seconds())


def refuse_violations(checks: Sequence[Check]) -> None:
    """What the bench made, and what it posted by either way, must be right, or its figures mean nothing."""
    wrong = [violation for check in checks for violation in check.violations]
    if wrong:
        raise LookupError(ENOUGH + "; ".join(wrong[:5]))


def _row(name: str, postings: int, seconds: float, note: str) -> list[object]:
    return [name, f"{postings:,}", f"{seconds:.1f}", f"{postings / seconds:,.0f}", note]


def _export_elsewhere(place: Place) -> Exported:
    return Exported(**elsewhere("bench.books", place.app_url))


def _export(app_url: str, out: Path) -> Exported:
    engine = engine_for(app_url, application="ventanilla-bench-export")
    before = _peak_memory()
    lines = 0
    with timed() as seconds, reading(sessions_for(engine)) as session, out.open("w", encoding="utf-8") as file:
        for line in exports.hledger(session):
            file.write(line)
            lines += 1
    engine.dispose()
    return Exported(seconds(), lines, before, _peak_memory())


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Export the database whose address is on stdin; the figures go to stdout."""
    out = STATE / "books.journal"
    try:
        json.dump(_export(sys.stdin.read().strip(), out).__dict__, sys.stdout)
    finally:
        out.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
