"""The one search box: milliseconds of a search by each kind of thing that is typed, beside one bare indexed query."""

from __future__ import annotations

import functools
import os
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import text

from accounts.database import OneByOne, one_by_one, query, reading
from accounts.searches.queries import search
from bench.place import Place
from bench.progress import say
from bench.report import Section
from bench.statements import counting

PEOPLE = 200
ASKS, TURNS = 60, 20
"""The system counts work in hundredths of a second, so that a search is done often enough to be seen."""
AIM_MS = 20.0
_PEOPLE = text("""
    SELECT a.reference, n.number, c.name, c.last_name, c.email, c.phone, coalesce(p.address, '') AS address,
           coalesce(t.plate, '') AS plate,
           (SELECT max(open_cents) FROM charges WHERE customer_account_id = a.id) AS cents
      FROM customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      JOIN account_aliases n ON n.customer_account_id = a.id
      LEFT JOIN premises p ON p.id = a.premises_id
      LEFT JOIN citations t ON t.customer_account_id = a.id
     WHERE a.id = ANY (:ids) ORDER BY a.id""")
_BARE = query(
    """
    SELECT a.id, a.kind, a.reference, a.status, c.name, p.address
      FROM customer_accounts a JOIN customers c ON c.id = a.customer_id LEFT JOIN premises p ON p.id = a.premises_id
     WHERE a.reference = :reference""",
    "id", "kind", "reference", "status", "name", "address",
)  # fmt: skip
"""What a page would ask that knows the number already."""
_SCANNED = text("""
    SELECT relname, pg_stat_get_xact_numscans(oid) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('i', 'r') AND pg_stat_get_xact_numscans(oid) > 0""")
_WHOLE = text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
_SIZES = text("""
    SELECT pg_size_pretty(pg_table_size('search_documents')), pg_size_pretty(pg_indexes_size('search_documents')),
           (SELECT count(DISTINCT word) FROM search_spellings),
           pg_size_pretty(pg_total_relation_size('search_spellings'))""")
_OF_EVERY_SEARCH = re.compile(r"pk_|ix_charges_(open|customer_account_id)$|ix_customer_accounts_customer_id")
"""Indexes by which any hit is read; the others are those that found it."""


@dataclass(frozen=True)
class Person:
    """Somebody of the city. What they do not have is blank."""

    reference: str
    number: str
    name: str
    last_name: str
    email: str
    phone: str
    address: str
    plate: str
    cents: int

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


def _misspelled(word: str) -> str:
    """Two letters in the middle change places."""
    at = len(word) // 2
    return f"{word[: at - 1]}{word[at]}{word[at - 1]}{word[at + 1 :]}"


KINDS: dict[str, Callable[[Person], str]] = {
    "our number": lambda who: f"{who.reference[:3]}-{who.reference[3:6]}-{who.reference[6:]}",
    "our number, begun": lambda who: who.reference[:6],
    "the city's number": lambda who: who.number.replace("-", " "),
    "a name": lambda who: who.last_name and f"{who.first_name} {who.last_name}",
    "a name, words swapped": lambda who: who.last_name and f"{who.last_name}, {who.first_name}",
    "a name, begun": lambda who: who.last_name and f"{who.first_name} {who.last_name[:3]}",
    "a name, misspelled": lambda who: who.last_name and f"{who.first_name} {_misspelled(who.last_name)}",
    "a last name, misspelled": lambda who: who.last_name and _misspelled(who.last_name),
    "a common first name": lambda _: "maria",
    "a common first and last name": lambda _: "Maria Garcia",
    "two letters": lambda who: who.name[:2],
    "an address": lambda who: who.address,
    "an address, begun": lambda who: who.address.partition(",")[0][:-4],
    "an e-mail address": lambda who: who.email,
    "a telephone number": lambda who: who.phone,
    "a plate": lambda who: who.plate,
    "an amount": lambda who: f"${who.cents / 100:.2f}",
}


@dataclass(frozen=True)
class Measured:
    """One kind: milliseconds by the clock, and of work of the database's process; ``bare``: a bare query's work."""

    clock: Sequence[float]
    process: Sequence[float]
    bare: float


