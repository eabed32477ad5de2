"""What an account at the counter begins and ends with, and what is refused. Pure.

Days: an account is open from ``opened_on`` through ``closed_on``, both included; ``closed_on`` is the day of the
final read. A service's and a role's ``until_on`` is the first day without it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.approvals.rules import ReasonMissing
from accounts.cities.desk import DeskPolicy, must_lie_within, must_show
from accounts.customer_accounts.service import Holder, Place
from accounts.customers.rules import BadContact, can_be
from accounts.errors import Conflict, DomainError

DAY = timedelta(days=1)
ROLES = ("owner", "tenant", "payer")


class AlreadyClosed(Conflict):
    """The account is closed: ``facts["closed_on"]``."""


class AlreadyOpened(Conflict):
    """The same form was sent before, and opened an account: ``facts["reference"]``."""


class NotClosed(Conflict):
    """The account is open, so there is nothing to open again."""


class AlreadySo(Conflict):
    """The account is protected (or restricted) already, or is not."""


class EndsBeforeItBegins(DomainError):
    """An account cannot end before it began, nor begin again before it ended: ``facts["earliest"]``."""


class RoleMissing(DomainError):
    """Whoever takes a service at a place is its owner, its tenant, or pays for it."""


class PlaceMissing(DomainError):
    """A service needs a place, with a street address."""


@dataclass(frozen=True)
class Opening:
    """An account to open: for a customer who is here (``customer_id``) or a new one (``holder``), at premises that
    are here (``premises_id``) or a new place, from a day on. ``role`` is theirs at the premises.

    ``documents`` are codes of the desk policy; the one who opens the account saw them.
    """

    opened_on: date
    customer_id: int | None = None
    holder: Holder | None = None
    premises_id: int | None = None
    place: Place | None = None
    role: str = ""
    documents: tuple[str, ...] = ()
    document_note: str = ""
    form_key: str = ""
    """What makes the form one form: sent twice, it opens one account. Nothing for openings that no form asked for."""


@dataclass(frozen=True)
class Opened:
    """What the person takes home. ``bill_code`` is told this once; bills on paper carry it."""

    account_id: int
    reference: str
    customer_id: int
    premises_id: int | None
    bill_code: str


@dataclass(frozen=True)
class Closing:
    """An account to close after ``final_on``. ``forwarding_address`` is where the final bill goes."""

    account_id: int
    final_on: date
    reason: str
    forwarding_address: str = ""
    documents: tuple[str, ...] = ()
    document_note: str = ""


def check_opening(policy: DeskPolicy, opening: Opening, *, languages: Collection[str], today: date) -> None:
    """Raises ``TooFarBack``, ``TooFarAhead``, ``NotOnTheList``, ``DocumentMissing``, ``BadContact``,
    :class:`RoleMissing`, :class:`PlaceMissing`."""
    must_lie_within(opening.opened_on, today, back=policy.opening_back_days, ahead=policy.opening_ahead_days)
    must_show(policy, opening.documents, policy.opening_documents)
    if opening.role and opening.role not in ROLES:
        raise RoleMissing(f"no role {opening.role!r}")
    if opening.place is not None and not opening.place.key[0]:
        raise PlaceMissing("a place has a street address")
    holder = opening.holder
    if holder is None and opening.customer_id is None:
        raise BadContact("an account has a holder", field="name")
    for name in ("name", "last_name", "email", "phone", "mailing_address", "language") if holder else ():
        if not can_be(name, getattr(holder, name), languages):
            raise BadContact(f"no {name}", field=name)


def check_closing(
    policy: DeskPolicy, closing: Closing, opened_on: date | None, asked: tuple[str, ...], *, today: date
) -> None:
    """Raises ``ReasonMissing``, ``TooFarBack``, ``TooFarAhead``, ``NotOnTheList``, :class:`EndsBeforeItBegins`, and
    ``DocumentMissing`` (``asked``: one of these is needed)."""
    if not closing.reason.strip():
        raise ReasonMissing("say why it is closed")
    if opened_on is not None and closing.final_on < opened_on:
        raise EndsBeforeItBegins(f"it began on {opened_on}", earliest=opened_on)
    must_lie_within(closing.final_on, today, back=policy.closing_back_days, ahead=policy.closing_ahead_days)
    must_show(policy, closing.documents, asked)


def check_reopening(policy: DeskPolicy, on: date, closed_on: date | None, *, today: date) -> None:
    """An account goes on without a gap however long ago it was closed; else as far back as one is opened.

    Raises :class:`EndsBeforeItBegins`, ``TooFarBack`` or ``TooFarAhead``.
    """
    earliest = closed_on + DAY if closed_on else None
    if earliest and on < earliest:
        raise EndsBeforeItBegins(f"it ended on {closed_on}", earliest=earliest)
    back = None if on == earliest else policy.opening_back_days
    must_lie_within(on, today, back=back, ahead=policy.opening_ahead_days)
