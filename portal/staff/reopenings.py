"""Take a closed account up again, with the services that ended with it."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template
from werkzeug.wrappers import Response

from accounts.approvals.rules import ReasonMissing
from accounts.cities.desk import TooFarAhead, TooFarBack
from accounts.cities.staffing import Permission
from accounts.customer_accounts.lifecycle import EndsBeforeItBegins
from accounts.customer_accounts.queries import account_file
from accounts.database import one_by_one, reading
from accounts.errors import DomainError
from accounts.licenses.opening import reopen_license
from accounts.utilities.opening import reopen_utility_account
from accounts.utilities.queries import utility_details
from accounts.utilities.starting import AlreadyServed
from portal.forms.closings import ReopeningForm
from portal.i18n import gettext as _
from portal.i18n import long_date
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.closings import CLOSED_HERE, service_names
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

DAY = timedelta(days=1)
_UNPROCESSABLE = 422
_AT = {EndsBeforeItBegins: "on", ReasonMissing: "reason", TooFarAhead: "on", TooFarBack: "on"}


@staff.route("/accounts/<reference>/reopenings/new", methods=["GET", "POST"])
@needs(Permission.ACCOUNTS_OPEN)
def reopenings_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file, form, taken_by = wiring(), opened_file(), ReopeningForm(kept=kept_here()), ""
    if not form.is_submitted() and form.on.data is None:
        form.on.data = parts.clock.today()
    if file.kind in CLOSED_HERE and form.validate_on_submit():
        reopen = reopen_utility_account if file.kind == "utility" else reopen_license
        try:
            reopen(parts.change_desk(), staff_user().authority, file.id, form.on.data, reason=form.reason.data)
        except DomainError as refusal:
            form.refuse(sentence(refusal), _AT.get(type(refusal)), why=type(refusal).__name__)
            taken_by = seen_reference(str(refusal.facts["reference"])) if isinstance(refusal, AlreadyServed) else ""
        else:
            say(_("The account is open again from %(day)s.", day=long_date(form.on.data)))
            return redirect(account_url(reference), 303)
    page = render_template(
        "staff/reopenings/new.html", form=form, file=file, services=_ended(), taken_by=taken_by,
        can_be_opened=file.kind in CLOSED_HERE, day_after=file.closed_on + DAY if file.closed_on else None,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def seen_reference(reference: str) -> str:
    """The reference of another account, if this person may know of it; else nothing."""
    with one_by_one(wiring().sessions) as reader:
        return reference if account_file(reader, reference, **may_see(staff_user())) else ""


def _ended() -> str:
    """Names of the services that ended with the account."""
    file = opened_file()
    if file.kind != "utility" or file.closed_on is None:
        return ""
    with reading(wiring().sessions) as session:
        details = utility_details(session, file.id)
    ended = [one for one in details.services if one.until_on == file.closed_on + DAY] if details else []
    return service_names(ended)
