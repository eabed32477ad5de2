"""What the importer asks of the city: funds and ledger accounts of the revenue lines, time zone, license year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from accounts.errors import NotFound

if TYPE_CHECKING:
    from accounts.cities.rules import City


@dataclass(frozen=True)
class LineTerms:
    """A revenue line. ``revenue`` is the control account of the outside system where the line is external."""

    fund: str
    receivable: str
    revenue: str
    opening_equity: str
    """The other side of balances that are brought in."""
    is_external: bool = False

    def other_side(self) -> str:
        """What an imported charge is credited to: its owner's control account, or our opening equity."""
        return self.revenue if self.is_external else self.opening_equity


@dataclass(frozen=True)
class CreditTerms:
    """Where credit balances of a kind of account stand, and the other side of those brought in."""

    fund: str
    ledger_account: str
    opening_equity: str


@dataclass(frozen=True)
class Terms:
    """The ruling city, as far as imports go."""

    lines: Mapping[str, LineTerms]
    credits: Mapping[str, CreditTerms]
    time_zone: str
    license_year_starts_in_month: int = 1
    release_id: int | None = None
    violations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What people call a violation, by the register's words."""

    def line(self, code: str) -> LineTerms:
        if code not in self.lines:
            raise NotFound(f"the city has no revenue line {code!r}")
        return self.lines[code]

    def violation(self, words: str) -> Mapping[str, str]:
        """What people call a violation, by language; the register's own words where the city has none."""
        return self.violations.get(words.strip().upper(), {"en": words, "es": words})

    def license_year(self, on: date) -> tuple[date, date]:
        """First and last day of the license year that a day falls in."""
        starts = date(on.year, self.license_year_starts_in_month, 1)
        if starts > on:
            starts = starts.replace(year=on.year - 1)
        return starts, starts.replace(year=starts.year + 1) - timedelta(days=1)


def terms_of(city: City, release_id: int | None, today: date) -> Terms:
    """The terms of a released city that rule on a day."""
    equity = city.roles.opening_equity
    lines = {
        code: LineTerms(line.fund, line.receivable, line.revenue, equity[line.fund], line.is_external)
        for code, line in city.revenue_lines.items()
    }
    overpaid: dict[str, CreditTerms] = {}
    for kind, code in city.roles.customer_credits.items():
        fund = city.ledger_account(code).fund
        overpaid[kind] = CreditTerms(fund, code, equity[fund])
    month = city.license_policy(today).year_starts_in_month
    violations = {words: names.root for words, names in city.violations.items()}
    return Terms(lines, overpaid, city.identity.time_zone, month, release_id, violations)
