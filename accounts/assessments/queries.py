"""What was assessed, for pages: charges with their working, whatever the kind of account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from accounts.database import query
from accounts.money import Money


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """A charge as its page shows it. ``working`` is the JSON that ``accounts.pricing.working.Working`` reads back."""

    charge_id: int
    bill_id: int | None
    revenue_line: str
    kind: str
    description: Mapping[str, str]
    amount: Money
    open: Money
    billed_on: date
    due_on: date
    delinquent_on: date
    working: Mapping[str, Any]


_NAMES = (
    "id", "bill_id", "revenue_line", "kind", "description", "amount_cents", "open_cents", "billed_on", "due_on",
    "delinquent_on", "working",
)  # fmt: skip
COLUMNS = ", ".join(_NAMES)
"""Of ``charges``, as :func:`lines_of` reads them."""
SHOWN_DAYS = 400
"""Charges are shown while they are open, and for thirteen months before an account's newest."""
LINES = f"""(SELECT json_agg(json_build_array({COLUMNS}) ORDER BY id)
              FROM (SELECT *, max(billed_on) OVER () AS newest_on FROM charges WHERE customer_account_id = a.id) these
             WHERE open_cents > 0 OR billed_on > newest_on - {SHOWN_DAYS})"""  # noqa: S608 - our own columns
"""Of the account ``a`` in a statement of another feature, charges that are open or of the last thirteen months, as
they were raised; for :func:`lines_of`."""
_LATEST = query(
    f"SELECT {COLUMNS} FROM charges WHERE customer_account_id = :account"  # noqa: S608 - our own columns
    " ORDER BY billed_on DESC, id LIMIT :most",
    *_NAMES,
)


def lines_of(found: Sequence[Sequence[Any]] | None) -> tuple[AssessedLine, ...]:
    """What :data:`LINES` found; JSON has days as words."""
    day = date.fromisoformat
    return tuple(
        AssessedLine(*(*what, Money(asked), Money(left), day(billed_on), day(due_on), day(delinquent_on), working))
        for *what, asked, left, billed_on, due_on, delinquent_on, working in found or ()
    )


def latest(session: Session, account_id: int, limit: int) -> Sequence[AssessedLine]:
    """The newest charges of an account first. One statement."""
    return [_line(charge) for charge in session.execute(_LATEST, {"account": account_id, "most": limit})]


def _line(charge: Any) -> AssessedLine:
    return AssessedLine(
        charge_id=charge.id,
        bill_id=charge.bill_id,
        revenue_line=charge.revenue_line,
        kind=charge.kind,
        description=charge.description,
        amount=Money(charge.amount_cents),
        open=Money(charge.open_cents),
        billed_on=charge.billed_on,
        due_on=charge.due_on,
        delinquent_on=charge.delinquent_on,
        working=charge.working,
    )