def section(place: Place, size: int) -> Section:
    """Every kind, as the staff's page asks it; and by which indexes."""
    people = _people(place, size)
    rows = []
    for name, typed in KINDS.items():
        say(f"  {name}")
        asked = list(islice(cycle([who for who in people if typed(who)]), ASKS))
        taken = _times(place, typed, asked)
        p95 = _p95(taken.process)
        statements, indexes = _looked_into(place, typed(asked[0]))
        rows.append([
            name, statements, f"{statistics.median(taken.clock):.1f}", f"{_p95(taken.clock):.1f}",
            f"{statistics.median(taken.process):.1f}", f"{p95:.1f} ({'reached' if p95 < AIM_MS else 'above'})",
            f"{statistics.median(taken.process) / taken.bare:.0f}", indexes,
        ])  # fmt: skip
    head = ["Typed", "statements", "p50 ms", "p95 ms", "p50 of the process", "p95 of the process", "times bare", "by"]
    with reading(place.sessions) as session:
        table, indexes, words, spellings = session.execute(_SIZES).one()
    note = (
        f"{ASKS} searches of each kind, {TURNS} times each, one at a time over loopback; then as often a bare query "
        "by an indexed number. *Of the process*: for how long the database's process worked, which is what a search "
        "takes where nothing else runs, as all is in memory; *times bare* by the same measure. "
        f"Aim: 95 of 100 below {AIM_MS:.0f} ms. "
        f"The index: documents {table}, their indexes {indexes}; {words:,} words, with their spellings {spellings}."
    )
    return Section(f"Searching {size:,} accounts", head, rows, [note])


def _people(place: Place, size: int) -> list[Person]:
    step = max(size // PEOPLE, 1)
    # An odd step, so that every kind of account is among them.
    ids = range(1 + step, size + 1, step + 1 - step % 2)
    with reading(place.sessions) as session:
        return [Person(*row) for row in session.execute(_PEOPLE, {"ids": list(ids)})]


def _times(place: Place, typed: Callable[[Person], str], asked: Sequence[Person]) -> Measured:
    with one_by_one(place.sessions) as reader:
        for who in asked[:10]:
            _ask(reader, typed(who))
        clock: list[float] = []
        process: list[float] = []
        for who in asked:
            began = _worked(reader)
            clock += [_timed(functools.partial(_ask, reader, typed(who))) for _ in range(TURNS)]
            process.append((_worked(reader) - began) / TURNS)
        began = _worked(reader)
        for _ in range(TURNS):
            for who in asked:
                _bare(reader, who)
        bare = (_worked(reader) - began) / TURNS / len(asked)
    return Measured(clock, process, bare)


def _worked(reader: OneByOne) -> float:
    """Milliseconds that the process of this connection has worked, as the system counts them (in hundredths)."""
    fields = Path(f"/proc/{reader.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def _ask(reader: OneByOne, typed: str) -> None:
    search(reader, typed, sees_protected=False, sees_restricted=False)


def _bare(reader: OneByOne, who: Person) -> None:
    reader.execute(_BARE, {"reference": who.reference}).one()


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _looked_into(place: Place, typed: str) -> tuple[int, str]:
    """How many statements a search sends, and the indexes that it went by."""
    with reading(place.sessions) as session, counting(place.engine) as statements:
        before = dict(session.execute(_SCANNED).all())
        whole = set(session.scalars(_WHOLE))
        sent = len(statements)
        search(session, typed, sees_protected=False, sees_restricted=False)
        sent = len(statements) - sent
        scanned = {name for name, times in session.execute(_SCANNED) if times > before.get(name, 0)}
    if read_whole := scanned & whole:
        raise LookupError(f"a search read {', '.join(read_whole)} whole")
    found_by = {re.sub(r"(words)_\d+$", r"\1", name) for name in scanned if not _OF_EVERY_SEARCH.match(name)}
    return sent, ", ".join(sorted(name[3:] for name in found_by))
