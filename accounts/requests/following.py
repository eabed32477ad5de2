"""From answers to what is asked of the services of accounts and customers, once a request is granted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.customer_accounts.lifecycle import Closing, Opening
from accounts.customer_accounts.service import Holder, Place
from accounts.customer_changes.rules import ChangeRequest, Contact
from accounts.requests.rules import Asked, How
from accounts.utilities.starting import ServiceWanted, Start


def closing_of(asked: Asked, how: How) -> Closing:
    said = asked.words("reason")
    return Closing(
        asked.account_id or 0, asked.day("stop_on"), f"{asked.number}: {said}" if said else asked.number,
        asked.words("forwarding_address"), how.documents,
    )  # fmt: skip


def opening_of(asked: Asked, how: How, premises_id: int, customer_id: int | None) -> Opening:
    """For the customer who moves, else for the one whom the answers name."""
    holder = None
    if customer_id is None:
        name = asked.words("holder_name")
        holder = Holder(
            name=name, last_name=name.split()[-1] if name else "", email=asked.words("holder_email"),
            phone=asked.words("holder_phone"), mailing_address=asked.words("mailing_address"),
            language=asked.language,
        )  # fmt: skip
    return Opening(
        opened_on=asked.day("start_on"), customer_id=customer_id, holder=holder, premises_id=premises_id,
        role=asked.words("role"), documents=how.documents, document_note=asked.number, form_key=f"case:{asked.id}",
    )  # fmt: skip


def place_of(asked: Asked) -> Place:
    return Place(asked.words("service_address"), zip_code=asked.words("service_zip"))


def start_of(services: Sequence[ServiceWanted], how: How, customer_class: str, cycle: str, route: str) -> Start:
    return Start(tuple(services), customer_class or "residential", cycle, route, first_read=how.first_read)


def change_of(asked: Asked, how: How, effect: str, *, customer_id: int, version: int, today: date) -> ChangeRequest:
    """A change of name from today, or of the mailing address from the day asked for (today, if that is over)."""
    if effect == "change-name":
        contact = Contact(name=asked.words("new_name"), last_name=asked.words("new_last_name"))
        paper = next(iter(how.documents), asked.words("document"))
        return ChangeRequest(customer_id, contact, version, today, asked.number, paper)
    contact = Contact(mailing_address=asked.words("new_address"))
    return ChangeRequest(customer_id, contact, version, max(today, asked.day("from_day")), asked.number)
