"""Another e-mail address: asked for here, and confirmed by both mailboxes (see ``portal.resident.mailed_links``)."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal.forms.baskets import PlainForm
from portal.forms.residents import AddressForm
from portal.i18n import gettext as _
from portal.identity.residents import email_changes
from portal.identity.residents.rules import TooManyMails
from portal.messages import sentence
from portal.permissions import any_resident, proved_resident
from portal.resident.blueprint import resident, resident_user
from portal.resident.done import say
from portal.wiring import wiring

_UNPROCESSABLE = 422
_TOO_MANY = 429


@resident.route("/your-sign-in/e-mail", methods=["GET", "POST"])
@proved_resident
def email_changes_new() -> str | Response | tuple[str, int]:
    form, parts, status = AddressForm(), wiring(), 200
    if form.validate_on_submit():
        try:
            email_changes.ask(
                parts.sessions, parts.resident_door(), resident_user(), form.email.data,
                client=g.client, now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "email", why=type(refusal).__name__)
            status = _TOO_MANY if isinstance(refusal, TooManyMails) else _UNPROCESSABLE
        else:
            return redirect(url_for("resident.your_sign_in_show"), 303)
    elif form.is_submitted():
        status = _UNPROCESSABLE
    return render_template("resident/email_changes/new.html", form=form), status


@resident.post("/your-sign-in/e-mail/stop")
@any_resident
def email_changes_stop() -> Response:
    parts = wiring()
    if PlainForm().validate_on_submit():
        email_changes.cancel(parts.sessions, resident_user(), parts.clock.now())
        say(_("Your e-mail address stays as it is."))
    return redirect(url_for("resident.your_sign_in_show"), 303)
