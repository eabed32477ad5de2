"""What a license term costs, and when it is late. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from pydantic import JsonValue

from accounts.assessments.rules import Dates
from accounts.cities.policies import LicensePolicy
from accounts.cities.rules import City
from accounts.money import Money
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import price
from accounts.pricing.working import PricedLine

DAY = timedelta(days=1)
STATE_FEE = "state-disability-fee"
"""The rate of the State's disability access fee on each application and renewal (Government Code 4467)."""


@dataclass(frozen=True, slots=True)
class DueTerm:
    """A term to assess. ``gross_receipts`` are of its latest declaration; ``is_renewal``: a term came before it."""

    id: int
    customer_account_id: int
    license_class: str
    starts_on: date
    expires_on: date
    """The last day of the term."""
    is_renewal: bool
    gross_receipts: Money | None
    declaration: int | None = None
    """The version of that declaration."""


def term_lines(city: City, term: DueTerm) -> list[PricedLine]:
    """The tax of its class by gross receipts, prorated for a term shorter than a year, and the State's fee.

    Raises ``FactMissing`` where nothing was declared and the rate needs it.
    """
    rate = city.rate(city.license_class(term.license_class).rate)
    receipts = None if term.gross_receipts is None else term.gross_receipts.dollars
    term_days = Period(first=term.starts_on, last=term.expires_on)
    lines = [_with_declaration(price(rate, Facts(base=receipts), term_days, _license_year(term)), term)]
    if any(known.code == STATE_FEE for known in city.rates):
        lines.append(price(city.rate(STATE_FEE), Facts(), Period.day(term.starts_on)))
    return [line for line in lines if line.amount]


def _with_declaration(line: PricedLine, term: DueTerm) -> PricedLine:
    """The line with where its gross receipts were declared beside its inputs."""
    declared: dict[str, JsonValue] = {"term": term.id, "version": term.declaration}
    working = line.working.model_copy(update={"inputs": {**line.working.inputs, "declaration": declared}})
    return replace(line, working=working)


def term_dates(policy: LicensePolicy, term: DueTerm, billed_on: date) -> Dates:
    """A renewal is due when the old term ends, a new license on its first day.

    It is delinquent after the last day of the month that comes so many months after that (Redlands: one).
    """
    due = term.starts_on - DAY if term.is_renewal else term.starts_on
    months = due.year * 12 + due.month - 1 + policy.delinquent_months_after_expiry + 1
    return Dates(billed_on, due, date(months // 12, months % 12 + 1, 1))


def renewal_opens(policy: LicensePolicy, term: DueTerm) -> date:
    """The first day on which the term may be assessed."""
    return term.starts_on - timedelta(days=policy.renewal_opens_days_before)


def license_year_end(policy: LicensePolicy, on: date) -> date:
    """The last day of a license year that still runs for a day at least after ``on``."""
    later = on + DAY
    starts = date(later.year, policy.year_starts_in_month, 1)
    return (starts if starts > later else starts.replace(year=later.year + 1)) - DAY


def _license_year(term: DueTerm) -> Period:
    """The twelve months that end with the term, or the term itself if it is longer."""
    after = term.expires_on + DAY
    begins = after.replace(year=after.year - 1) if (after.month, after.day) != (2, 29) else date(after.year - 1, 3, 1)
    return Period(first=min(begins, term.starts_on), last=term.expires_on)
