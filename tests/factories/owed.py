"""Customers, their accounts, and what they owe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.charges.models import Charge
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.customer_accounts.models import AccountKind, CustomerAccount
from accounts.customer_accounts.rules import new_reference
from accounts.customers.models import Customer, CustomerKind
from accounts.ledger.rules import Source
from accounts.money import Money
from tests.factories.books import DAY, LINE_OF, REVENUE, TERMS


def make_customer(session: Session, name: str = "Maria Lopez", *, language: str = "en") -> Customer:
    """A person; the last word of the name is the last name."""
    customer = Customer(kind=CustomerKind.PERSON, name=name, last_name=name.rsplit(maxsplit=1)[-1], language=language)
    session.add(customer)
    session.flush()
    return customer


def make_account(
    session: Session,
    *,
    kind: str = "utility",
    charges: Sequence[Money | NewCharge] = (Money(120_00),),
    customer: Customer | None = None,
) -> CustomerAccount:
    """An account with these open charges, all of one bill; an amount alone is a charge of the kind's own line."""
    customer = customer or make_customer(session)
    serial = session.scalar(select(func.coalesce(func.max(CustomerAccount.id), 0))) or 0
    account = CustomerAccount(
        kind=AccountKind(kind), reference=new_reference(kind, serial + 1), customer_id=customer.id
    )
    session.add(account)
    session.flush()
    new = [c if isinstance(c, NewCharge) else make_charge(c, line=LINE_OF[kind]) for c in charges]
    if new:
        raise_charges(
            session,
            [replace(charge, customer_account_id=account.id) for charge in new],
            source=Source("test-bill", account.reference, "raise"),
            kind="bill",
            effective_on=DAY,
            actor_id=actor_id(session, "system"),
        )
    return account


def make_charge(
    amount: Money,
    *,
    line: str = "water",
    kind: str = "service",
    due_on: date = DAY + timedelta(days=20),
    account_id: int = 0,
) -> NewCharge:
    """A charge to be raised; ``make_account`` fills in its own id."""
    terms = TERMS.lines[line]
    return NewCharge(
        customer_account_id=account_id,
        revenue_line=line,
        kind=kind,
        fund=terms.fund,
        receivable=terms.receivable,
        revenue=REVENUE[line],
        amount=amount,
        description={"en": f"{line} {kind}", "es": f"{line} {kind} (es)"},
        billed_on=due_on - timedelta(days=20),
        due_on=due_on,
        delinquent_on=due_on + timedelta(days=1),
        working={"imported": {"profile": "factory", "key": ""}},
    )


def open_cents(session: Session, account_id: int) -> list[int]:
    """What is left of each charge of an account, in the order in which they were raised."""
    left = session.scalars(
        select(Charge.open_cents).where(Charge.customer_account_id == account_id).order_by(Charge.id)
    )
    return [money.cents for money in left]
