"""A receipt by its link or its id, in one statement.

Payments and attempts stand above receipts (they name them), so they are read here in plain SQL and not imported.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, TextualSelect

from accounts.database import Reader, query
from payments.receipts.rules import ReceiptPage, number_text, read_content

_SELECT = """
SELECT r.id, r.token, r.series, r.year, r.number, r.issued_at, r.language, r.content,
       p.channel, p.attempt_id, coalesce(a.email, '') AS email, reversal.posted_at AS reversed_at
  FROM receipts r
  JOIN payments p ON p.id = r.payment_id
  LEFT JOIN attempts a ON a.id = p.attempt_id
  LEFT JOIN journals reversal ON reversal.reverses_id = p.journal_id
 WHERE {condition}
"""
_NAMES = (
    "id", "token", "series", "year", "number", "issued_at", "language", "content", "channel", "attempt_id", "email",
    "reversed_at",
)  # fmt: skip
_BY_TOKEN = query(_SELECT.format(condition="r.token = :value"), *_NAMES)
_BY_ID = query(_SELECT.format(condition="r.id = :value"), *_NAMES)


def receipt_by_token(session: Reader, token: str) -> ReceiptPage | None:
    """The receipt that a link opens; None for a link that we never gave."""
    return _one(session, _BY_TOKEN, token)


def receipt_by_id(session: Reader, receipt_id: int) -> ReceiptPage | None:
    """The receipt that a fact or a clerk names."""
    return _one(session, _BY_ID, receipt_id)


def _one(session: Reader, statement: TextualSelect, value: str | int) -> ReceiptPage | None:
    row = session.execute(statement, {"value": value}).one_or_none()
    return None if row is None else _page(row)


def _page(row: Row[Any]) -> ReceiptPage:
    return ReceiptPage(
        id=row.id,
        token=row.token,
        number=number_text(row.series, row.year, row.number),
        issued_at=row.issued_at,
        language=row.language,
        content=read_content(row.content),
        channel=row.channel,
        attempt_id=row.attempt_id,
        email=row.email,
        reversed_at=row.reversed_at,
    )
