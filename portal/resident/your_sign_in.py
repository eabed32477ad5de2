"""A resident's own sign-in: how they come in, where they are signed in, and in which language they are written to."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.database import reading
from accounts.errors import NotFound
from portal.city_pages import keep_language
from portal.forms.baskets import PlainForm
from portal.forms.people import LanguageForm
from portal.i18n import gettext as _
from portal.identity.residents import screens
from portal.identity.residents.cookies import drop_session
from portal.identity.residents.queries import own_sign_in
from portal.permissions import any_resident
from portal.resident.blueprint import lifetime, resident, resident_user
from portal.resident.done import say
from portal.wiring import wiring

_UNPROCESSABLE = 422


@resident.get("/your-sign-in")
@any_resident
def your_sign_in_show() -> str:
    parts, user = wiring(), resident_user()
    with reading(parts.sessions) as session:
        mine = own_sign_in(session, user.sign_in_id, lifetime(), parts.clock.now())
    offered = parts.settings.resident_oidc
    return render_template(
        "resident/your_sign_in/show.html",
        mine=mine,
        user=user,
        language=LanguageForm(formdata=None, language=user.language),
        labels={one.issuer: one.label for one in offered},
        names={one.name: one.label for one in offered},
        addable=[one for one in offered if one.issuer not in {held.issuer for held in mine.identities}],
    )


@resident.post("/your-sign-in/language")
@any_resident
def your_sign_in_language() -> Response:
    """What they choose here counts for mail and for new browsers; in this one at once."""
    form, response = LanguageForm(), redirect(url_for("resident.your_sign_in_show"), 303)
    if not form.validate_on_submit():
        abort(_UNPROCESSABLE)
    screens.choose_language(wiring().sessions, resident_user(), form.language.data)
    keep_language(response, form.language.data)
    return response


@resident.post("/your-sign-in/sessions/<int:session_id>/end")
@any_resident
def your_sign_in_end_session(session_id: int) -> Response:
    parts, user = wiring(), resident_user()
    if PlainForm().validate_on_submit():
        try:
            screens.end_session(parts.sessions, user, session_id, parts.clock.now())
        except NotFound:
            abort(404)
        say(_("You are signed out there."))
    return redirect(url_for("resident.your_sign_in_show"), 303)


@resident.post("/your-sign-in/sessions/end-others")
@any_resident
def your_sign_in_end_others() -> Response:
    parts = wiring()
    if PlainForm().validate_on_submit():
        screens.end_all(parts.sessions, resident_user(), parts.clock.now(), this_too=False)
        say(_("You are signed out everywhere else."))
    return redirect(url_for("resident.your_sign_in_show"), 303)


@resident.post("/your-sign-in/sessions/end-all")
@any_resident
def your_sign_in_end_all() -> Response:
    parts, response = wiring(), redirect(url_for("resident.sign_ins_ended"), 303)
    if PlainForm().validate_on_submit():
        screens.end_all(parts.sessions, resident_user(), parts.clock.now(), this_too=True)
        drop_session(response)
    return response
