"""A receipt by its link, its id, or whatever is typed of it: in one statement each.

Payments and attempts stand above receipts (they name them), so they are read here in plain SQL and not imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, TextualSelect

from accounts.database import Reader, query
from accounts.money import Money, NotMoney, total
from payments.receipts.rules import MovedAway, ReceiptPage, TakenBack, number_text, numbers_typed, read_content

_SELECT = """
SELECT r.id, r.token, r.series, r.year, r.number, r.issued_at, r.language, r.content,
       p.channel, p.attempt_id, coalesce(a.email, '') AS email, reversal.posted_at AS reversed_at,
       (SELECT json_agg(json_build_array(c.reference, x.cents, x.moved_at) ORDER BY c.reference)
          FROM (SELECT account, sum(cents) AS cents, max(moved_at) AS moved_at
                  FROM moves m CROSS JOIN LATERAL (
                       VALUES (m.from_account_id, m.amount_cents), (m.to_account_id, -m.amount_cents)
                       ) AS side (account, cents)
                 WHERE m.payment_id = p.id GROUP BY account HAVING sum(cents) > 0) AS x
          JOIN customer_accounts c ON c.id = x.account) AS moved,
       (SELECT json_agg(json_build_array(v.kind, t.ordinal, v.amount_cents, v.at) ORDER BY t.ordinal)
          FROM payment_reversals v JOIN payment_tenders t ON t.id = v.tender_id
         WHERE v.payment_id = p.id) AS taken_back
  FROM receipts r
  JOIN payments p ON p.id = r.payment_id
  LEFT JOIN attempts a ON a.id = p.attempt_id
  LEFT JOIN journals reversal ON reversal.reverses_id = p.journal_id
 WHERE {condition}
"""
_NAMES = (
    "id", "token", "series", "year", "number", "issued_at", "language", "content", "channel", "attempt_id", "email",
    "reversed_at", "moved", "taken_back",
)  # fmt: skip
_BY_TOKEN = query(_SELECT.format(condition="r.token = :value"), *_NAMES)
_BY_ID = query(_SELECT.format(condition="r.id = :value"), *_NAMES)

# A receipt is found by its number in every series and year that it may be of, or by its total, newest first.
_FOUND = query(
    """
    WITH asked AS (SELECT * FROM unnest(CAST(:series AS text[]), CAST(:years AS bigint[]), CAST(:numbers AS bigint[]))
                      AS typed (series, year, number)),
    found AS (
        SELECT r.id FROM asked JOIN receipt_series s ON asked.series IN ('', s.series) AND asked.year IN (0, s.year)
          JOIN receipts r ON r.series = s.series AND r.year = s.year AND r.number = asked.number
         UNION
        (SELECT r.id FROM receipts r WHERE r.total_cents = :cents ORDER BY r.id DESC LIMIT :most))
    SELECT r.id, r.token, r.series, r.year, r.number, r.issued_at, r.total_cents, p.channel, p.tender,
           reversal.posted_at IS NOT NULL
           OR r.total_cents <= coalesce(back.cents, 0) AS is_reversed,
           coalesce(held.accounts, '[]') AS accounts
      FROM found
      JOIN receipts r ON r.id = found.id
      JOIN payments p ON p.id = r.payment_id
      LEFT JOIN journals reversal ON reversal.reverses_id = p.journal_id
     CROSS JOIN LATERAL (SELECT sum(amount_cents) AS cents FROM payment_reversals WHERE payment_id = p.id) AS back
     CROSS JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_array(a.id, a.kind, a.reference, c.name) ORDER BY told.place) AS accounts,
                  bool_and((:sees_protected OR NOT a.is_protected)
                           AND (:sees_restricted OR NOT a.is_restricted)) AS shows
             FROM jsonb_array_elements(r.content -> 'accounts') WITH ORDINALITY AS told (account, place)
             JOIN customer_accounts a ON a.reference = told.account ->> 'reference'
             JOIN customers c ON c.id = a.customer_id) AS held
     WHERE held.shows IS NOT FALSE
     ORDER BY r.issued_at DESC, r.id DESC
     LIMIT CAST(:limit AS bigint) + 1""",
    "id", "token", "series", "year", "number", "issued_at", "total_cents", "channel", "tender", "is_reversed",
    "accounts",
)  # fmt: skip
MOST_OF_ONE_TOTAL = 200


@dataclass(frozen=True, slots=True)
class ReceiptHitAccount:
    """An account that the receipt says something of."""

    account_id: int
    kind: str
    reference: str
    holder: str


@dataclass(frozen=True, slots=True)
class ReceiptHit:
    """A receipt that fits what was typed. ``accounts`` are those on it, as it lists them."""

    id: int
    token: str
    number: str
    issued_at: datetime
    total: Money
    channel: str
    tender: str
    is_reversed: bool
    accounts: tuple[ReceiptHitAccount, ...]


@dataclass(frozen=True, slots=True)
class ReceiptSearch:
    """The newest hits, and whether there are ``more`` that whoever asks may see."""

    hits: tuple[ReceiptHit, ...] = ()
    more: bool = False


def search(
    session: Reader, asked: str, *, sees_protected: bool, sees_restricted: bool, limit: int = 20
) -> ReceiptSearch:
    """Receipts by number, with any punctuation, or by total (``$123.45``, ``123.45``), newest first. One statement,
    or none where nothing such was typed. A receipt with any account that whoever asks may not see is not found.
    """
    numbers, total = numbers_typed(asked), _total(asked)
    if not numbers and total is None:
        return ReceiptSearch()
    rows = session.execute(_FOUND, {
        "series": [typed.series for typed in numbers], "years": [typed.year for typed in numbers],
        "numbers": [typed.number for typed in numbers], "cents": None if total is None else total.cents,
        "sees_protected": sees_protected, "sees_restricted": sees_restricted,
        "most": max(MOST_OF_ONE_TOTAL, limit + 1), "limit": limit,
    }).all()  # fmt: skip
    return ReceiptSearch(tuple(_hit(row) for row in rows[:limit]), more=len(rows) > limit)


def _total(asked: str) -> Money | None:
    """An amount with its cents or its sign; a whole number alone is no amount."""
    if not {"$", ".", ","} & set(asked):
        return None
    try:
        return Money.typed(asked) or None
    except NotMoney:
        return None


def _hit(row: Row[Any]) -> ReceiptHit:
    return ReceiptHit(
        id=row.id,
        token=row.token,
        number=number_text(row.series, row.year, row.number),
        issued_at=row.issued_at,
        total=Money(row.total_cents),
        channel=row.channel,
        tender=row.tender,
        is_reversed=row.is_reversed,
        accounts=tuple(ReceiptHitAccount(*account) for account in row.accounts),
    )


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
    content = read_content(row.content)
    back = tuple(
        TakenBack(kind, ordinal, Money(cents), datetime.fromisoformat(at))
        for kind, ordinal, cents, at in row.taken_back or ()
    )
    is_whole = bool(back) and total(one.amount for one in back) >= content.total
    return ReceiptPage(
        id=row.id,
        token=row.token,
        number=number_text(row.series, row.year, row.number),
        issued_at=row.issued_at,
        language=row.language,
        content=content,
        channel=row.channel,
        attempt_id=row.attempt_id,
        email=row.email,
        reversed_at=row.reversed_at or (max(one.at for one in back) if is_whole else None),
        moved=tuple(MovedAway(ref, Money(cents), datetime.fromisoformat(at)) for ref, cents, at in row.moved or ()),
        taken_back=back,
    )
