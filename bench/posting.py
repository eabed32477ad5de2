"""Payments posted per second: the house's posting step beside the same rows by single statements, in turns."""

from __future__ import annotations

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import text

from accounts.database import as_libpq, reading
from bench import attempts, settling, single_statements
from bench.place import Place
from bench.population import VETERAN
from bench.progress import say
from bench.report import Section, ratio

TURNS = 5
AIM = 0.5
PAYMENTS = {1: 150, 8: 400}
"""In one turn, by number of connections."""
WARM = 5
"""Payments of each connection before the clock starts, so that its statements are prepared."""
PROCESSES = 2
_NEVER_PAID = text("""
    SELECT id FROM customer_accounts a
     WHERE kind = 'utility' AND source_system = 'bench' AND id <> :veteran
       AND NOT EXISTS (SELECT FROM attempt_lines l WHERE l.customer_account_id = a.id)
     ORDER BY id LIMIT 100000""")
HOUSE, SINGLE = "house", "single"


@dataclass(frozen=True)
class Shift:
    """What one process does: the attempts of each of its connections."""

    way: str
    app_url: str
    today: date
    attempts: Sequence[Sequence[str]]


def section(place: Place) -> Section:
    """Both ways, ``TURNS`` times in turn; distinct accounts, the web's receipt series."""
    accounts = _accounts(place)
    rows = []
    for connections, payments in PAYMENTS.items():
        per_second: dict[str, list[float]] = {HOUSE: [], SINGLE: []}
        for turn in range(TURNS):
            for way in (HOUSE, SINGLE) if turn % 2 else (SINGLE, HOUSE):
                say(f"  posting, {connections} connections, {way}, turn {turn + 1}")
                per_second[way].append(_turn(place, way, connections, payments, accounts))
        shares = [ours / theirs for ours, theirs in zip(per_second[HOUSE], per_second[SINGLE], strict=True)]
        house, single = (statistics.median(per_second[way]) for way in (HOUSE, SINGLE))
        share = ratio(statistics.median(shares), 1.0, AIM)
        rows.append([f"on {connections} at once", f"{house:.0f}", f"{single:.0f}", share])
    head = ["Posting step", "house, per second", "single statements, per second", "ratio"]
    note = (
        "Truth already fetched; three charges and a fee, each payment on another account, committed to disk. Medians "
        f"of {TURNS} turns; eight connections are two processes of four threads. Aim: {AIM}."
    )
    return Section("Posting beside single SQL statements", head, rows, [note])


def _accounts(place: Place) -> Iterator[int]:
    """Utility accounts that owe three charges and were never paid."""
    with reading(place.sessions) as session:
        return iter(session.scalars(_NEVER_PAID, {"veteran": VETERAN}).all())


def _turn(place: Place, way: str, connections: int, payments: int, accounts: Iterator[int]) -> float:
    each = payments // connections + WARM
    mark = f"{way}{connections}-{time.time_ns()}-"
    promised = attempts.promise(place, list(islice(accounts, connections * each)), mark)
    if len(promised) < connections * each:
        raise LookupError("too few accounts for so many payments")
    shares = [promised[start : start + each] for start in range(0, len(promised), each)]
    processes = min(PROCESSES, connections)
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    started = [
        context.Process(
            target=_work,
            args=(Shift(way, place.app_url, place.clock.today(), shares[number::processes]), barrier, results),
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
    way = _house(shift) if shift.way == HOUSE else _single(shift)
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
    till = settling.till(shift.app_url, shift.today, len(shift.attempts))
    return lambda: lambda attempt: settling.settle(till, attempt)


def _single(shift: Shift) -> Callable[[], Callable[[str], object]]:
    till = settling.till(shift.app_url, shift.today, 1)

    def connected() -> Callable[[str], object]:
        at = single_statements.counter(as_libpq(shift.app_url), till.terms, till.series, shift.today)
        return lambda attempt: single_statements.settle(at, attempt)

    return connected
