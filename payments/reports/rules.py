"""What a report is: columns, filters, one query, and when one that somebody kept is mailed. Pure.

A report reads one statement with a server-side cursor, so that a million rows need no memory; its totals are summed
by the database over the same statement, so that they are the totals of what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from accounts.cities.rules import City
from accounts.errors import DomainError, NotFound

LONGEST_DAYS = 3_660
_SUNDAY_LAST = 7


class BlindCount(DomainError):
    """Somebody whose drawer is not counted yet asks for figures of its day: ``facts["since"]``."""


class PeriodRunsBackward(DomainError):
    """A report ends before it begins, or is longer than ten years."""


class NobodyToMail(DomainError):
    """A report that is mailed names who gets it, and one that is not names nobody."""


class CellKind(StrEnum):
    """How a cell is written. ``code`` is a word of ours that the reader's language has another word for."""

    TEXT = "text"
    CODE = "code"
    LEDGER = "ledger"
    """A ledger account's code, to be said by its name."""
    FUND = "fund"
    """A fund's code, to be said with its name."""
    BANK = "bank"
    """The code of an account of the city at a bank, to be said by its name."""
    TILL = "till"
    """A till's code, to be said by its name."""
    PERSON = "person"
    """Whoever did it, as the books know them."""
    DAY = "day"
    MONTH = "month"
    """Its first day."""
    INSTANT = "instant"
    COUNT = "count"
    MONEY = "money"
    """Cents."""


@dataclass(frozen=True)
class Column:
    """A column of the statement, in its order. Money and counts are summed unless told otherwise."""

    name: str
    kind: CellKind = CellKind.TEXT
    sums: bool = True

    @property
    def is_summed(self) -> bool:
        return self.sums and self.kind in (CellKind.MONEY, CellKind.COUNT)


@dataclass(frozen=True)
class Chart:
    """Which column is drawn (``value``), for each value of another (``by``); the largest first, or by time."""

    by: str
    value: str
    by_time: bool = False


@dataclass(frozen=True)
class Report:
    """``sql`` names its parameters as :func:`parameters` does; ``order`` are its columns, whole enough to page by."""

    code: str
    sql: str
    columns: tuple[Column, ...]
    order: str
    filters: tuple[str, ...]
    """Of :class:`Filters`, besides the days."""
    chart: Chart
    is_personal: bool = False
    """Whether somebody outside could be known by it: taking it out needs a reason."""
    is_blind: bool = True
    """Whether it tells what a drawer that is not counted should hold."""

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Filters:
    """What narrows a report; both days are included. Empty: everything."""

    since: date
    until: date
    till: str = ""
    cashier: str = ""
    """A user name."""
    tender: str = ""
    fund: str = ""
    line: str = ""
    """A revenue line."""

    def words(self) -> dict[str, Any]:
        """As an address and the audit have them; what is empty is left out."""
        return {one.name: str(value) for one in fields(self) if (value := getattr(self, one.name))}

    def within(self, report: Report) -> Filters:
        """Without the filters that this report does not know."""
        unknown: dict[str, Any] = {name: "" for name in NARROWING if name not in report.filters}
        return replace(self, **unknown)


NARROWING = ("till", "cashier", "tender", "fund", "line")


@dataclass(frozen=True)
class Reader:
    """Who asks: which accounts they may see, and since when they have a drawer that is not counted."""

    sees_protected: bool = False
    sees_restricted: bool = False
    blind_since: date | None = None


def checked(filters: Filters, report: Report, reader: Reader) -> Filters:
    """The filters as the report knows them; raises :class:`PeriodRunsBackward` and :class:`BlindCount`."""
    if filters.until < filters.since or (filters.until - filters.since).days > LONGEST_DAYS:
        raise PeriodRunsBackward(f"from {filters.since} to {filters.until}")
    if report.is_blind and reader.blind_since is not None and filters.until >= reader.blind_since:
        raise BlindCount("a drawer of this person is not counted yet", since=reader.blind_since.isoformat())
    return filters.within(report)


def parameters(filters: Filters, city: City, reader: Reader) -> dict[str, object]:
    """All that a report's statement may name; raises :class:`~accounts.errors.NotFound` for an unknown line."""
    roles = city.roles
    cash = [roles.cash_on_hand, roles.terminal_clearing, roles.processor_clearing, roles.bank, roles.refunds_payable]
    return {
        "since": filters.since,
        "until": filters.until,
        "till": filters.till,
        "cashier": filters.cashier,
        "tender": filters.tender,
        "fund": filters.fund,
        "line": filters.line,
        "codes": codes_of_line(city, filters.line),
        "zone": city.identity.time_zone,
        "mechanics": [code for code in (*cash, roles.due_to_funds, *roles.claim_on_pooled_cash.values()) if code],
        "over_short": roles.over_short,
        "banks": sorted({roles.bank, *(account.ledger_account for account in city.bank_accounts)}),
        "protected": reader.sees_protected,
        "restricted": reader.sees_restricted,
        "once": _limits(city, filters.until)[0],
        "month": _limits(city, filters.until)[1],
    }


def codes_of_line(city: City, line: str) -> list[str]:
    """Ledger accounts of a revenue line: what is owed, earned and credited there."""
    if not line:
        return []
    if line not in city.revenue_lines:
        raise NotFound(f"no revenue line {line!r}", what=line)
    found = city.revenue_lines[line]
    return sorted({found.receivable, found.revenue, found.credit, *(part.account for part in found.revenue_parts)})


def _limits(city: City, on: date) -> tuple[int, int]:
    """Cents from which an over or short is named, once and in a month."""
    policy = city.oversight_policy(on)
    return (policy.once.cents, policy.month.cents) if policy else (2**62, 2**62)


class Cadence(StrEnum):
    """When a kept report is mailed: of each business day once it is closed, on Mondays, on the first of a month."""

    NEVER = ""
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True)
class Period:
    """Days of a report that is mailed; both are included."""

    since: date
    until: date


@dataclass(frozen=True)
class Closed:
    """How far the books are closed: the last closed day before any open one, and the first open one."""

    last: date | None
    first_open: date | None


def period_due(cadence: Cadence, today: date, closed: Closed) -> Period | None:
    """The last period that is over and whose days are all closed; none while the books of one are still open."""
    if closed.last is None or cadence is Cadence.NEVER:
        return None
    if cadence is Cadence.DAILY:
        return Period(closed.last, closed.last) if closed.last < today else None
    until = _end_of_month(today) if cadence is Cadence.MONTHLY else today - timedelta(days=today.isoweekday())
    since = until.replace(day=1) if cadence is Cadence.MONTHLY else until - timedelta(days=_SUNDAY_LAST - 1)
    return Period(since, until) if closed.first_open is None or closed.first_open > until else None


def _end_of_month(today: date) -> date:
    """The last day of the month before."""
    return today.replace(day=1) - timedelta(days=1)


@dataclass(frozen=True)
class NewSaved:
    """A report to be kept. ``recipients`` are actors who work here."""

    report: str
    name: str
    filters: Mapping[str, str] = field(default_factory=dict)
    cadence: Cadence = Cadence.NEVER
    recipients: tuple[int, ...] = ()


def must_be_mailable(new: NewSaved) -> None:
    """Raise :class:`NobodyToMail` unless somebody gets what is mailed, and nobody what is not."""
    if (new.cadence is Cadence.NEVER) != (not new.recipients):
        raise NobodyToMail("whom to mail, and when, belong together")
