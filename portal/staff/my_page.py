"""A person's own page: language, screens at which they are signed in, recovery codes, keys."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.database import reading
from accounts.errors import DomainError, NotFound
from portal.city_pages import keep_language
from portal.forms.baskets import PlainForm
from portal.forms.people import LanguageForm, RecoveryCodesForm
from portal.i18n import gettext as _
from portal.identity.staff import invitations, people, queries
from portal.identity.staff.signing_in import TooManySignIns, Tried
from portal.messages import sentence
from portal.permissions import any_staff
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.wiring import wiring
from portal.words.roles import role_names

_UNPROCESSABLE = 422
_TOO_MANY = 429


@staff.get("/my-page")
@any_staff
def my_page_show() -> str:
    parts, user = wiring(), staff_user()
    policy = parts.city().city.staff_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        me = queries.person(session, user.username, policy, parts.clock.now())
    if me is None:
        abort(404)
    return render_template(
        "staff/my_page/show.html",
        me=me,
        user=user,
        roles=role_names(policy, user.roles),
        providers={one.name: one.label for one in parts.settings.staff_oidc},
        form=LanguageForm(formdata=None, language=user.language),
    )


@staff.post("/my-page/language")
@any_staff
def my_page_language() -> Response:
    """What they choose here counts on every screen; on this one at once."""
    form, response = LanguageForm(), redirect(url_for("staff.my_page_show"), 303)
    if not form.validate_on_submit():
        abort(_UNPROCESSABLE)
    parts = wiring()
    people.choose_language(parts.sessions, staff_user().sign_in_id, form.language.data)
    keep_language(response, form.language.data)
    return response


@staff.post("/my-page/sessions/<int:session_id>/end")
@any_staff
def my_page_end_session(session_id: int) -> Response:
    parts, user = wiring(), staff_user()
    if PlainForm().validate_on_submit():
        try:
            people.end_own_session(
                parts.sessions, user.sign_in_id, session_id, by=user.actor_id, now=parts.clock.now()
            )
        except NotFound:
            abort(404)
        say(_("You are signed out there."))
    return redirect(url_for("staff.my_page_show"), 303)


@staff.route("/my-page/recovery-codes", methods=["GET", "POST"])
@any_staff
def my_page_codes() -> str | tuple[str, int]:
    """Ten new codes, for who types password and code once more: the screen may have been left open."""
    form, parts, status = RecoveryCodesForm(), wiring(), 200
    if form.validate_on_submit():
        tried = Tried(staff_user().username, form.password.data, form.one_time_code.data, g.client, {})
        try:
            codes = invitations.renew_codes(parts.sessions, parts.door(), tried, parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            status = _TOO_MANY if isinstance(refusal, TooManySignIns) else _UNPROCESSABLE
        else:
            return render_template("staff/my_page/codes_made.html", codes=codes)
    elif request.method == "POST":
        status = _UNPROCESSABLE
    return render_template("staff/my_page/codes.html", form=form), status
