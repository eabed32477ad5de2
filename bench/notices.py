"""The walks that tell people of themselves, over a whole city: bills that are ready, due soon, use above a level."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import psycopg
from sqlalchemy import event, text

from accounts.database import as_libpq, reading
from bench import place, population
from bench.billing import UTILITIES_OF
from bench.elsewhere import elsewhere
from bench.progress import say, timed
from bench.report import Section
from demo.postgres import EmbeddedServer
from portal import tables  # noqa: F401 - the models that reach over features
from portal.notices.walks import BATCH, bills_ready, due_soon, high_use
from portal.wiring import Wiring, wire

_TO_TELL = """
    UPDATE customers SET email = 'c' || id || '@bench.example.com';
    UPDATE bills SET billed_on = <today>, due_on = <today> + 3;
    UPDATE charges SET due_on = <today> + 3, open_cents = amount_cents WHERE bill_id IS NOT NULL;
    DELETE FROM meter_reads;
    DELETE FROM meters;
    INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)
    SELECT DISTINCT ON (premises_id) premises_id, 'N' || id, '3/4', 'CCF', 5, 1, DATE '2015-01-01'
      FROM customer_accounts WHERE kind = 'utility' AND premises_id IS NOT NULL ORDER BY premises_id, id;
    INSERT INTO meter_reads (meter_id, read_on, value, kind)
    SELECT m.id, <today> - back * 30, 500 - back * 20, 'actual' FROM meters m, generate_series(0, 2) back;
    UPDATE customer_accounts SET opened_on = DATE '2020-01-01' WHERE kind = 'utility';
    INSERT INTO message_recipients (customer_id, language, text_number)
    SELECT DISTINCT customer_id, '', '' FROM customer_accounts WHERE kind = 'utility';
    INSERT INTO use_levels (recipient_id, customer_account_id, level, unit)
    SELECT r.id, a.id, 10, 'CCF' FROM customer_accounts a JOIN message_recipients r ON r.customer_id = a.customer_id
     WHERE a.kind = 'utility' AND a.status = 'open' AND a.premises_id IS NOT NULL;"""
_SENT = text("SELECT count(*), count(DISTINCT key) FROM messages_sent WHERE kind = :kind")


@dataclass(frozen=True)
class Walk:
    """One walk: seconds, messages that it made, statements, and seconds of the walk after it that finds all told."""

    name: str
    seconds: float
    messages: int
    statements: int
    again: float


@dataclass(frozen=True)
class Walked:
    """All of them by a process of its own: its memory before and at its peak, in MB."""

    walks: tuple[Walk, ...]
    before: float
    peak: float


def section(server: EmbeddedServer, size: int) -> Section:
    """In a city of its own, with as many utilities as the city of the bench has accounts."""
    few, many = UTILITIES_OF
    with place.fresh(server, "bench_notices") as city:
        population.populate(city, size * few // many)
        say("  people to tell")
        with psycopg.connect(as_libpq(city.owner_url), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(_TO_TELL.replace("<today>", f"date '{city.clock.today()}'").encode())
            connection.execute("VACUUM (ANALYZE)")
        say("  the walks")
        walked = _elsewhere(city.app_url)
    rows = [
        [
            one.name, f"{one.messages:,}", f"{one.seconds:.0f} s", f"{one.messages / one.seconds:,.0f}",
            f"{one.statements / max(one.messages / BATCH, 1):.1f}", f"{one.again:.0f} s",
        ]
        for one in walked.walks
    ]  # fmt: skip
    note = (
        f"By one process in pages of {BATCH} accounts, one transaction each; its memory went from "
        f"{walked.before:.0f} MB to {walked.peak:.0f} MB at most. The same walk again makes nothing: a walk that was "
        "killed goes on where it was."
    )
    headings = ["Walk", "Messages", "Time", "Messages a second", f"Statements a page of {BATCH}", "The same again"]
    return Section("Telling people at night", headings, rows, [note])


def _elsewhere(app_url: str) -> Walked:
    found = elsewhere("bench.notices", app_url)
    return Walked(tuple(Walk(**one) for one in found["walks"]), found["before"], found["peak"])


def _walk(wired: Wiring, name: str, kind: str, walk: Callable[[Wiring], str]) -> Walk:
    sent = 0

    def count(*_given: object) -> None:
        nonlocal sent
        sent += 1

    event.listen(wired.engine, "before_cursor_execute", count)
    with timed() as first:
        walk(wired)
    event.remove(wired.engine, "before_cursor_execute", count)
    with timed() as second:
        walk(wired)
    with reading(wired.sessions) as session:
        made, keys = session.execute(_SENT, {"kind": kind}).one()
    if made != keys or not made:
        raise LookupError(f"{made} messages of {kind} under {keys} keys")
    return Walk(name, first(), made, sent, second())


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Walk over the database whose address is on stdin; the figures go to stdout."""
    wired = wire(replace(place.SETTINGS, database_url=sys.stdin.read().strip()))
    try:
        wired.city()
        before = _peak_memory()
        walks = (
            _walk(wired, "Bills that are ready", "bill-ready", bills_ready),
            _walk(wired, "Due soon", "due-soon", due_soon),
            _walk(wired, "Use above a level", "high-use", high_use),
        )
        json.dump(asdict(Walked(walks, before, _peak_memory())), sys.stdout)
    finally:
        wired.engine.dispose()


if __name__ == "__main__":
    main()
