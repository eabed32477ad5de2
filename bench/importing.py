"""Rows imported per second, new and again unchanged, beside COPY and merge of the same rows."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from accounts.database import as_libpq
from accounts.imports.rules import ImportReport
from accounts.imports.service import import_file
from accounts.imports.terms import Terms, terms_of
from bench import registers
from bench.merging import merge
from bench.place import PROOF_KEY, Place
from bench.progress import say, timed
from bench.report import Section, ratio
from portal.config import CHECKOUT

ROWS = 5_000
TURNS = 3
AIM = 1 / 3


def section(place: Place, rows: int = ROWS) -> Section:
    """Each kind in turns, on new files each time; medians."""
    terms = terms_of(place.city.city, place.city.release_id, place.clock.today())
    lines = []
    with tempfile.TemporaryDirectory(prefix="ventanilla-bench-") as folder:
        for kind in registers.KINDS:
            lines += _kind(place, kind, terms, Path(folder), rows)
    head = ["Import", "house, rows per second", "COPY and merge, rows per second", "ratio"]
    note = (
        f"{rows:,} rows a file, {TURNS} turns, medians. The merge fills the same tables (accounts, proofs, charges, "
        "journal, postings) and checks nothing: no rejects, no control totals, no explained differences. "
        "Aim: a third."
    )
    return Section("Importing beside COPY and merge", head, lines, [note])


def _kind(place: Place, kind: str, terms: Terms, folder: Path, rows: int) -> list[list[object]]:
    rates: dict[str, list[tuple[float, float]]] = {"new": [], "again, unchanged": []}
    for turn in range(TURNS):
        say(f"  importing {kind}, turn {turn + 1}")
        ours = registers.write(folder, kind, f"{kind[0].upper()}H{turn}", rows)
        theirs = registers.write(folder, kind, f"{kind[0].upper()}M{turn}", rows)
        for pairs in rates.values():
            with timed() as house:
                report = take(place, kind, ours, terms)
            if report.added + report.unchanged != rows:
                raise LookupError(f"{ours.name}: {report.last_line()}")
            with timed() as merged:
                merge(as_libpq(place.app_url), kind, theirs, terms)
            pairs.append((rows / house(), rows / merged()))
    return [[f"{kind}, {name}", *_compared(pairs)] for name, pairs in rates.items()]


def _compared(pairs: list[tuple[float, float]]) -> list[str]:
    ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    share = statistics.median(house / merged for house, merged in pairs)
    return [f"{ours:,.0f}", f"{theirs:,.0f}", ratio(share, 1.0, AIM)]


def take(place: Place, kind: str, path: Path, terms: Terms) -> ImportReport:
    """Import a file as `ventanilla import` does, through the demo's own profile."""
    return import_file(
        place.sessions,
        kind,
        path,
        CHECKOUT / "city" / "profiles" / f"demo-{kind}.toml",
        terms=terms,
        clock=place.clock,
        actor="system",
        proof_key=PROOF_KEY.encode(),
    )
