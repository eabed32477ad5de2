"""Lockbox files as they were read, and their items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.receipts.rules import number_text

_FILES = """
    SELECT f.id, f.name, f.profile, f.received_on, f.items, f.total_cents, f.bank_reference, a.display_name AS reader,
           f.read_at, f.finished_at,
           (SELECT count(*) FROM lockbox_items i WHERE i.file_id = f.id AND i.state = 'posted') AS posted,
           (SELECT count(*) FROM lockbox_items i WHERE i.file_id = f.id AND i.state = 'held') AS held,
           (SELECT coalesce(sum(i.amount_cents), 0) FROM lockbox_items i
             WHERE i.file_id = f.id AND i.state = 'posted') AS posted_cents
      FROM lockbox_files f JOIN actors a ON a.id = f.read_by
     WHERE {} ORDER BY f.id DESC LIMIT :most"""
_ONE = text(_FILES.format("f.id = :id"))
_LIST = text(_FILES.format("(CAST(:before AS bigint) IS NULL OR f.id < :before)"))
_ITEMS = text("""
    SELECT i.id, i.batch, i.item, i.line_no, i.amount_cents, i.check_number, i.payer, i.state, i.payment_id,
           r.series, r.year, r.number,
           EXISTS (SELECT FROM payment_items p
                    WHERE p.payment_id = i.payment_id AND p.code = 'suspense') AS is_unknown,
           ARRAY(SELECT DISTINCT a.reference FROM payments p JOIN postings s ON s.journal_id = p.journal_id
                   JOIN customer_accounts a ON a.id = s.customer_account_id
                  WHERE p.id = i.payment_id AND (NOT a.is_protected OR :sees_protected)
                    AND (NOT a.is_restricted OR :sees_restricted)) AS accounts
      FROM lockbox_items i LEFT JOIN receipts r ON r.payment_id = i.payment_id
     WHERE i.file_id = :file AND i.id > :after AND (CAST(:item AS bigint) IS NULL OR i.id = :item)
     ORDER BY i.id LIMIT :most""")


@dataclass(frozen=True)
class FileView:
    """A file, and how far it is."""

    id: int
    name: str
    profile: str
    received_on: date
    items: int
    total: Money
    bank_reference: str
    reader: str
    read_at: datetime
    finished_at: datetime | None
    posted: int
    held: int
    posted_total: Money

    @property
    def waits(self) -> int:
        """Items that are not in the books yet, and are not held for a person."""
        return self.items - self.posted - self.held


@dataclass(frozen=True)
class ItemView:
    """A check of a file, and where it went."""

    id: int
    batch: str
    item: str
    line: int
    amount: Money
    check_number: str
    payer: str
    state: str
    payment_id: int | None
    receipt_number: str
    is_unknown: bool
    accounts: tuple[str, ...]


def file(session: Session, file_id: int) -> FileView:
    """One file; raises ``NotFound``."""
    row = session.execute(_ONE, {"id": file_id, "most": 1}).one_or_none()
    if row is None:
        raise NotFound(f"no lockbox file {file_id}")
    return _file(row)


def files(session: Session, *, before: int | None = None, most: int = 25) -> list[FileView]:
    """Files, the newest first, from below an id."""
    return [_file(row) for row in session.execute(_LIST, {"before": before, "most": most})]


def items(
    session: Session, file_id: int, *, sees_protected: bool, sees_restricted: bool, after: int = 0, most: int = 50
) -> list[ItemView]:
    """Checks of a file in its order, from above an id."""
    asked = {"file": file_id, "after": after, "most": most, "item": None}
    sees = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return [_item(row) for row in session.execute(_ITEMS, {**asked, **sees})]


def item(session: Session, file_id: int, item_id: int) -> ItemView:
    """One check, without accounts; raises ``NotFound``."""
    asked = {"file": file_id, "after": 0, "most": 1, "item": item_id}
    sees = {"sees_protected": False, "sees_restricted": False}
    row = session.execute(_ITEMS, {**asked, **sees}).one_or_none()
    if row is None:
        raise NotFound(f"no item {item_id} in file {file_id}")
    return _item(row)


def _item(row: Any) -> ItemView:
    return ItemView(
        id=row.id,
        batch=row.batch,
        item=row.item,
        line=row.line_no,
        amount=Money(row.amount_cents),
        check_number=row.check_number,
        payer=row.payer,
        state=row.state,
        payment_id=row.payment_id,
        receipt_number=number_text(row.series, row.year, row.number) if row.series else "",
        is_unknown=row.is_unknown,
        accounts=tuple(row.accounts),
    )


def _file(row: Any) -> FileView:
    return FileView(
        id=row.id,
        name=row.name,
        profile=row.profile,
        received_on=row.received_on,
        items=row.items,
        total=Money(row.total_cents),
        bank_reference=row.bank_reference,
        reader=row.reader,
        read_at=row.read_at,
        finished_at=row.finished_at,
        posted=row.posted,
        held=row.held,
        posted_total=Money(int(row.posted_cents)),
    )
