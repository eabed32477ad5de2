"""Turn-ins as the list shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.receipts.rules import number_text

_LIST = text("""
    SELECT t.id, t.payment_id, t.department, t.sheet_number, t.brought_by, t.cash_cents, t.checks_cents,
           t.checks_count, a.display_name AS counter, t.counted_at, r.id AS receipt_id, r.series, r.year, r.number
      FROM turn_ins t JOIN actors a ON a.id = t.counted_by JOIN receipts r ON r.payment_id = t.payment_id
     WHERE (CAST(:before AS bigint) IS NULL OR t.id < :before) ORDER BY t.id DESC LIMIT :most""")
_BY_KEY = text("""
    SELECT t.id, t.payment_id, r.id AS receipt_id
      FROM sales s JOIN turn_ins t ON t.payment_id = s.payment_id JOIN receipts r ON r.payment_id = s.payment_id
     WHERE s.form_key = :key""")


@dataclass(frozen=True)
class TurnInView:
    """A sheet that was taken."""

    id: int
    payment_id: int
    department: str
    sheet_number: str
    brought_by: str
    cash: Money
    checks: Money
    checks_count: int
    counter: str
    counted_at: datetime
    receipt_id: int
    receipt_number: str

    @property
    def total(self) -> Money:
        return self.cash + self.checks


def turn_ins(session: Session, *, before: int | None = None, most: int = 25) -> list[TurnInView]:
    """Sheets, the newest first, from below an id."""
    return [
        TurnInView(
            row.id, row.payment_id, row.department, row.sheet_number, row.brought_by, Money(row.cash_cents),
            Money(row.checks_cents), row.checks_count, row.counter, row.counted_at, row.receipt_id,
            number_text(row.series, row.year, row.number),
        )
        for row in session.execute(_LIST, {"before": before, "most": most})
    ]  # fmt: skip


def sent_before(session: Session, key: str) -> tuple[int, int, int] | None:
    """(Turn-in, payment, receipt) of a form that was sent before."""
    row = session.execute(_BY_KEY, {"key": key}).one_or_none()
    return None if row is None else (row.id, row.payment_id, row.receipt_id)
