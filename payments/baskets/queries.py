"""The basket as its pages show it, in three statements however many accounts are in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.charges.queries import open_charges
from accounts.charges.rules import OpenCharge, standing
from accounts.customers.rules import masked_name
from accounts.money import ZERO, Money
from accounts.premises.rules import masked_address
from payments.baskets.rules import BasketAccount, digest

_BASKET = text("""
    SELECT l.customer_account_id, l.choice, l.other_cents, a.kind, a.reference, c.name, p.address
      FROM baskets b
      JOIN basket_lines l ON l.basket_id = b.id
      JOIN customer_accounts a ON a.id = l.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE b.token_sha256 = :digest
     ORDER BY l.id""")
_PENDING = text("""
    SELECT customer_account_id, CAST(sum(amount_cents) AS bigint) AS cents FROM pending_payments
     WHERE customer_account_id = ANY (:accounts) AND expires_at > :now
     GROUP BY customer_account_id""")


def basket(session: Session, token: str | None, today: date, now: datetime) -> tuple[BasketAccount, ...]:
    """The accounts in a basket, in the order they were put in; none for an unknown token."""
    if not token:
        return ()
    rows = session.execute(_BASKET, {"digest": digest(token)}).all()
    ids = [row.customer_account_id for row in rows]
    charges: dict[int, list[OpenCharge]] = defaultdict(list)
    for charge in open_charges(session, ids):
        charges[charge.customer_account_id].append(charge)
    coming = money_on_its_way(session, ids, now)
    return tuple(
        _account(row, charges[row.customer_account_id], coming.get(row.customer_account_id, ZERO), today)
        for row in rows
    )


def money_on_its_way(session: Session, account_ids: Sequence[int], now: datetime) -> dict[int, Money]:
    """Pending payments by account: sent off, not yet in the books."""
    rows = session.execute(_PENDING, {"accounts": list(account_ids), "now": now})
    return {row.customer_account_id: Money(row.cents) for row in rows}


def _account(row: Any, charges: list[OpenCharge], coming: Money, today: date) -> BasketAccount:
    return BasketAccount(
        customer_account_id=row.customer_account_id,
        kind=row.kind,
        reference=row.reference,
        label=masked_address(row.address) if row.address else "",
        holder=masked_name(row.name),
        choice=row.choice,
        other=None if row.other_cents is None else Money(row.other_cents),
        standing=standing(charges, today),
        charges=tuple(charges),
        on_its_way=coming,
    )
