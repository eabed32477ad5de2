"""Payments posted per second: the house's posting step beside the same rows by single statements, in turns."""

from __future__ import annotations

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import text

from accounts.cities.queries import RulingCity
from accounts.clock import SystemClock
from accounts.database import as_libpq, engine_for, reading, sessions_for
from bench import attempts, processor, settling, single_statements
from bench.place import Place
from bench.population import VETERAN
from bench.progress import say
from bench.report import Section, ratio
from payments.settlements import service

TURNS = 3
AIM = 0.5
PAYMENTS = {1: 60, 4: 120, 8: 160, 16: 160}
"""In one turn, by number of connections."""
WARM = 4
"""Payments of each connection before the clock starts, so that its statements are prepared."""
WITH_SANDBOX = (1, 8)
"""Connections with which the sandbox is asked too: it is one process of Python, and soon the slower of the two."""
PROCESSES = 2
_NEVER_PAID = text("""
    SELECT id FROM customer_accounts a
     WHERE kind = 'utility' AND source_system = 'bench' AND id <> :veteran
       AND NOT EXISTS (SELECT FROM attempt_lines l WHERE l.customer_account_id = a.id)
     ORDER BY id LIMIT 100000""")
HOUSE, SINGLE, KNOWN, ASKED = "house", "single", "known", "asked"


@dataclass(frozen=True)
class Placed:
    """A place as another process may be told of it."""

    app_url: str
    city: RulingCity
    today: date

    def with_connections(self, connections: int) -> Place:
        """The place, with connections of its own."""
        engine = engine_for(self.app_url, pool_size=connections, application="ventanilla-bench-settling")
        zone = self.city.city.identity.time_zone
        return Place("", self.app_url, engine, sessions_for(engine), self.city, SystemClock(zone))


@dataclass(frozen=True)
class Shift:
    """What one process does: the attempts of each of its connections."""

    way: str
    place: Placed
    processor: str
    attempts: Sequence[Sequence[str]]


def section(place: Place) -> Section:
    """All ways in turn, ``TURNS`` times; distinct accounts, the web's receipt series."""
    accounts = never_paid(place)
    rows = []
    with processor.sandbox() as url:
        for connections in PAYMENTS:
            ways = [HOUSE, SINGLE, KNOWN, *([ASKED] if connections in WITH_SANDBOX else [])]
            per_second: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(TURNS):
                for way in ways if turn % 2 else reversed(ways):
                    say(f"  posting, {connections} connections, {way}, turn {turn + 1}")
                    per_second[way].append(_turn(place, way, url, connections, accounts))
            rows.append(_row(connections, per_second))
    head = [
        "",
        "raw SQL, per second",
        "posting step",
        "ratio",
        "settle, truth at hand",
        "ratio",
        "settle, sandbox asked",
    ]
    note = (
        "Payments per second; three charges and a fee, each on another account, committed to disk. Raw SQL and the "
        "posting step begin with the truth already fetched. Settle is the whole use case: reading the promise, the "
        "processor's answer, posting; with the truth at hand nothing goes over the wire, and with the sandbox much "
        "of the time is the sandbox's, which stands for the network and the processor. "
        f"Medians of {TURNS} turns; more than one connection are two processes of threads. Aim: {AIM}."
    )
    return Section("Posting and settling beside raw SQL", head, rows, [note])


def _row(connections: int, per_second: Mapping[str, Sequence[float]]) -> list[object]:
    def share(way: str) -> str:
        pairs = zip(per_second[way], per_second[SINGLE], strict=True)
        return ratio(statistics.median(ours / theirs for ours, theirs in pairs), 1.0, AIM)

    middle = {way: f"{statistics.median(rates):.0f}" for way, rates in per_second.items()}
    return [
        f"on {connections} at once", middle[SINGLE], middle[HOUSE], share(HOUSE), middle[KNOWN], share(KNOWN),
        middle.get(ASKED, ""),
    ]  # fmt: skip


def never_paid(place: Place) -> Iterator[int]:
    """Utility accounts that owe three charges and were never paid."""
    with reading(place.sessions) as session:
        return iter(session.scalars(_NEVER_PAID, {"veteran": VETERAN}).all())


def _turn(place: Place, way: str, url: str, connections: int, accounts: Iterator[int]) -> float:
    each = PAYMENTS[connections] // connections + WARM
    mark = f"{way}{connections}-{time.time_ns()}-"
    promised = attempts.promise(place, list(islice(accounts, connections * each)), mark)
    if len(promised) < connections * each:
        raise LookupError("too few accounts for so many payments")
    if way == ASKED:
        processor.pay(place, url, promised)
    elif way == KNOWN:
        processor.pay_nowhere(place, promised)
    shares = [promised[start : start + each] for start in range(0, len(promised), each)]
    processes = min(PROCESSES, connections)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier, results = context.Barrier(processes), context.Queue()
    placed = Placed(place.app_url, place.city, place.clock.today())
    started = [
        context.Process(
            target=_work,
            args=(Shift(way, placed, url, shares[number::processes]), barrier, results),
        )
        for number in range(processes)
    ]
    for process in started:
        process.start()
    spans = [results.get(timeout=300) for _ in started]
    for process in started:
        process.join()
    return connections * (each - WARM) / (max(end for _, end in spans) - min(begin for begin, _ in spans))


def _work(shift: Shift, barrier: threading.Barrier, results: multiprocessing.Queue[tuple[float, float]]) -> None:
    """One process: every connection warms up, all start together, and the span is told."""
    begins: list[float] = []

    def begin() -> None:
        barrier.wait(120)
        begins.append(time.time())

    together = threading.Barrier(len(shift.attempts), action=begin)
    way = {HOUSE: _house, SINGLE: _single, KNOWN: _whole, ASKED: _whole}[shift.way](shift)
    threads = [threading.Thread(target=_settle, args=(way, mine, together)) for mine in shift.attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((begins[0], time.time()))


def _settle(way: Callable[[], Callable[[str], object]], mine: Sequence[str], together: threading.Barrier) -> None:
    settle = way()
    for attempt in mine[:WARM]:
        settle(attempt)
    together.wait(120)
    for attempt in mine[WARM:]:
        settle(attempt)


def _house(shift: Shift) -> Callable[[], Callable[[str], object]]:
    till = settling.till(shift.place.app_url, shift.place.today, len(shift.attempts))
    return lambda: lambda attempt: settling.settle(till, attempt)


def _single(shift: Shift) -> Callable[[], Callable[[str], object]]:
    till = settling.till(shift.place.app_url, shift.place.today, 1)

    def connected() -> Callable[[str], object]:
        at = single_statements.counter(as_libpq(shift.place.app_url), till.terms, till.series, shift.place.today)
        return lambda attempt: single_statements.settle(at, attempt)

    return connected


def _whole(shift: Shift) -> Callable[[], Callable[[str], object]]:
    """Settling, with the processor's answer at hand or asked for; the gateway is shared, as in the portal."""
    place = shift.place.with_connections(len(shift.attempts))
    everything = [attempt for mine in shift.attempts for attempt in mine]
    known = processor.KnownTruth(place.sessions, everything) if shift.way == KNOWN else None
    desk = processor.desk(place, place.sessions, known or processor.gateway(shift.processor))
    return lambda: lambda attempt: service.settle(desk, attempt)
