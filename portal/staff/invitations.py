"""A new colleague sets up password and second factor, by a link that is good once."""

from __future__ import annotations

import segno
from flask import redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal.forms.staff import InvitationForm
from portal.i18n import locale_code
from portal.identity.factors import provisioning_uri
from portal.identity.staff import invitations
from portal.identity.staff.invitations import Invitation, InvitationOver
from portal.messages import sentence
from portal.permissions import anyone
from portal.staff.blueprint import staff
from portal.wiring import wiring

_UNPROCESSABLE = 422
_GONE = 404


@staff.route("/invitations/<token>", methods=["GET", "POST"])
@anyone
def invitations_show(token: str) -> str | Response | tuple[str, int]:
    parts = wiring()
    try:
        invitation = invitations.invitation(parts.sessions, parts.door(), token, parts.clock.now())
    except InvitationOver:
        return render_template("staff/invitations/over.html"), _GONE
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            codes = invitations.accept(
                parts.sessions, parts.door(), token, form.password.data, form.code.data, now=parts.clock.now()
            )
        except InvitationOver:
            return redirect(url_for("staff.invitations_show", token=token), 303)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return render_template("staff/invitations/done.html", codes=codes, username=invitation.username)
    page = render_template(
        "staff/invitations/show.html", form=form, invitation=invitation, drawing=_drawing(invitation)
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _drawing(invitation: Invitation) -> Markup:
    """The QR code that an authenticator app reads; its words are beside it for those who type."""
    name = wiring().city().city.identity.name.in_(locale_code())
    code = segno.make(provisioning_uri(invitation.totp_secret, invitation.username, name), error="m")
    return Markup(code.svg_inline(scale=5, omitsize=False, svgclass="qr", lineclass=None))  # noqa: S704 - segno's own
