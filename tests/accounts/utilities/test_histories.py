"""Usage by month from reads: exchanged and turned meters, estimates, and never what somebody else used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select, update

from accounts.database import Sessions, reading, transaction
from accounts.utilities.histories import MonthUsage, usage_by_month
from accounts.utilities.models import MeterRead
from tests.accounts.assessments.city import house, released

UNTIL = date(2026, 11, 15)


def used(sessions: Sessions, account: int) -> dict[tuple[int, int], MonthUsage]:
    with reading(sessions) as session:
        return dict(usage_by_month(session, account, UNTIL))


def test_what_ran_between_two_reads_is_of_the_month_of_the_later(sessions: Sessions) -> None:
    released(sessions)
    reads = {date(2024, 10, 13): 1, date(2025, 10, 13): 99_990, date(2025, 11, 12): 4, date(2026, 11, 12): 30}
    account = house(sessions, reads=reads)
    assert used(sessions, account) == {
        (2025, 11): MonthUsage(2025, 11, Decimal(14), is_estimated=False),
        (2026, 11): MonthUsage(2026, 11, Decimal(26), is_estimated=False),
    }


def test_estimates_are_said_and_better_reads_count(sessions: Sessions) -> None:
    released(sessions)
    reads = {date(2026, 9, 12): 90, date(2026, 10, 13): 100, date(2026, 11, 12): 112}
    account = house(sessions, reads=reads)
    with transaction(sessions) as session:
        meter = session.scalars(select(MeterRead.meter_id).limit(1)).one()
        session.add(MeterRead(meter_id=meter, read_on=date(2026, 11, 12), value=110, kind="reread"))
        guessed = update(MeterRead).where(MeterRead.read_on == date(2026, 10, 13)).values(kind="estimated")
        session.execute(guessed)
    found = used(sessions, account)
    assert found[2026, 11].ccf == Decimal(10)
    assert (found[2026, 10].ccf, found[2026, 10].is_estimated) == (Decimal(10), True)


def test_nobody_sees_what_the_customer_before_them_used(sessions: Sessions) -> None:
    released(sessions)
    reads = {date(2026, 8, 12): 10, date(2026, 9, 12): 90, date(2026, 10, 13): 100, date(2026, 11, 12): 112}
    account = house(sessions, reads=reads, since=date(2026, 10, 14))
    assert list(used(sessions, account)) == [(2026, 11)]
