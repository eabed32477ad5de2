"""Mark an account: restricted to those who may see such files, or protected from everybody outside."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.customer_accounts import marks
from accounts.customer_accounts.queries import account_file, accounts_of
from accounts.database import one_by_one
from accounts.errors import DomainError
from portal.forms.restrictions import RestrictionForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_UNPROCESSABLE = 422
_ACTS: dict[str, Callable[..., object]] = {
    "restrict": marks.restrict,
    "unrestrict": marks.unrestrict,
    "protect": marks.protect,
    "unprotect": marks.unprotect,
}


@staff.route("/accounts/<reference>/restrictions", methods=["GET", "POST"])
@needs(Permission.ACCOUNTS_RESTRICT)
def restrictions_edit(reference: str) -> str | Response | tuple[str, int]:
    parts, file, user, form = wiring(), opened_file(), staff_user(), RestrictionForm(kept=kept_here())
    if form.validate_on_submit():
        act = _ACTS.get(form.act)
        try:
            if act is None:
                form.refuse(_("Press the button of what you want to do."), why="no act")
            else:
                act(parts.sessions, user.authority, file.id, form.reason.data)
                say(_said(form.act))
                return redirect(_where_to(reference), 303)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
    with one_by_one(parts.sessions) as reader:
        file = account_file(reader, file.reference, **may_see(user)) or file
        held = accounts_of(reader, [file.customer_id], **may_see(user))
    page = render_template("staff/restrictions/edit.html", form=form, file=file, held=held)
    return page, _UNPROCESSABLE if form.errors else 200


def _said(act: str) -> str:
    return {
        "restrict": _("The account is restricted."),
        "unrestrict": _("The account is no longer restricted."),
        "protect": _("The holder is protected on every account."),
        "unprotect": _("The holder is no longer protected."),
    }[act]


def _where_to(reference: str) -> str:
    """Back to the account, or to the first page if it is now not for this person."""
    with one_by_one(wiring().sessions) as reader:
        found = account_file(reader, opened_file().reference, **may_see(staff_user()))
    return account_url(reference) if found else url_for("staff.today_show")
