"""Begin the correction of a bill: why it is wrong; the run of that one bill goes on where runs do."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.billing_runs import corrections
from accounts.cities.staffing import Permission
from accounts.database import one_by_one
from accounts.errors import DomainError
from accounts.utilities.queries import utility_details
from portal.forms.billing_runs import CorrectBillForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE = 404, 422


@staff.route("/accounts/<reference>/bills/<int:bill_id>/correct", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def bill_corrections_new(reference: str, bill_id: int) -> str | Response | tuple[str, int]:
    """A bill of the last thirteen months of this account."""
    del reference
    parts, file, form = wiring(), opened_file(), CorrectBillForm(kept=kept_here())
    with one_by_one(parts.sessions) as reader:
        details = utility_details(reader, file.id)
    bill = next((one for one in details.bills if one.id == bill_id), None) if details else None
    if bill is None:
        abort(_NOT_FOUND)
    if form.validate_on_submit():
        try:
            run_id = corrections.start(
                parts.sessions, parts.city(), staff_user().authority, bill_id, form.reason.data,
                today=parts.clock.today(), now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The bill was worked out anew. Look at it, and enter a reread if the meter was read wrong."))
            return redirect(url_for("staff.billing_runs_work", run_id=run_id, reference=file.reference), 303)
    page = render_template("staff/bill_corrections/new.html", form=form, file=file, bill=bill)
    return page, _UNPROCESSABLE if form.errors else 200
