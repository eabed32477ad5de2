"""What a decision needs to know of the account that a request is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.adjustments.leaks import metered
from accounts.cases.models import Case
from accounts.cities.rules import City
from accounts.customer_accounts.service import Place
from accounts.errors import NotFound
from accounts.money import Money
from accounts.requests.rules import Asked
from accounts.utilities.starting import ServiceWanted

_ANSWERS = text("SELECT answers FROM case_submissions WHERE case_id = :case ORDER BY version DESC LIMIT 1")
_PREMISES = text("SELECT id FROM premises WHERE address_key = :key AND zip_code = :zip ORDER BY id LIMIT 1")
_LAST_SERVED = text("""
    SELECT a.id, coalesce(u.customer_class, ''), coalesce(u.cycle, ''), coalesce(u.route, '')
      FROM customer_accounts a JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.premises_id = :premises AND a.kind = 'utility'
       AND EXISTS (SELECT FROM utility_services s WHERE s.customer_account_id = a.id)
     ORDER BY a.opened_on DESC NULLS LAST, a.id DESC LIMIT 1""")
_SERVICES = text("""
    SELECT DISTINCT ON (service) service, rate_code, quantity FROM utility_services
     WHERE customer_account_id = :account ORDER BY service, until_on DESC NULLS FIRST, id DESC""")
_BILLED = text("""
    SELECT id, revenue_line, working FROM charges
     WHERE bill_id = ANY (:bills) AND customer_account_id = :account AND kind = 'service' ORDER BY id""")
_CREDIT = text("SELECT credit_cents FROM customer_accounts WHERE id = :account")
_HOLDER = text("""
    SELECT c.id, c.version FROM customers c JOIN customer_accounts a ON a.customer_id = c.id WHERE a.id = :account""")
_OPENED = text("""
    SELECT id FROM customer_accounts
     WHERE reference = :reference AND kind = 'utility' AND opened_on >= :since AND status = 'open'""")


@dataclass(frozen=True)
class LastService:
    """How a place was last served."""

    premises_id: int
    services: tuple[ServiceWanted, ...]
    customer_class: str
    cycle: str
    route: str


def asked_of(session: Session, case: Case) -> Asked:
    """A case that was handed in, with the answers that count."""
    answers = session.scalar(_ANSWERS, {"case": case.id})
    if answers is None or case.number is None or case.submitted_on is None:
        raise NotFound(f"case {case.id} was not handed in")
    return Asked(
        case.id, case.number, case.customer_account_id, case.customer_id, case.submitted_on, case.language, answers
    )


def last_service(session: Session, place: Place) -> LastService | None:
    """The place of an address, with the services that it last had; none where the city knows no such place or
    nobody was served there."""
    key, zip_code = place.key
    premises = session.scalar(_PREMISES, {"key": key, "zip": zip_code})
    row = session.execute(_LAST_SERVED, {"premises": premises}).one_or_none() if premises else None
    if row is None:
        return None
    services = tuple(ServiceWanted(*service) for service in session.execute(_SERVICES, {"account": row[0]}))
    return LastService(premises, services, *row[1:])


def metered_charges(session: Session, city: City, account_id: int, bills: Sequence[int], on: date) -> list[int]:
    """Charges of these bills that the leak policy of a day may credit."""
    policy = city.leak_policy(on)
    rows = session.execute(_BILLED, {"bills": list(bills), "account": account_id})
    return [
        row.id
        for row in rows
        if policy is not None and (read := metered(row.working)) is not None and read.rate in policy.rates
    ]


def credit(session: Session, account_id: int) -> Money:
    """The credit of an account."""
    return Money(session.scalar(_CREDIT, {"account": account_id}) or 0)


def holder(session: Session, account_id: int) -> tuple[int, int]:
    """The customer who holds an account, and their version; raises ``NotFound``."""
    row = session.execute(_HOLDER, {"account": account_id}).one_or_none()
    if row is None:
        raise NotFound(f"no account {account_id}")
    return int(row[0]), int(row[1])


def opened_since(session: Session, reference: str, since: date) -> int | None:
    """The utility account of a reference, if it began on that day or later and is open."""
    found = session.scalar(_OPENED, {"reference": reference, "since": since})
    return int(found) if found is not None else None
