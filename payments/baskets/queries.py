"""The basket as its pages show it, in three statements however many accounts are in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from accounts.charges.queries import open_charges
from accounts.charges.rules import OpenCharge, standing
from accounts.customers.rules import masked_name
from accounts.database import Reader, query
from accounts.money import Money
from accounts.premises.rules import masked_address
from payments.baskets.rules import BasketAccount, Coming, digest

_BASKET = query("""
    SELECT l.customer_account_id, l.choice, l.other_cents, a.kind, a.reference, c.name, p.address
      FROM baskets b
      JOIN basket_lines l ON l.basket_id = b.id
      JOIN customer_accounts a ON a.id = l.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE b.token_sha256 = :digest
     ORDER BY l.id""",
    "customer_account_id", "choice", "other_cents", "kind", "reference", "name", "address",
)  # fmt: skip
_PENDING = query("""
    SELECT p.id, p.customer_account_id, p.amount_cents, p.created_at,
           coalesce(a.state IN ('processing', 'unknown'), false) AS left_the_page
      FROM pending_payments p
      LEFT JOIN attempts a ON p.owner_kind = 'attempt' AND a.id = p.owner_id
      LEFT JOIN baskets b ON b.id = a.basket_id
     WHERE p.customer_account_id = ANY (:accounts)
       AND (p.expires_at > :now OR a.state IN ('processing', 'unknown'))
       AND (b.token_sha256 IS DISTINCT FROM :digest OR a.state = 'processing')
     ORDER BY p.id""",
    "id", "customer_account_id", "amount_cents", "created_at", "left_the_page",
)  # fmt: skip
"""The basket's own open promise is left out: going on leads to the same page, or closes it first."""


def basket(session: Reader, token: str | None, today: date, now: datetime) -> tuple[BasketAccount, ...]:
    """The accounts in a basket, in the order they were put in; none for an unknown token."""
    if not token:
        return ()
    rows = session.execute(_BASKET, {"digest": digest(token)}).all()
    ids = [row.customer_account_id for row in rows]
    charges: dict[int, list[OpenCharge]] = defaultdict(list)
    for charge in open_charges(session, ids):
        charges[charge.customer_account_id].append(charge)
    coming = money_on_its_way(session, ids, now, token)
    return tuple(
        _account(row, charges[row.customer_account_id], coming.get(row.customer_account_id, ()), today)
        for row in rows
    )


def money_on_its_way(
    session: Reader, account_ids: Sequence[int], now: datetime, token: str | None = None
) -> dict[int, tuple[Coming, ...]]:
    """Pending payments by account: sent off by others than this basket, not yet in the books."""
    values = {"accounts": list(account_ids), "now": now, "digest": digest(token or "")}
    found: dict[int, tuple[Coming, ...]] = {}
    for row in session.execute(_PENDING, values):
        known = found.get(row.customer_account_id, ())
        one = Coming(row.id, Money(row.amount_cents), row.created_at, left_the_page=row.left_the_page)
        found[row.customer_account_id] = (*known, one)
    return found


def _account(row: Any, charges: list[OpenCharge], coming: tuple[Coming, ...], today: date) -> BasketAccount:
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
