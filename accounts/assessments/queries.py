"""What was assessed, for pages: charges with their working, whatever the kind of account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts.charges.models import Charge
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


def lines_by_account(session: Session, account_ids: Collection[int]) -> dict[int, tuple[AssessedLine, ...]]:
    """Charges by account, in the order in which they were raised. One statement."""
    found: dict[int, list[AssessedLine]] = defaultdict(list)
    for charge in session.scalars(_charges(account_ids)):
        found[charge.customer_account_id].append(_line(charge))
    return {account: tuple(charges) for account, charges in found.items()}


def latest(session: Session, account_id: int, limit: int) -> Sequence[AssessedLine]:
    """The newest charges of an account first. One statement."""
    newest = _charges([account_id]).order_by(None).order_by(Charge.billed_on.desc(), Charge.id).limit(limit)
    return [_line(charge) for charge in session.scalars(newest)]


def _charges(account_ids: Collection[int]) -> Select[Charge]:
    return select(Charge).where(Charge.customer_account_id.in_(account_ids)).order_by(Charge.id)


def _line(charge: Charge) -> AssessedLine:
    return AssessedLine(
        charge_id=charge.id,
        bill_id=charge.bill_id,
        revenue_line=charge.revenue_line,
        kind=charge.kind,
        description=charge.description,
        amount=charge.amount_cents,
        open=charge.open_cents,
        billed_on=charge.billed_on,
        due_on=charge.due_on,
        delinquent_on=charge.delinquent_on,
        working=charge.working,
    )
