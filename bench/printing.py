"""Bills on paper: a whole city counted and its list frozen, and the files of a run, by a process of their own."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.bill_printings import deciding, freezing
from accounts.bill_printings.queries import printing
from accounts.bill_printings.rules import PART
from accounts.database import as_libpq, reading, transaction
from accounts.staff.rules import Authority, Permission
from bench import bills, place, population
from bench.billing import UTILITIES_OF
from bench.elsewhere import elsewhere
from bench.progress import say, timed
from bench.report import Section
from demo.postgres import EmbeddedServer
from portal import create_app
from portal.bill_printings import make_files
from portal.wiring import Wiring, wiring

SAMPLE = 1_000
"""Bills whose files are made: those of a whole city would take longer than a bench does."""
_POSTED = """
    WITH run AS (
        INSERT INTO billing_runs (cycle, period_from, period_to, bill_date, due_on, delinquent_on, city_release_id,
                                  reason, state, last_account_id, made_by, reviewed_by, reviewed_at, approved_by,
                                  approved_at, posted_at)
        SELECT '', min(period_from), min(period_to), min(billed_on), min(due_on), min(delinquent_on),
               (SELECT max(id) FROM city_releases), '', 'posted', 0, a.first, a.first, now(), a.last, now(), now()
          FROM bills, (SELECT min(id) AS first, max(id) AS last FROM actors) a
         WHERE source_system = 'bench' GROUP BY a.first, a.last
        RETURNING id)
    INSERT INTO billing_items (run_id, customer_account_id, period_to, state, problems, evidence, used, total_cents,
                               bill_id)
    SELECT run.id, a.id, b.period_to, 'posted', '{}', '{}'::jsonb, 1, 100, b.id
      FROM run, customer_accounts a JOIN bills b ON b.customer_account_id = a.id AND b.source_system = 'bench'
     WHERE a.kind = 'utility'
    RETURNING run_id"""
_NO_PAPER = """
    INSERT INTO consents (kind, customer_account_id, language, text_version, text_sha256, method, evidence,
                          actor_id)
    SELECT 'paperless', id, 'en', '1', sha256('bench'), 'web', '{}'::jsonb, (SELECT min(id) FROM actors)
      FROM customer_accounts WHERE kind = 'utility' AND id % 10 = 3"""
_PROTECTED = "UPDATE customer_accounts SET is_protected = true WHERE kind = 'utility' AND id % 10 = 2"
_TIES = text("""
    SELECT count(*), count(DISTINCT bill_id), count(*) FILTER (WHERE outcome = 'printed')
      FROM bill_printing_items WHERE printing_id = :id""")


@dataclass(frozen=True)
class Printed:
    """A process of its own: seconds of each part, bills of the city, files made, memory before and at peak in MB."""

    count: float
    freeze: float
    listed: int
    on_paper: int
    lists_before: float
    lists_peak: float
    make: float
    made: int
    files: int
    size: int
    files_peak: float


def section(server: EmbeddedServer, size: int) -> Section:
    """In a city of its own, with as many utilities as the city of the bench has accounts."""
    few, many = UTILITIES_OF
    with place.fresh(server, "bench_printing") as city:
        accounts = size * few // many
        population.populate(city, accounts)
        say("  a posted run of the whole city")
        with psycopg.connect(as_libpq(city.owner_url), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            whole = _first(connection, _POSTED)
            for statement in (_NO_PAPER, _PROTECTED):
                connection.execute(statement.encode())
        say(f"  {SAMPLE:,} bills with their lines")
        bills.billed(city, sample(accounts))
        with psycopg.connect(as_libpq(city.owner_url), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            few_bills = _first(connection, "SELECT max(id) FROM billing_runs")
        say("  the printings")
        printed = _elsewhere(city.app_url, whole, few_bills)
    return Section("Bills on paper", ["Part", "Bills", "Time", "Bills a second", "Memory at peak"], *_said(printed))


def sample(accounts: int) -> list[int]:
    """Utility accounts spread over all, of which none is protected or without paper."""
    step = max(accounts // SAMPLE // 20 * 20, 20)
    free = (first + place for first in range(0, accounts, step) for place in (4, 5, 6, 7, 8, 10, 11))
    return list(islice(free, SAMPLE))


def _said(ran: Printed) -> tuple[list[list[str]], list[str]]:
    parts = (
        ("Counting", ran.listed, ran.count, ran.lists_peak),
        ("Freezing the list", ran.listed, ran.freeze, ran.lists_peak),
        ("Making the files", ran.made, ran.make, ran.files_peak),
    )
    rows = [
        [name, f"{bills_:,}", f"{seconds:.1f} s", f"{bills_ / seconds:,.0f}", f"{peak:.0f} MB"]
        for name, bills_, seconds, peak in parts
    ]
    note = (
        f"By one process, which had {ran.lists_before:.0f} MB before. Counting is a transaction for "
        f"{deciding.BATCH:,} bills, freezing one for all; {ran.on_paper:,} of the {ran.listed:,} are printed. Files "
        f"are made of a sample, {ran.files} PDFs of at most {PART} bills of five lines, "
        f"{ran.size / ran.made / 1e3:.1f} kB a bill: at this speed those of the whole list take one worker "
        f"{ran.on_paper * ran.make / ran.made / 60:.0f} minutes."
    )
    return rows, [note]


def _first(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    if row is None:
        raise LookupError("the city has no bills")
    return int(row[0])


def _elsewhere(app_url: str, *runs: int) -> Printed:
    asked = json.dumps([app_url, *runs])
    return Printed(**elsewhere("bench.printing", asked))


def _print(wired: Wiring, whole: int, few: int) -> Printed:
    with transaction(wired.sessions) as session:
        by = Authority(actor_id(session, "system"), "system", frozenset({Permission.BILLS_RUN}))
    wired.city()
    before = _peak_memory()
    listed = freezing.begin(wired.sessions, by, whole, now=wired.clock.now())
    with timed() as counting:
        _count(wired, listed)
    with timed() as freezing_:
        _freeze(wired, by, listed)
    lists_peak = _peak_memory()
    with reading(wired.sessions) as session:
        bills_, each, on_paper = session.execute(_TIES, {"id": listed}).one()
        seen = printing(session, listed).counts
    if not bills_ == each == seen.all.bills or on_paper != seen.printed.bills:
        raise LookupError(f"{bills_} items of {each} bills, and the printing says {seen}")
    sampled = freezing.begin(wired.sessions, by, few, now=wired.clock.now())
    _count(wired, sampled)
    _freeze(wired, by, sampled)
    with timed() as making:
        files = make_files(wired, sampled)
    with reading(wired.sessions) as session:
        made = printing(session, sampled).counts.printed.bills
        size = int(session.scalar(text("SELECT sum(size) FROM bill_print_parts")) or 0)
    return Printed(
        counting(), freezing_(), bills_, on_paper, before, lists_peak, making(), made, files, size, _peak_memory()
    )


def _count(wired: Wiring, made: int) -> None:
    freezing.count(wired.sessions, made, now=wired.clock.now())


def _freeze(wired: Wiring, by: Authority, made: int) -> None:
    with reading(wired.sessions) as session:
        seen = printing(session, made).counts.printed.bills
    freezing.ask_to_freeze(wired.sessions, by, made, seen=seen)
    if not freezing.freeze(wired.sessions, made, today=wired.clock.today(), now=wired.clock.now()):
        raise LookupError("the list changed meanwhile")


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print from the database whose address and runs are on stdin; the figures go to stdout."""
    app_url, whole, few = json.loads(sys.stdin.read())
    with tempfile.TemporaryDirectory(prefix="ventanilla-bench-") as folder:
        app = create_app(replace(place.SETTINGS, database_url=app_url, state=Path(folder)))
        with app.app_context():
            wired = wiring()
            try:
                json.dump(_print(wired, whole, few).__dict__, sys.stdout)
            finally:
                wired.engine.dispose()


if __name__ == "__main__":
    main()
