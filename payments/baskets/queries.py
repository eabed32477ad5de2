"""The basket as its pages show it, in three statements however many accounts are in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.charges.queries import open_charges
from accounts.charges.rules import OpenCharge, standing
from accounts.customer_accounts.models import CustomerAccount, PendingPayment
from accounts.customers.models import Customer
from accounts.customers.rules import masked_name
from accounts.money import ZERO, Money
from accounts.premises.models import Premises
from accounts.premises.rules import masked_address
from payments.baskets.models import Basket, BasketLine
from payments.baskets.rules import BasketAccount, digest


def basket(session: Session, token: str | None, today: date, now: datetime) -> tuple[BasketAccount, ...]:
    """The accounts in a basket, in the order they were put in; none for an unknown token."""
    if not token:
        return ()
    rows = session.execute(
        select(BasketLine.customer_account_id, BasketLine.choice, BasketLine.other_cents, CustomerAccount.kind,
               CustomerAccount.reference, Customer.name, Premises.address)
        .join(Basket, Basket.id == BasketLine.basket_id)
        .join(CustomerAccount, CustomerAccount.id == BasketLine.customer_account_id)
        .join(Customer, Customer.id == CustomerAccount.customer_id)
        .outerjoin(Premises, Premises.id == CustomerAccount.premises_id)
        .where(Basket.token_sha256 == digest(token))
        .order_by(BasketLine.id)
    ).all()  # fmt: skip
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
    rows = session.execute(
        select(PendingPayment.customer_account_id, func.sum(PendingPayment.amount_cents))
        .where(PendingPayment.customer_account_id.in_(account_ids), PendingPayment.expires_at > now)
        .group_by(PendingPayment.customer_account_id)
    )
    return {account_id: amount for account_id, amount in rows}  # noqa: C416 - a row is not a tuple to the checker


def _account(row: Any, charges: list[OpenCharge], coming: Money, today: date) -> BasketAccount:
    return BasketAccount(
        customer_account_id=row.customer_account_id,
        kind=row.kind.value,
        reference=row.reference,
        label=masked_address(row.address) if row.address else "",
        holder=masked_name(row.name),
        choice=row.choice,
        other=row.other_cents,
        standing=standing(charges, today),
        charges=tuple(charges),
        on_its_way=coming,
    )
