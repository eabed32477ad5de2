"""Reads of what is open, for pages, baskets and jobs."""

from __future__ import annotations

from collections.abc import Collection

from accounts.charges.rules import OpenCharge
from accounts.database import Reader, query
from accounts.money import Money

_OPEN = query("""
    SELECT id, customer_account_id, revenue_line, kind, fund, receivable, open_cents, due_on, version, description,
           delinquent_on
      FROM charges WHERE customer_account_id = ANY (:accounts) AND open_cents > 0
     ORDER BY due_on, id""",
    "id", "customer_account_id", "revenue_line", "kind", "fund", "receivable", "open_cents", "due_on", "version",
    "description", "delinquent_on",
)  # fmt: skip


def open_charges(session: Reader, account_ids: Collection[int]) -> list[OpenCharge]:
    """Charges with something left to pay on these accounts, oldest due first. One statement."""
    rows = session.execute(_OPEN, {"accounts": list(account_ids)})
    return [
        OpenCharge(
            id=row.id,
            customer_account_id=row.customer_account_id,
            revenue_line=row.revenue_line,
            kind=row.kind,
            fund=row.fund,
            open=Money(row.open_cents),
            due_on=row.due_on,
            version=row.version,
            description=tuple(row.description.items()),
            delinquent_on=row.delinquent_on,
            receivable=row.receivable,
        )
        for row in rows
    ]
