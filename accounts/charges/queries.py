"""Reads of what is open, for pages, baskets and jobs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.charges.models import Charge
from accounts.charges.rules import OpenCharge
from accounts.money import ZERO


def open_charges(session: Session, account_ids: Collection[int]) -> list[OpenCharge]:
    """Charges with something left to pay on these accounts, oldest due first. One statement."""
    rows = session.execute(
        select(
            Charge.id,
            Charge.customer_account_id,
            Charge.revenue_line,
            Charge.kind,
            Charge.fund,
            Charge.open_cents,
            Charge.due_on,
            Charge.version,
            Charge.description,
            Charge.delinquent_on,
            Charge.receivable,
        )
        .where(Charge.customer_account_id.in_(account_ids), Charge.open_cents > ZERO)
        .order_by(Charge.due_on, Charge.id)
    )
    return [
        OpenCharge(
            id=row.id,
            customer_account_id=row.customer_account_id,
            revenue_line=row.revenue_line,
            kind=row.kind,
            fund=row.fund,
            open=row.open_cents,
            due_on=row.due_on,
            version=row.version,
            description=tuple(row.description.items()),
            delinquent_on=row.delinquent_on,
            receivable=row.receivable,
        )
        for row in rows
    ]
