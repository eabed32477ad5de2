"""What may be changed of a customer, from which day and on what evidence; and what a returned letter stops. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from accounts.approvals.rules import ReasonMissing
from accounts.cities.desk import DeskPolicy, must_lie_within, must_show
from accounts.customers.rules import BadContact, can_be, masked_name
from accounts.errors import Conflict, DomainError
from accounts.premises.rules import masked_address


class NothingChanges(DomainError):
    """Everything is already as the form says."""


class InTheFuture(DomainError):
    """What is said to have happened cannot be later than today."""


class ChangedMeanwhile(Conflict):
    """Somebody else changed this customer since the form was opened: ``facts["seen"]``, ``facts["version"]``."""


class AlreadySettled(Conflict):
    """This change was applied or withdrawn before."""


class AlreadyHandled(Conflict):
    """Somebody has dealt with this letter."""


@dataclass(frozen=True, slots=True)
class Contact:
    """New values; what is none stays. Blank takes an address, e-mail or telephone number away."""

    name: str | None = None
    last_name: str | None = None
    mailing_address: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None

    def given(self) -> dict[str, str]:
        """Field → value, trimmed, of what is to change."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: " ".join(value.split()) for name, value in values if value is not None}


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A change as the form brings it. ``seen_version`` is the customer's version that the form showed.

    ``document`` is a code of the desk policy; the one who enters the change saw it. ``forgets_old_name``: the former
    name proves nothing from that day, for somebody who hides from who knows it.
    """

    customer_id: int
    contact: Contact
    seen_version: int
    effective_on: date
    reason: str = ""
    document: str = ""
    document_note: str = ""
    forgets_old_name: bool = False


def wanted_of(
    policy: DeskPolicy, request: ChangeRequest, now: Mapping[str, str], *, languages: Collection[str], today: date
) -> dict[str, str]:
    """The fields that the request makes another, with their new values.

    Raises :class:`NothingChanges`, ``BadContact``, ``DocumentMissing``, ``TooFarAhead``, ``NotOnTheList`` (a document
    that the city does not know), ``ReasonMissing`` (a day that is over needs one).
    """
    given = request.contact.given()
    wanted = {name: value for name, value in given.items() if value != now[name]}
    if not wanted:
        raise NothingChanges("it is all as it was")
    for name, value in wanted.items():
        if not can_be(name, value, languages):
            raise BadContact(f"no {name}", field=name)
    must_lie_within(request.effective_on, today, back=None, ahead=policy.change_ahead_days)
    if request.effective_on < today and not request.reason.strip():
        raise ReasonMissing("say why it counts from a day that is over")
    changes_name = not {"name", "last_name"}.isdisjoint(wanted)
    seen = (request.document,) if request.document else ()
    must_show(policy, seen, policy.name_change_documents if changes_name else ())
    return wanted


def masked(values: Mapping[str, str]) -> dict[str, str]:
    """Values as an audit line keeps them: enough for who knows them to see which, too little for anybody else."""
    return {name: _masked(name, value) for name, value in values.items()}


def _masked(name: str, value: str) -> str:
    if name == "language" or not value:
        return value
    if name == "mailing_address":
        return masked_address(value)
    if name == "phone":
        return f"•••{value[-2:]}"
    if name == "email":
        return f"{value[0]}•••@{value.partition('@')[2][:1]}•••"
    return masked_name(value)


class Handling(StrEnum):
    """What was done about a letter that came back.

    ``visited``: a visit left the notice at the door. ``new-address``: the holder has another address since.
    ``re-mailed``: it was sent again. ``not-needed``: it need not be sent again. ``mistake``: it never came back.
    """

    VISITED = "visited"
    NEW_ADDRESS = "new-address"
    RE_MAILED = "re-mailed"
    NOT_NEEDED = "not-needed"
    MISTAKE = "mistake"


def stops_mail(done: Collection[Handling]) -> bool:
    """Whether no letter goes to the address any more."""
    return not {Handling.NEW_ADDRESS, Handling.RE_MAILED, Handling.MISTAKE} & set(done)


def blocks_shut_off(done: Collection[Handling]) -> bool:
    """Whether the holder may not have been reached, so that no service may be shut off.

    Health and Safety Code 116908(a)(2): a notice that comes back asks for a visit that leaves one at the door.
    """
    return stops_mail(done) and Handling.VISITED not in done


def awaits_re_mail(done: Collection[Handling]) -> bool:
    """Whether the letter itself still has to reach somebody."""
    return not {Handling.RE_MAILED, Handling.NOT_NEEDED, Handling.MISTAKE} & set(done)
