"""Bills and what stands on no bill, newest first, each line with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money, total

PAGE = 12
# A group is a bill with all that was raised on it, or what one journal raised without a bill.
_BILLS = text("""
    WITH lines AS (
        SELECT c.*, coalesce('bill ' || c.bill_id, 'journal ' || c.journal_id) AS part FROM charges c
         WHERE c.customer_account_id = :account),
    parts AS (
        SELECT part, min(id) AS first_id, min(bill_id) AS bill_id, min(billed_on) AS billed_on, min(due_on) AS due_on
          FROM lines GROUP BY part),
    chosen AS (
        SELECT * FROM parts
         WHERE CAST(:day AS date) IS NULL OR (billed_on, first_id) < (CAST(:day AS date), CAST(:id AS bigint))
         ORDER BY billed_on DESC, first_id DESC LIMIT :most)
    SELECT g.first_id, g.bill_id, g.billed_on, g.due_on, b.number, b.period_from, b.period_to,
           (SELECT jsonb_agg(jsonb_build_array(
                       l.id, l.description, l.revenue_line, l.kind, l.amount_cents,
                       (SELECT coalesce(sum(amount_cents), 0) FROM adjustments WHERE charge_id = l.id),
                       (SELECT coalesce(sum(amount_cents), 0) FROM allocations WHERE charge_id = l.id),
                       l.open_cents, l.due_on) ORDER BY l.id)
              FROM lines l WHERE l.part = g.part) AS lines
      FROM chosen g LEFT JOIN bills b ON b.id = g.bill_id
     ORDER BY g.billed_on DESC, g.first_id DESC""")


@dataclass(frozen=True, slots=True)
class BillLine:
    """A charge: ``amount`` + ``adjusted`` - ``paid`` = ``open``. ``description`` is by language."""

    charge_id: int
    description: Mapping[str, str]
    revenue_line: str
    kind: str
    amount: Money
    adjusted: Money
    paid: Money
    open: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class BillGroup:
    """A bill, or what came at one time without one (``number`` is empty then)."""

    first_id: int
    bill_id: int | None
    billed_on: date
    due_on: date
    number: str
    period_from: date | None
    period_to: date | None
    lines: tuple[BillLine, ...]

    @property
    def asked(self) -> Money:
        """All that was asked, with penalties that came later."""
        return total(line.amount for line in self.lines)

    @property
    def adjusted(self) -> Money:
        return total(line.adjusted for line in self.lines)

    @property
    def paid(self) -> Money:
        return total(line.paid for line in self.lines)

    @property
    def open(self) -> Money:
        return total(line.open for line in self.lines)


@dataclass(frozen=True, slots=True)
class BillsPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    bills: tuple[BillGroup, ...]
    next_before: tuple[date, int] | None


def bills_of(
    session: Session, account_id: int, *, before: tuple[date, int] | None = None, limit: int = PAGE
) -> BillsPage:
    """One page of the bills of an account. One statement."""
    day, id_ = before or (None, None)
    rows = session.execute(_BILLS, {"account": account_id, "day": day, "id": id_, "most": limit + 1})
    found = [_bill(row) for row in rows]
    last = found[limit - 1] if len(found) > limit else None
    return BillsPage(tuple(found[:limit]), (last.billed_on, last.first_id) if last else None)


def _bill(row: Any) -> BillGroup:
    return BillGroup(
        first_id=row.first_id,
        bill_id=row.bill_id,
        billed_on=row.billed_on,
        due_on=row.due_on,
        number=row.number or "",
        period_from=row.period_from,
        period_to=row.period_to,
        lines=tuple(_line(*line) for line in row.lines),
    )


def _line(charge_id: int, description: Mapping[str, str], revenue_line: str, kind: str, *rest: Any) -> BillLine:
    *cents, due_on = rest
    amount, adjusted, paid, left = (Money(int(one)) for one in cents)
    return BillLine(
        charge_id, description, revenue_line, kind, amount, adjusted, paid, left, date.fromisoformat(due_on)
    )
