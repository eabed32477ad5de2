"""The accounts of a sale as the window shows them, and sales that wait for a supervisor's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cash_only.queries import flagged
from accounts.cash_only.rules import CashOnly
from accounts.charges.queries import open_charges
from accounts.charges.rules import OpenCharge, Standing, standing
from accounts.customer_accounts.rules import shown
from accounts.customers.rules import masked_name
from accounts.money import Money
from accounts.premises.rules import masked_address
from payments.baskets.queries import money_on_its_way
from payments.baskets.rules import Coming

_ACCOUNTS = text("""
    SELECT a.id, a.kind, a.reference, a.status, a.credit_cents, c.name, c.language, c.email, p.address
      FROM customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE a.id = ANY (:ids)
       AND (:sees_protected OR NOT a.is_protected) AND (:sees_restricted OR NOT a.is_restricted)""")
_HELD = text("""
    SELECT s.id AS sale_id, s.cashier_id, w.display_name AS cashier, s.touched_at, a.id AS account_id, a.reference,
           c.name, (line.value ->> 'amount')::bigint AS amount_cents,
           (SELECT max(f.until_on) FROM cash_only_flags f
             WHERE f.customer_account_id = a.id AND :today BETWEEN f.since_on AND f.until_on
               AND NOT EXISTS (SELECT FROM cash_only_lifts l WHERE l.flag_id = f.id)) AS until_on
      FROM sales s
      JOIN actors w ON w.id = s.cashier_id
     CROSS JOIN LATERAL jsonb_array_elements(s.content -> 'accounts') AS line
      JOIN customer_accounts a ON a.id = (line.value ->> 'customer_account_id')::bigint
      JOIN customers c ON c.id = a.customer_id
     WHERE s.state IN ('open', 'parked') AND s.content -> 'tenders' @> '[{"kind": "check"}]'
       AND (:sees_protected OR NOT a.is_protected) AND (:sees_restricted OR NOT a.is_restricted)
       AND (CAST(:sale AS bigint) IS NULL OR s.id = :sale)
       AND EXISTS (SELECT FROM cash_only_flags f
                    WHERE f.customer_account_id = a.id AND :today BETWEEN f.since_on AND f.until_on
                      AND NOT EXISTS (SELECT FROM cash_only_lifts l WHERE l.flag_id = f.id))
       AND NOT EXISTS (SELECT FROM sale_overrides o
                        WHERE o.sale_id = s.id AND o.customer_account_id = a.id AND o.granted_by <> s.cashier_id)
     ORDER BY s.id, a.id LIMIT 50""")


@dataclass(frozen=True)
class OwingAccount:
    """An account at the window: what it owes, what is on its way to it, and whether it pays in cash only."""

    id: int
    kind: str
    reference: str
    status: str
    credit: Money
    holder: str
    address: str
    language: str
    email: str
    standing: Standing
    charges: tuple[OpenCharge, ...]
    on_its_way: tuple[Coming, ...]
    cash_only: CashOnly | None

    @property
    def number(self) -> str:
        return shown(self.reference)

    @property
    def masked_holder(self) -> str:
        """For a screen that more people than one may see."""
        return masked_name(self.holder)

    @property
    def masked_address(self) -> str:
        return masked_address(self.address) if self.address else ""


@dataclass(frozen=True)
class HeldSale:
    """A sale with a check for an account that pays in cash only."""

    sale_id: int
    cashier_id: int
    cashier: str
    touched_at: datetime
    account_id: int
    reference: str
    holder: str
    amount: Money
    until_on: date

    @property
    def number(self) -> str:
        return shown(self.reference)


def owing(
    session: Session,
    account_ids: Sequence[int],
    today: date,
    now: datetime,
    *,
    sees_protected: bool,
    sees_restricted: bool,
) -> list[OwingAccount]:
    """These accounts in this order, without those that whoever asks may not see. Four statements, or none."""
    if not account_ids:
        return []
    asked = {"ids": list(account_ids), "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    rows = {row.id: row for row in session.execute(_ACCOUNTS, asked)}
    ids = [account_id for account_id in account_ids if account_id in rows]
    charges: dict[int, list[OpenCharge]] = defaultdict(list)
    for charge in open_charges(session, ids):
        charges[charge.customer_account_id].append(charge)
    coming, flags = money_on_its_way(session, ids, now), flagged(session, ids, today)
    return [
        OwingAccount(
            id=row.id,
            kind=row.kind,
            reference=row.reference,
            status=row.status,
            credit=Money(row.credit_cents),
            holder=row.name,
            address=row.address or "",
            language=row.language,
            email=row.email or "",
            standing=standing(charges[row.id], today),
            charges=tuple(charges[row.id]),
            on_its_way=coming.get(row.id, ()),
            cash_only=flags.get(row.id),
        )
        for row in (rows[account_id] for account_id in ids)
    ]


def held_sales(
    session: Session, today: date, *, sees_protected: bool, sees_restricted: bool, sale_id: int | None = None
) -> list[HeldSale]:
    """Sales that a cash-only flag holds up and nobody has let pass, the oldest first. One statement."""
    asked = {
        "today": today, "sale": sale_id, "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    return [
        HeldSale(
            row.sale_id, row.cashier_id, row.cashier, row.touched_at, row.account_id, row.reference, row.name,
            Money(row.amount_cents), row.until_on,
        )
        for row in session.execute(_HELD, asked)
    ]  # fmt: skip
