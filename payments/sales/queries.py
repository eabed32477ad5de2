"""Sales that are being made, or were parked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.sales.drafts import read_draft
from payments.sales.rules import SaleView

_SALE = """
    SELECT s.id, s.form_key, s.state, s.content, s.note, s.language, s.cashier_id, s.version, r.id AS receipt_id,
           ARRAY(SELECT o.customer_account_id FROM sale_overrides o
                  WHERE o.sale_id = s.id AND o.granted_by <> s.cashier_id) AS overridden
      FROM sales s LEFT JOIN receipts r ON r.payment_id = s.payment_id
     WHERE {}"""
_BY_KEY = text(_SALE.format("s.form_key = :key"))
_BY_ID = text(_SALE.format("s.id = :id"))
_UNFINISHED = text("""
    SELECT s.id, s.form_key, s.state, s.note, s.content, s.touched_at, s.cashier_id, a.display_name AS cashier
      FROM sales s JOIN actors a ON a.id = s.cashier_id
     WHERE s.state IN ('open', 'parked') AND (CAST(:cashier AS bigint) IS NULL OR s.cashier_id = :cashier)
     ORDER BY s.touched_at DESC LIMIT :most""")


@dataclass(frozen=True)
class Unfinished:
    """A sale that was begun and not taken, in a list."""

    id: int
    form_key: str
    state: str
    note: str
    due: Money
    touched_at: datetime
    cashier_id: int
    cashier: str


def sale(session: Session, form_key: str) -> SaleView | None:
    """The sale of a form."""
    row = session.execute(_BY_KEY, {"key": form_key}).one_or_none()
    return _view(row) if row else None


def sale_by_id(session: Session, sale_id: int) -> SaleView | None:
    """A sale."""
    row = session.execute(_BY_ID, {"id": sale_id}).one_or_none()
    return _view(row) if row else None


def unfinished(session: Session, cashier_id: int | None = None, most: int = 50) -> list[Unfinished]:
    """Sales that were begun and not taken, of a cashier or of all, the last touched first."""
    return [
        Unfinished(
            row.id, row.form_key, row.state, row.note, read_draft(row.content).due, row.touched_at, row.cashier_id,
            row.cashier,
        )
        for row in session.execute(_UNFINISHED, {"cashier": cashier_id, "most": most})
    ]  # fmt: skip


def _view(row: Any) -> SaleView:
    return SaleView(
        id=row.id,
        form_key=row.form_key,
        state=row.state,
        draft=read_draft(row.content),
        note=row.note,
        language=row.language,
        cashier_id=row.cashier_id,
        version=row.version,
        receipt_id=row.receipt_id,
        overridden=tuple(row.overridden),
    )
