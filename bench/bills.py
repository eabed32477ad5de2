"""Bills of ours in the bench's city, each with a year of reads beside the year before, posted by a billing run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import psycopg

from accounts.actors.service import actor_id
from accounts.billing_runs import drafting, posting, service
from accounts.billing_runs.queries import run as run_of
from accounts.database import as_libpq, reading, transaction
from accounts.staff.rules import Authority, Permission
from bench.place import Place
from demo.days import months_before

CYCLE = "page"
MONTHS = 26
"""Reads of each meter: two years of months, the newest before the bill."""
READ_BEFORE = timedelta(days=3)
_METERED = """
    UPDATE customer_accounts SET system_of_record = 'ventanilla', opened_on = DATE '2020-01-01'
     WHERE id = ANY (%(accounts)s);
    UPDATE utility_accounts SET cycle = %(cycle)s WHERE customer_account_id = ANY (%(accounts)s);
    DELETE FROM utility_services WHERE customer_account_id = ANY (%(accounts)s);
    DELETE FROM meter_reads WHERE meter_id IN (
        SELECT m.id FROM meters m JOIN customer_accounts a USING (premises_id) WHERE a.id = ANY (%(accounts)s));
    DELETE FROM meters WHERE premises_id IN (
        SELECT premises_id FROM customer_accounts WHERE id = ANY (%(accounts)s));
    INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)
    SELECT DISTINCT ON (premises_id) premises_id, 'P' || id, '3/4', 'CCF', 5, 1, DATE '2015-01-01'
      FROM customer_accounts WHERE id = ANY (%(accounts)s) ORDER BY premises_id, id;
    INSERT INTO meter_reads (meter_id, read_on, value, kind)
    SELECT m.id, d.on_day, d.place * (6 + m.id %% 9), 'actual'
      FROM meters m, unnest(CAST(%(days)s AS date[])) WITH ORDINALITY d (on_day, place)
     WHERE m.serial IN (SELECT 'P' || a FROM unnest(CAST(%(accounts)s AS bigint[])) a);
    INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)
    SELECT a, s.service, s.code, 1, DATE '2020-01-01'
      FROM unnest(CAST(%(accounts)s AS bigint[])) a,
           (VALUES ('water', 'water-fixed+water-usage'), ('sewer', 'sewer-residential'),
                   ('refuse', 'refuse-carts:64'), ('storm', 'storm-drain')) s (service, code)"""


def billed(place: Place, accounts: Sequence[int]) -> None:
    """The newest bill of each of these accounts: five lines with their workings."""
    today, now = place.clock.today(), place.clock.now()
    _meter(place, accounts, today)
    may = frozenset({Permission.BILLS_RUN, Permission.BILLS_APPROVE})
    with transaction(place.sessions) as session:
        maker, checker = (
            Authority(actor_id(session, one), one, may) for one in ("staff:bench-biller", "staff:bench-checker")
        )
    run = drafting.make(
        place.sessions, place.city, maker, cycle=CYCLE, bill_date=months_before(today, 0), today=today, now=now
    )
    drafting.go_on(place.sessions, run, now)
    with reading(place.sessions) as session:
        seen = run_of(session, run)
    if (seen.bills, seen.count("held")) != (len(accounts), 0):
        raise LookupError(f"{seen.bills} bills of {len(accounts)} accounts are ready, {seen.count('held')} are held")
    service.review(place.sessions, maker, run, seen=seen.amount, now=now)
    service.approve(place.sessions, checker, run, seen=seen.amount, now=now)
    posting.post(place.sessions, run, now)


def _meter(place: Place, accounts: Sequence[int], today: date) -> None:
    days = [months_before(today, back) - READ_BEFORE for back in range(MONTHS - 1, -1, -1)]
    given = {"accounts": list(accounts), "days": days, "cycle": CYCLE}
    with psycopg.connect(as_libpq(place.owner_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _METERED.split(";"):
            connection.execute(statement.encode(), given)
