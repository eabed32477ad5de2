"""Why an account pays in cash only, and letting it pay by check again before the flag's time."""

from __future__ import annotations

from flask import abort, redirect, render_template
from flask_babel import ngettext
from werkzeug.wrappers import Response

from accounts.cash_only import queries, service
from accounts.cash_only.queries import Flag
from accounts.cities.staffing import Permission
from accounts.database import one_by_one
from accounts.errors import DomainError
from portal.forms.returned_payments import LiftForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE = 404, 422
_BY_RETURNS = "returned-payments:"


@staff.route("/accounts/<reference>/cash-only/<int:flag_id>/lift", methods=["GET", "POST"])
@needs(Permission.RETURNS_POST)
def cash_only_lift(reference: str, flag_id: int) -> str | Response | tuple[str, int]:
    """The flags of the account; this one is lifted by somebody else than who raised it."""
    parts, file, user, form = wiring(), opened_file(), staff_user(), LiftForm(kept=kept_here())
    with one_by_one(parts.sessions) as reader:
        flags = queries.flags_of(reader, [file.id])
    flag = next((one for one in flags if one.id == flag_id), None)
    if flag is None:
        abort(_NOT_FOUND)
    if form.validate_on_submit():
        try:
            service.lift(parts.sessions, user.authority, flag_id, form.reason.data, clock=parts.clock)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("Checks are taken for this account again."))
            return redirect(account_url(reference), 303)
    page = render_template(
        "staff/cash_only/lift.html", form=form, file=file, flags=flags, flag=flag, why=why_words,
        stands=flag.stands(parts.clock.today()), is_own=flag.raised_by == user.actor_id,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def why_words(flag: Flag) -> str:
    """Why a flag was raised, in the reader's language."""
    if not flag.reason.startswith(_BY_RETURNS):
        return flag.reason
    count = int(flag.reason.removeprefix(_BY_RETURNS))
    return str(ngettext("%(num)s payment came back", "%(num)s payments came back", count))
