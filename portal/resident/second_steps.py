"""The second step of signing in: set up an app, ask for a passkey, new recovery codes, turn it off."""

from __future__ import annotations

import segno
from flask import redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal.forms.baskets import PlainForm
from portal.forms.residents import AppForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.factors import provisioning_uri
from portal.identity.residents import second_steps
from portal.identity.residents.rules import BeginAgain
from portal.identity.residents.second_steps import NewApp
from portal.messages import sentence
from portal.permissions import proved_resident
from portal.resident.blueprint import resident, resident_user
from portal.resident.done import say
from portal.wiring import wiring

_UNPROCESSABLE = 422


@resident.route("/your-sign-in/app", methods=["GET", "POST"])
@proved_resident
def second_steps_new() -> str | Response | tuple[str, int]:
    """An app proves by a code that it has the secret; until then nothing is kept."""
    form, parts, user = AppForm(), wiring(), resident_user()
    door = parts.resident_door()
    try:
        app = second_steps.app_in(door, user, form.sealed.data or "") if form.is_submitted() else None
    except BeginAgain:
        return redirect(url_for("resident.second_steps_new"), 303)
    app = app or second_steps.new_app(door, user)
    if form.validate_on_submit():
        try:
            codes = second_steps.set_up_app(parts.sessions, door, user, app, form.code.data, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), "code", why=type(refusal).__name__)
        else:
            return _codes(codes)
    form.sealed.data = app.sealed
    page = render_template("resident/second_steps/new.html", form=form, app=app, drawing=_drawing(app, user.email))
    return page, _UNPROCESSABLE if form.errors else 200


@resident.post("/your-sign-in/second-step/passkey")
@proved_resident
def second_steps_passkey() -> str | Response:
    parts = wiring()
    if not PlainForm().validate_on_submit():
        return redirect(url_for("resident.your_sign_in_show"), 303)
    return _codes(
        second_steps.ask_for_passkey(parts.sessions, parts.resident_door(), resident_user(), parts.clock.now())
    )


@resident.post("/your-sign-in/second-step/off")
@proved_resident
def second_steps_off() -> Response:
    parts = wiring()
    if PlainForm().validate_on_submit():
        second_steps.turn_off(parts.sessions, parts.resident_door(), resident_user())
        say(_("The second step is off."))
    return redirect(url_for("resident.your_sign_in_show"), 303)


@resident.post("/your-sign-in/recovery-codes")
@proved_resident
def second_steps_codes() -> str | Response:
    parts = wiring()
    if not PlainForm().validate_on_submit():
        return redirect(url_for("resident.your_sign_in_show"), 303)
    return _codes(second_steps.renew_codes(parts.sessions, parts.resident_door(), resident_user()))


def _codes(codes: list[str]) -> str:
    return render_template("resident/second_steps/codes.html", codes=codes)


def _drawing(app: NewApp, email: str) -> Markup:
    """The QR code that an authenticator app reads; its words are beside it for those who type."""
    city = wiring().city().city.identity.name.in_(locale_code())
    code = segno.make(provisioning_uri(app.secret, email or city, city), error="m")
    return Markup(code.svg_inline(scale=5, omitsize=False, svgclass="qr", lineclass=None))  # noqa: S704 - segno's own
