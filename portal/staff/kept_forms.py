"""Words that a person has typed and not yet sent, kept while they answer the telephone."""

from __future__ import annotations

from flask import Response, abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portal.forms.baskets import PlainForm
from portal.identity import kept
from portal.identity.kept import Kept
from portal.identity.vault import KEPT_FORMS
from portal.permissions import any_staff
from portal.staff.blueprint import staff, staff_path, staff_user
from portal.wiring import wiring

_PATH = "kept-form-path"


@staff.post("/kept-forms")
@any_staff
def kept_forms_save() -> Response:
    """What a script sends every few seconds while somebody types; the page itself is not disturbed."""
    parts = wiring()
    path = request.form.get(_PATH, "")
    if not path or staff_path(path) != path or "?" in path:
        abort(400)
    fields = {name: ", ".join(request.form.getlist(name)) for name in request.form if name != _PATH}
    now = parts.clock.now()
    if not kept.keep(parts.sessions, parts.vault(KEPT_FORMS), staff_user().actor_id, path, fields, now=now):
        kept.forget(parts.sessions, staff_user().actor_id, path)
    return Response(status=204)


@staff.post("/kept-forms/forget")
@any_staff
def kept_forms_forget() -> AnyResponse:
    """Begin the form anew."""
    path = staff_path(request.form.get(_PATH, ""))
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
