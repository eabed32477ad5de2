"""Words that a person has typed and not yet sent, kept while they answer the telephone."""

from __future__ import annotations

from flask import Response, abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portal.forms.baskets import PlainForm
from portal.identity.staff import kept
from portal.identity.staff.kept import Kept
from portal.identity.vault import KEPT_FORMS
from portal.permissions import any_staff
from portal.staff.blueprint import keep_what_was_typed, kept_path, staff, staff_path, staff_user
from portal.wiring import wiring


@staff.post("/kept-forms")
@any_staff
def kept_forms_save() -> Response:
    """What a script sends every few seconds while somebody types; the page itself is not disturbed."""
    if not kept_path():
        abort(400)
    keep_what_was_typed(staff_user().actor_id)
    return Response(status=204)


@staff.post("/kept-forms/forget")
@any_staff
def kept_forms_forget() -> AnyResponse:
    """Begin the form anew."""
    path = staff_path(kept_path())
    if PlainForm().validate_on_submit():
        kept.forget(wiring().sessions, staff_user().actor_id, path)
    return redirect(path, 303)


def kept_here() -> Kept | None:
    """What this person had typed on this very page; asked once a request, and never while a form is being sent."""
    if request.method != "GET":
        return None
    if "kept_form" not in g:
        parts = wiring()
        g.kept_form = kept.kept_form(
            parts.sessions, parts.vault(KEPT_FORMS), staff_user().actor_id, request.path, now=parts.clock.now()
        )
    found: Kept | None = g.kept_form
    return found
