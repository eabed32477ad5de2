"""Choose a password, or do without one."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal.forms.baskets import PlainForm
from portal.forms.residents import PasswordForm
from portal.i18n import gettext as _
from portal.identity.residents import own_passwords
from portal.messages import sentence
from portal.permissions import proved_resident
from portal.resident.blueprint import resident, resident_user
from portal.resident.done import say
from portal.wiring import wiring

_UNPROCESSABLE = 422


@resident.route("/your-sign-in/password", methods=["GET", "POST"])
@proved_resident
def own_passwords_new() -> str | Response | tuple[str, int]:
    form, parts = PasswordForm(), wiring()
    if form.validate_on_submit():
        try:
            own_passwords.choose_password(
                parts.sessions, parts.resident_door(), resident_user(), form.password.data, parts.clock.now()
            )
        except DomainError as refusal:
            form.refuse(sentence(refusal), "password", why=type(refusal).__name__)
        else:
            say(_("Your new password is good from now on. You are signed out everywhere else."))
            return redirect(url_for("resident.your_sign_in_show"), 303)
    page = render_template("resident/own_passwords/new.html", form=form)
    return page, _UNPROCESSABLE if form.is_submitted() else 200


@resident.post("/your-sign-in/password/drop")
@proved_resident
def own_passwords_drop() -> Response:
    parts = wiring()
    if PlainForm().validate_on_submit():
        own_passwords.drop_password(parts.sessions, parts.resident_door(), resident_user())
        say(_("You have no password any more. We mail you a link when you sign in."))
    return redirect(url_for("resident.your_sign_in_show"), 303)
