"""The demo's days: two bill runs before today, three reads, and how far behind an account is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.cities.rules import City

READ_BEFORE_BILL = timedelta(days=3)
RENEWAL_MONTHS = (1, 4, 7, 10)
LAST_BILL_DAY = 28


@dataclass(frozen=True)
class Days:
    """Everything is laid out backwards from ``today``."""

    today: date
    bills: tuple[date, date]
    """Last month's bill run and this month's."""
    due: tuple[date, date]
    former_due: tuple[date, ...]
    """Due dates of bills that the former system made, newest first."""
    reads: tuple[date, date, date]

    @property
    def go_live(self) -> date:
        """The day on which the former system's balances were brought in: before the first bill run of ours."""
        return self.bills[0] - timedelta(days=2)

    @property
    def due_before_today(self) -> int:
        """How many of our two bills are past due if nobody paid them."""
        return sum(day < self.today for day in self.due)


def days_before(city: City, today: date) -> Days:
    """The demo's days, for a city that bills on a fixed day of the month."""
    return _days(city, today, city.billing_policy(today).bill_day)


def days_of_second_cycle(city: City, today: date) -> Days:
    """The days of the cycle that is billed today, or on the 28th of a month that goes on after it."""
    return _days(city, today, min(today.day, LAST_BILL_DAY))


def _days(city: City, today: date, bill_day: int) -> Days:
    this = today.replace(day=bill_day) if today.day >= bill_day else months_before(today.replace(day=bill_day), 1)
    last = months_before(this, 1)
    former = tuple(city.due_on(months_before(last, count)) for count in range(1, 6))
    return Days(
        today=today,
        bills=(last, this),
        due=(city.due_on(last), city.due_on(this)),
        former_due=former,
        reads=(months_before(last, 1) - READ_BEFORE_BILL, last - READ_BEFORE_BILL, this - READ_BEFORE_BILL),
    )


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month (days up to the 28th)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))


def term_start(city: City, today: date, month: int) -> date:
    """The first day, in that month of the year, of the newest term whose renewal is open."""
    opens = timedelta(days=city.license_policy(today).renewal_opens_days_before)
    start = date(today.year + 1, month, 1)
    while start - opens > today:
        start = start.replace(year=start.year - 1)
    return start
