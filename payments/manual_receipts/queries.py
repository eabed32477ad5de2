"""Books of paper receipts, and what of each is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.manual_receipts.rules import Gap, gaps
from payments.receipts.rules import number_text

_BOOKS = """
    SELECT b.id, b.code, b.first_number, b.last_number, b.issued_to, holder.display_name AS holder,
           issuer.display_name AS issuer, b.issued_at,
           ARRAY(SELECT m.number FROM manual_receipts m WHERE m.book_id = b.id) AS numbers
      FROM manual_books b JOIN actors holder ON holder.id = b.issued_to JOIN actors issuer ON issuer.id = b.issued_by
     WHERE {} ORDER BY b.id DESC LIMIT :most"""
_ONE = text(_BOOKS.format("b.id = :id"))
_LIST = text(_BOOKS.format("(CAST(:before AS bigint) IS NULL OR b.id < :before)"))
_ENTRIES = text("""
    SELECT m.number, m.written_on, m.payment_id, m.void_reason, a.display_name AS actor, m.entered_at,
           p.amount_cents, r.id AS receipt_id, r.series, r.year, r.number AS receipt
      FROM manual_receipts m JOIN actors a ON a.id = m.entered_by
      LEFT JOIN payments p ON p.id = m.payment_id LEFT JOIN receipts r ON r.payment_id = m.payment_id
     WHERE m.book_id = :book ORDER BY m.number LIMIT 1000""")


@dataclass(frozen=True)
class BookView:
    """A book, who has it, and which of its numbers are missing."""

    id: int
    code: str
    first: int
    last: int
    holder_id: int
    holder: str
    issuer: str
    issued_at: datetime
    used: int
    next: int
    """The number after the highest that was used."""
    gaps: tuple[Gap, ...]

    @property
    def left(self) -> int:
        """Numbers after the highest that was used."""
        return self.last - self.next + 1


@dataclass(frozen=True)
class Entry:
    """A number that is accounted for."""

    number: int
    written_on: date
    payment_id: int | None
    void_reason: str
    actor: str
    entered_at: datetime
    amount: Money | None
    receipt_id: int | None
    receipt_number: str


def book(session: Session, book_id: int) -> BookView:
    """One book; raises ``NotFound``."""
    row = session.execute(_ONE, {"id": book_id, "most": 1}).one_or_none()
    if row is None:
        raise NotFound(f"no book {book_id}")
    return _book(row)


def books(session: Session, *, before: int | None = None, most: int = 25) -> list[BookView]:
    """Books, the newest first, from below an id."""
    return [_book(row) for row in session.execute(_LIST, {"before": before, "most": most})]


def entries(session: Session, book_id: int) -> list[Entry]:
    """The numbers of a book that are accounted for, in order."""
    return [
        Entry(
            row.number, row.written_on, row.payment_id, row.void_reason, row.actor, row.entered_at,
            None if row.amount_cents is None else Money(row.amount_cents), row.receipt_id,
            number_text(row.series, row.year, row.receipt) if row.series else "",
        )
        for row in session.execute(_ENTRIES, {"book": book_id})
    ]  # fmt: skip


def _book(row: Any) -> BookView:
    return BookView(
        id=row.id,
        code=row.code,
        first=row.first_number,
        last=row.last_number,
        holder_id=row.issued_to,
        holder=row.holder,
        issuer=row.issuer,
        issued_at=row.issued_at,
        used=len(row.numbers),
        next=max(row.numbers, default=row.first_number - 1) + 1,
        gaps=tuple(gaps(row.first_number, row.last_number, row.numbers)),
    )
