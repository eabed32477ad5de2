"""An attempt as staff read it who look into what went wrong: for whom it was, what became of it, its receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.database import Reader, query
from accounts.money import Money
from payments.attempts.rules import State
from payments.receipts.rules import number_text

_STORY = query("""
    SELECT t.id, t.state, t.created_at, t.amount_cents + t.fee_cents AS total, l.amount_cents, a.reference, a.kind,
           c.name AS holder,
           (a.is_protected AND NOT :sees_protected) OR (a.is_restricted AND NOT :sees_restricted) AS hidden,
           p.id AS payment_id, r.series, r.year, r.number, r.token
      FROM attempts t
      JOIN attempt_lines l ON l.attempt_id = t.id
      JOIN customer_accounts a ON a.id = l.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN payments p ON p.attempt_id = t.id
      LEFT JOIN receipts r ON r.payment_id = p.id
     WHERE t.id = :id ORDER BY l.id""",
    "id", "state", "created_at", "total", "amount_cents", "reference", "kind", "holder", "hidden", "payment_id",
    "series", "year", "number", "token",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """An account that was to be paid. Without number and holder where it is hidden from the reader."""

    amount: Money
    reference: str
    kind: str
    holder: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Story:
    """An attempt. The receipt is named to those who may see all accounts on it."""

    attempt_id: str
    state: State
    created_at: datetime
    total: Money
    parts: tuple[Part, ...]
    payment_id: int | None
    """Nothing where no money is in the books."""
    receipt_number: str
    receipt_token: str


def story(session: Reader, attempt_id: str, *, sees_protected: bool, sees_restricted: bool) -> Story | None:
    """One statement; None for an attempt that we do not have."""
    asked = {"id": attempt_id, "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    rows = session.execute(_STORY, asked).all()
    if not rows:
        return None
    first, shows = rows[0], not any(row.hidden for row in rows)
    return Story(
        attempt_id=first.id,
        state=State(first.state),
        created_at=first.created_at,
        total=Money(first.total),
        parts=tuple(
            Part(Money(row.amount_cents), "", "", "", is_hidden=True)
            if row.hidden
            else Part(Money(row.amount_cents), row.reference, row.kind, row.holder, is_hidden=False)
            for row in rows
        ),
        payment_id=first.payment_id,
        receipt_number=number_text(first.series, first.year, first.number) if first.token and shows else "",
        receipt_token=first.token if first.token and shows else "",
    )
