"""Reading reports: a page, the totals, the chart, or every row of one in bounded memory; and those that were kept."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.reports.rules import Cadence, CellKind, Closed, Column, Report

PAGE = 100
MOST_BARS = 12
_ROWS_AT_ONCE = 1_000
_BLIND = text("""
    SELECT min(business_day) FROM drawers
     WHERE state <> 'closed' AND (cashier_id = :actor OR id IN (
           SELECT drawer_id FROM drawer_counts WHERE counted_by = :actor))""")
_CASHIERS = text("""
    SELECT a.handle, a.display_name FROM actors a
     WHERE EXISTS (SELECT FROM drawers d WHERE d.cashier_id = a.id) ORDER BY a.display_name, a.handle""")
_SAVED = """
    SELECT s.id, s.report, s.name, s.filters, s.cadence, s.recipients, s.created_by, a.display_name, s.created_at,
           coalesce((SELECT string_agg(r.display_name, ', ' ORDER BY r.display_name)
                       FROM actors r WHERE r.id = ANY (s.recipients)), '') AS recipient_names,
           (SELECT max(m.period_until) FROM report_mailings m WHERE m.saved_report_id = s.id) AS mailed_until
      FROM saved_reports s JOIN actors a ON a.id = s.created_by WHERE s.ended_at IS NULL"""
_LIST_SAVED = text(f"{_SAVED} ORDER BY s.name, s.id LIMIT 200")
_ONE_SAVED = text(f"{_SAVED} AND s.id = :id")
_SCHEDULED = text(f"{_SAVED} AND s.cadence <> '' ORDER BY s.id")
_MAILED = text("SELECT actor_id FROM report_mailings WHERE saved_report_id = :id AND period_until = :until")
_CLOSED = text("""
    WITH open AS (SELECT min(day) AS first FROM business_days WHERE state = 'open')
    SELECT (SELECT max(day) FROM business_days WHERE state = 'closed' AND day < coalesce(open.first, 'infinity')),
           open.first
      FROM open""")

Row = tuple[Any, ...]
"""Cells in the order of the report's columns; money is :class:`Money`."""


@dataclass(frozen=True)
class Totals:
    """How many rows, and the sum of each column that is summed, by its name."""

    rows: int
    sums: Mapping[str, Money | int]


@dataclass(frozen=True)
class Bar:
    """One value of the chart's column with its sum."""

    label: Any
    value: Money | int


@dataclass(frozen=True)
class Saved:
    """A report that somebody kept, with when it was mailed last."""

    id: int
    report: str
    name: str
    filters: Mapping[str, Any]
    cadence: Cadence
    recipients: tuple[int, ...]
    created_by: int
    creator: str
    created_at: datetime
    recipient_names: str
    mailed_until: date | None


def blind_since(session: Session, actor_id: int) -> date | None:
    """The day of the first drawer that this person has or counts, and that is not closed; none: they may see all."""
    found: date | None = session.scalar(_BLIND, {"actor": actor_id})
    return found


def cashiers(session: Session) -> list[tuple[str, str]]:
    """Handle and name of everybody who ever had a drawer."""
    return [(row.handle, row.display_name) for row in session.execute(_CASHIERS)]


def cashier_name(session: Session, handle: str) -> str:
    """The name of somebody who ever had a drawer, by their handle; empty for anybody else."""
    return dict(cashiers(session)).get(handle, "") if handle else ""


def page(session: Session, report: Report, given: Mapping[str, object], number: int, most: int = PAGE) -> list[Row]:
    """Rows of page ``number``, from 1. One statement."""
    asked = text(f"SELECT * FROM ({report.sql}) AS r ORDER BY {report.order} LIMIT :most OFFSET :skipped")  # noqa: S608
    rows = session.execute(asked, {**given, "most": most, "skipped": (number - 1) * most})
    return [_row(report, row) for row in rows]


def every_row(session: Session, report: Report, given: Mapping[str, object]) -> Generator[Row, None, None]:
    """All rows in their order, by a server-side cursor: however many there are, a thousand are in memory.

    Who does not read to the end closes it.
    """
    asked = text(f"SELECT * FROM ({report.sql}) AS r ORDER BY {report.order}")  # noqa: S608
    with session.execute(asked, dict(given), execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
        for row in rows:
            yield _row(report, row)


def totals(session: Session, report: Report, given: Mapping[str, object]) -> Totals:
    """Counted and summed by the database over the same statement. One statement."""
    summed = [column for column in report.columns if column.is_summed]
    sums = "".join(f", coalesce(sum(r.{_quoted(column.name)}), 0)::bigint" for column in summed)
    asked = text(f"SELECT count(*){sums} FROM ({report.sql}) AS r")  # noqa: S608
    rows, *values = session.execute(asked, dict(given)).one()
    return Totals(rows, {column.name: _cell(column, value) for column, value in zip(summed, values, strict=True)})


def bars(session: Session, report: Report, given: Mapping[str, object], most: int = MOST_BARS) -> list[Bar]:
    """What the chart draws: the largest values, in the chart's order. One statement."""
    by, value = report.column(report.chart.by), report.column(report.chart.value)
    asked = text(
        f"SELECT r.{_quoted(by.name)} AS label, sum(r.{_quoted(value.name)})::bigint AS value"  # noqa: S608
        f"  FROM ({report.sql}) AS r GROUP BY 1 ORDER BY abs(sum(r.{_quoted(value.name)})) DESC, 1 LIMIT :most"
    )
    rows = session.execute(asked, {**given, "most": most}).all()
    if report.chart.by_time:
        rows = sorted(rows, key=lambda row: row.label)
    return [Bar(_cell(by, row.label), _cell(value, row.value)) for row in rows]


def closed(session: Session) -> Closed:
    """How far the books are closed."""
    return Closed(*session.execute(_CLOSED).one())


def saved_reports(session: Session) -> list[Saved]:
    """Kept reports that nobody has ended, by name."""
    return [_saved(row) for row in session.execute(_LIST_SAVED)]


def saved_report(session: Session, saved_id: int) -> Saved:
    """One of them; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_ONE_SAVED, {"id": saved_id}).one_or_none()
    if row is None:
        raise NotFound(f"no kept report {saved_id}", what=str(saved_id))
    return _saved(row)


def scheduled(session: Session) -> list[Saved]:
    """Those that are mailed."""
    return [_saved(row) for row in session.execute(_SCHEDULED)]


def mailed_to(session: Session, saved_id: int, until: date) -> set[int]:
    """Actors who have the link of a period already."""
    return set(session.scalars(_MAILED, {"id": saved_id, "until": until}))


def _saved(row: Any) -> Saved:
    found = Saved(*row)
    return Saved(**{**vars(found), "cadence": Cadence(found.cadence), "recipients": tuple(found.recipients)})


def _row(report: Report, row: Any) -> Row:
    return tuple(_cell(column, value) for column, value in zip(report.columns, row, strict=True))


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return None
    return Money(int(value)) if column.kind is CellKind.MONEY else value


def _quoted(name: str) -> str:
    return f'"{name}"'
