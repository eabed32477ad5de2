"""A step of features above that close accounts: where the holder's mail goes from then on."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.rules import ChangeRequest, Contact
from accounts.customer_changes.service import ask
from accounts.customers.queries import customer
from accounts.staff.rules import Authority


def forward_mail(
    session: Session, desk: ChangeDesk, by: Authority, customer_id: int, address: str, *, last_day: date, reason: str
) -> None:
    """Step: an address becomes the customer's mailing address on the day after ``last_day``, today at the earliest.

    Before any account is locked: customers come first. Raises what :func:`service.ask` refuses; a blank address, or
    the one that is on file, changes nothing.
    """
    address = " ".join(address.split())
    holder = customer(session, customer_id)
    if not address or address == holder.mailing_address:
        return
    from_day = max(desk.clock.today(), last_day + timedelta(days=1))
    contact = Contact(mailing_address=address)
    ask(session, desk, by, ChangeRequest(customer_id, contact, holder.version, from_day, reason=reason))
