"""End an account after a day: what it owes stays to be paid, and is said before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import redirect, render_template
from werkzeug.wrappers import Response

from accounts.approvals.rules import ReasonMissing
from accounts.charges.queries import open_charges
from accounts.charges.rules import Standing, standing
from accounts.cities.desk import DocumentMissing, TooFarAhead, TooFarBack, choice
from accounts.cities.staffing import Permission
from accounts.customer_accounts.lifecycle import Closing, EndsBeforeItBegins
from accounts.customer_changes.desk import ChangeDesk
from accounts.customers.queries import CustomerCard, customer
from accounts.database import reading
from accounts.errors import DomainError
from accounts.licenses.opening import close_license
from accounts.utilities.opening import close_utility_account
from accounts.utilities.queries import MeterReadDetails, ServiceDetails, meter_reads, utility_details
from accounts.utilities.starting import BadRead, MeterMissing
from payments.baskets.queries import money_on_its_way
from payments.baskets.rules import Coming
from portal.forms.closings import ClosingForm
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import account_url, say
from portal.staff.file_words import service_text
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

CLOSED_HERE = ("utility", "license")
"""Kinds of accounts that end on a day; a citation ends when it is paid or dismissed."""
_UNPROCESSABLE = 422
_AT = {
    BadRead: "final_read",
    DocumentMissing: "document",
    EndsBeforeItBegins: "final_on",
    MeterMissing: "final_read",
    ReasonMissing: "reason",
    TooFarAhead: "final_on",
    TooFarBack: "final_on",
}
"""A refusal → the field that it is about."""


@dataclass(frozen=True)
class _Read:
    """The account as it would end."""

    owed: Standing
    coming: Sequence[Coming]
    holder: CustomerCard
    services: str
    """The names of those that end with it."""
    reads: Sequence[MeterReadDetails]


@staff.route("/accounts/<reference>/closings/new", methods=["GET", "POST"])
@needs(Permission.ACCOUNTS_OPEN)
def closings_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    desk, form = parts.change_desk(), ClosingForm(kept=kept_here())
    form.document.offer(desk.policy.documents, empty=_("No document"))
    if not form.is_submitted() and form.final_on.data is None:
        form.final_on.data = parts.clock.today()
    if file.kind in CLOSED_HERE and form.validate_on_submit():
        try:
            _close(desk, form)
        except DomainError as refusal:
            form.refuse(sentence(refusal), _AT.get(type(refusal)), why=type(refusal).__name__)
        else:
            say(_("The account ends on %(day)s. What is owed stays to be paid.", day=long_date(form.final_on.data)))
            return redirect(account_url(reference), 303)
    page = render_template(
        "staff/closings/new.html", form=form, file=file, policy=desk.policy, papers=_papers(desk),
        can_be_closed=file.kind in CLOSED_HERE, **vars(_read()),
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def _close(desk: ChangeDesk, form: ClosingForm) -> None:
    file, by = opened_file(), staff_user().authority
    closing = Closing(
        account_id=file.id,
        final_on=form.final_on.data,
        reason=form.reason.data,
        forwarding_address=form.forwarding_address.data or "",
        documents=(form.document.data,) if form.document.data else (),
        document_note=form.document_note.data or "",
    )
    if file.kind == "utility":
        close_utility_account(desk, by, closing, final_read=form.final_read.data)
    else:
        close_license(desk, by, closing)


def _read() -> _Read:
    parts, file = wiring(), opened_file()
    with reading(parts.sessions) as session:
        is_utility = file.kind == "utility"
        details = utility_details(session, file.id) if is_utility else None
        return _Read(
            standing(open_charges(session, [file.id]), parts.clock.today()),
            money_on_its_way(session, [file.id], parts.clock.now()).get(file.id, ()),
            customer(session, file.customer_id),
            service_names(one for one in details.services if one.until_on is None) if details else "",
            meter_reads(session, [file.id]).get(file.id, ())[:2] if is_utility else (),
        )


def service_names(services: Iterable[ServiceDetails]) -> str:
    """Each once, in their order: ``Water, Sewer``."""
    return ", ".join(dict.fromkeys(service_text(one.service) for one in services))


def _papers(desk: ChangeDesk) -> list[str]:
    """On which of them an owner's utility account is closed."""
    found = (choice(desk.policy.documents, code) for code in desk.policy.owner_closing_documents)
    return [one.name.in_(locale_code()) for one in found if one]
