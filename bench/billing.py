"""A billing run over a whole city: how long its draft and its posting take, and how much memory they need."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime

import psycopg
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.billing_runs import drafting, posting, service
from accounts.billing_runs.queries import run as run_of
from accounts.cities.queries import ruling
from accounts.database import Sessions, as_libpq, engine_for, reading, sessions_for, transaction
from accounts.staff.rules import Authority, Permission
from bench import place, population
from bench.elsewhere import elsewhere
from bench.progress import say, timed
from bench.report import Section
from demo.postgres import EmbeddedServer
from portal import tables  # noqa: F401 - the models that reach over features

BILL_DATE, NOW = date(2026, 11, 16), datetime(2026, 11, 17, 18, tzinfo=UTC)
UTILITIES_OF = (20, 14)
"""Of twenty accounts of the bench's city so many are utilities."""
_METERED = """
    UPDATE customer_accounts SET system_of_record = 'ventanilla', opened_on = DATE '2020-01-01'
     WHERE kind = 'utility';
    DELETE FROM utility_services;
    DELETE FROM meter_reads;
    DELETE FROM meters;
    INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)
    SELECT DISTINCT ON (premises_id) premises_id, 'B' || id, '3/4', 'CCF', 5, 1, DATE '2015-01-01'
      FROM customer_accounts WHERE kind = 'utility' AND premises_id IS NOT NULL ORDER BY premises_id, id;
    INSERT INTO meter_reads (meter_id, read_on, value, kind)
    SELECT m.id, d.on_day, d.place * (6 + m.id % 18), 'actual'
      FROM meters m, (SELECT (DATE '2026-11-12' - make_interval(months => 13 - n))::date AS on_day, n AS place
                        FROM generate_series(0, 13) n) d;
    INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)
    SELECT a.id, s.service, s.code, 1, DATE '2020-01-01'
      FROM customer_accounts a,
           (VALUES ('water', 'water-fixed+water-usage'), ('sewer', 'sewer-residential'),
                   ('refuse', 'refuse-carts:64'), ('storm', 'storm-drain')) s (service, code)
     WHERE a.kind = 'utility' AND a.premises_id IS NOT NULL;"""
_ONCE = text("""
    SELECT count(*), count(DISTINCT customer_account_id) FROM bills WHERE source_system = 'ventanilla'
       AND period_to = DATE '2026-11-15'""")


@dataclass(frozen=True)
class Ran:
    """A run by a process of its own: seconds of each part, bills, and its memory before and at its peak, in MB."""

    draft: float
    post: float
    bills: int
    before: float
    peak: float


def section(server: EmbeddedServer, size: int) -> Section:
    """In a city of its own, with as many bills as the city of the bench has accounts."""
    few, many = UTILITIES_OF
    with place.fresh(server, "bench_billing") as city:
        accounts = size * few // many
        population.populate(city, accounts)
        say("  meters and services")
        with psycopg.connect(as_libpq(city.owner_url), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(_METERED.encode())
            connection.execute("VACUUM (ANALYZE)")
        say("  the run")
        ran = _elsewhere(city.app_url)
        with reading(city.sessions) as session:
            bills, billed = session.execute(_ONCE).one()
    if not bills == billed == ran.bills:
        raise LookupError(f"{bills} bills of {billed} accounts, and the run says {ran.bills}")
    rows = [
        ["Draft: read, price, hold", f"{ran.draft:.0f} s", f"{ran.bills / ran.draft:,.0f}"],
        ["Post: bills, charges, journals", f"{ran.post:.0f} s", f"{ran.bills / ran.post:,.0f}"],
    ]
    note = (
        f"{ran.bills:,} bills of five lines, with 14 reads of each meter, by one process in batches of "
        f"{posting.BATCH}; its memory went from {ran.before:.0f} MB to {ran.peak:.0f} MB at most. "
        "Each account has one bill for the period."
    )
    return Section("A billing run", ["Part", "Time", "Bills a second"], rows, [note])


def _elsewhere(app_url: str) -> Ran:
    return Ran(**elsewhere("bench.billing", app_url))


def _run(sessions: Sessions) -> Ran:
    may = frozenset({Permission.BILLS_RUN, Permission.BILLS_APPROVE})
    with transaction(sessions) as session:
        maker = Authority(actor_id(session, "system"), "system", may)
        checker = Authority(actor_id(session, "staff:bench-checker"), "staff:bench-checker", may)
        rules = ruling(session)
    made = drafting.make(sessions, rules, maker, cycle="", bill_date=BILL_DATE, today=NOW.date(), now=NOW)
    before = _peak_memory()
    with timed() as drafted:
        drafting.go_on(sessions, made, NOW)
    with reading(sessions) as session:
        seen = run_of(session, made)
    service.review(sessions, maker, made, seen=seen.amount, now=NOW)
    service.approve(sessions, checker, made, seen=seen.amount, now=NOW)
    with timed() as posted:
        posting.post(sessions, made, NOW)
    with reading(sessions) as session:
        bills = run_of(session, made).count("posted")
    return Ran(drafted(), posted(), bills, before, _peak_memory())


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Bill the database whose address is on stdin; the figures go to stdout."""
    engine = engine_for(sys.stdin.read().strip(), application="ventanilla-bench-billing")
    try:
        json.dump(_run(sessions_for(engine)).__dict__, sys.stdout)
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
