"""Accounts that owe, opened by the real steps."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.actors.service import actor_id
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.cities.rules import City
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.rules import shown
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.customers.models import CustomerKind
from accounts.database import Sessions, transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.utilities.models import UtilityAccount
from drills.payer import Bill

PROOF = "K7RM2PQX"
_LINES = ("water", "sewer")


def open_bill(sessions: Sessions, city: City, proof_key: str, serial: int, *, cents: int, today: date) -> Bill:
    """A utility account that owes ``cents`` on two lines in twenty days."""
    holder = Holder(
        name=f"Drill Payer {serial}", kind=CustomerKind.PERSON, last_name=f"Payer {serial}", email="", language="en"
    )
    new = NewAccount(
        kind=AccountKind.UTILITY,
        holder=holder,
        place=Place(f"{1000 + serial} Elm Street", "Río Claro", zip_code="93706"),
        proofs=(("bill_code", PROOF),),
        opened_on=today - timedelta(days=400),
    )
    with transaction(sessions) as session:
        (opened,) = open_accounts(session, [new], proof_key=proof_key.encode())
        session.add(UtilityAccount(customer_account_id=opened.id))
        parts = (cents // 2, cents - cents // 2)
        charges = [_charge(city, opened.id, line, part, today) for line, part in zip(_LINES, parts, strict=True)]
        raise_charges(
            session,
            charges,
            source=Source("drill-bill", str(serial), "raise"),
            kind="bill",
            effective_on=today,
            actor_id=actor_id(session, "system"),
        )
    return Bill(opened.id, shown(opened.reference), PROOF, cents)


def _charge(city: City, account_id: int, line: str, cents: int, today: date) -> NewCharge:
    terms, due_on = city.revenue_line(line), today + timedelta(days=20)
    return NewCharge(
        customer_account_id=account_id,
        revenue_line=line,
        kind="service",
        fund=terms.fund,
        receivable=terms.receivable,
        revenue=terms.revenue,
        amount=Money(cents),
        description={"en": f"{line} for a month", "es": f"{line} por un mes"},
        billed_on=today,
        due_on=due_on,
        delinquent_on=due_on + timedelta(days=1),
    )
