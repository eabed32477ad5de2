"""One account as its page needs it, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.customer_accounts.models import CustomerAccount
from accounts.customers.models import Customer
from accounts.customers.rules import masked_name
from accounts.money import Money
from accounts.premises.models import Premises
from accounts.premises.rules import masked_address


@dataclass(frozen=True)
class AccountHead:
    """Who and where, masked as a guest may see it."""

    id: int
    kind: str
    reference: str
    holder: str
    address: str
    credit: Money
    system_of_record: str
    status: str
    opened_on: date | None


def account_head(session: Session, account_id: int) -> AccountHead:
    """One statement."""
    row = session.execute(
        select(CustomerAccount, Customer.name, Premises.address)
        .join(Customer, Customer.id == CustomerAccount.customer_id)
        .outerjoin(Premises, Premises.id == CustomerAccount.premises_id)
        .where(CustomerAccount.id == account_id)
    ).one()
    account = row.CustomerAccount
    return AccountHead(
        id=account.id,
        kind=account.kind.value,
        reference=account.reference,
        holder=masked_name(row.name),
        address=masked_address(row.address) if row.address else "",
        credit=account.credit_cents,
        system_of_record=account.system_of_record,
        status=account.status,
        opened_on=account.opened_on,
    )
