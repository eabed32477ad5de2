"""Notes on an account."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.contacts import service
from accounts.errors import DomainError
from portal.forms.baskets import PlainForm
from portal.forms.contacts import NoteForm
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_UNPROCESSABLE = 422


@staff.route("/accounts/<reference>/notes/new", methods=["GET", "POST"])
@needs(Permission.CONTACTS_LOG)
def notes_new(reference: str) -> str | Response | tuple[str, int]:
    form, parts, file = NoteForm(kept=kept_here()), wiring(), opened_file()
    if form.validate_on_submit():
        try:
            service.add_note(
                parts.sessions, staff_user().authority, file.id, form.text.data,
                clock=parts.clock, pinned=form.pinned.data,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The note is on the account."))
            return redirect(account_url(reference), 303)
    page = render_template("staff/notes/new.html", form=form, file=file)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.post("/accounts/<reference>/notes/<int:note_id>/pin")
@needs(Permission.CONTACTS_LOG)
def notes_pin(reference: str, note_id: int) -> Response:
    parts = wiring()
    if PlainForm().validate_on_submit():
        pinned = request.form.get("pinned") == "1"
        service.pin_note(parts.sessions, staff_user().authority, note_id, pinned=pinned, clock=parts.clock)
        say(_("The note is pinned.") if pinned else _("The note is no longer pinned."))
    return redirect(account_url(reference), 303)
