"""What was assessed, for pages: charges with their working, whatever the kind of account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
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
    "id", "customer_account_id", "bill_id", "revenue_line", "kind", "description", "amount_cents", "open_cents",
    "billed_on", "due_on", "delinquent_on", "working",
)  # fmt: skip
_COLUMNS = f"SELECT {', '.join(_NAMES)} FROM charges"  # noqa: S608 - our own columns
_CHARGES = query(
    f"WITH these AS ({_COLUMNS} WHERE customer_account_id = ANY (:accounts)),"  # noqa: S608 - our own columns
    " newest AS (SELECT customer_account_id, max(billed_on) AS day FROM these GROUP BY customer_account_id)"
    f" SELECT {', '.join(f'these.{name}' for name in _NAMES)} FROM these JOIN newest USING (customer_account_id)"
    " WHERE open_cents > 0 OR billed_on > newest.day - :days"
    " ORDER BY id",
    *_NAMES,
)
SHOWN_DAYS = 400
"""Charges are shown while they are open, and for thirteen months before an account's newest."""
_LATEST = query(f"{_COLUMNS} WHERE customer_account_id = :account ORDER BY billed_on DESC, id LIMIT :most", *_NAMES)


def lines_by_account(session: Session, account_ids: Collection[int]) -> dict[int, tuple[AssessedLine, ...]]:
    """Charges that are open or of the last thirteen months, by account, as they were raised. One statement."""
    found: dict[int, list[AssessedLine]] = defaultdict(list)
    for charge in session.execute(_CHARGES, {"accounts": list(account_ids), "days": SHOWN_DAYS}):
        found[charge.customer_account_id].append(_line(charge))
    return {account: tuple(charges) for account, charges in found.items()}


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
