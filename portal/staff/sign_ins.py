"""Sign in, sign out, and take turns at a window."""

from __future__ import annotations

from flask import g, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from accounts.database import one_by_one
from portal.city_pages import keep_language
from portal.forms.baskets import PlainForm
from portal.forms.staff import SignInForm
from portal.i18n import COOKIE as LANGUAGE
from portal.identity.browsers import browser_of
from portal.identity.staff import signing_in, windows
from portal.identity.staff.signing_in import SignedIn, SignInRefused, TooManySignIns, Tried
from portal.identity.staff.users import who
from portal.messages import sentence
from portal.permissions import any_staff, anyone
from portal.staff.blueprint import staff, staff_path, staff_user
from portal.wiring import wiring

_UNPROCESSABLE = 422
_TOO_MANY = 429
_LAST_ACTOR = "last_actor"


@staff.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_ins_new() -> str | Response | tuple[str, int]:
    form = SignInForm(to=request.args.get("to", ""))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(staff_path(form.to.data or ""), 303)
    if not form.validate_on_submit():
        return _page(form, _UNPROCESSABLE if form.is_submitted() else 200)
    parts = wiring()
    now = parts.clock.now()
    hours = parts.city().city.staff_policy(parts.clock.today()).second_factor_hours
    remembered = windows.remembered(now, hours)
    tried = Tried(
        form.username.data, form.password.data, form.code.data or "", g.client, remembered,
        browser_of(request.headers.get("User-Agent", "")),
    )  # fmt: skip
    try:
        began = signing_in.sign_in(parts.sessions, parts.door(), tried, now)
    except (SignInRefused, TooManySignIns) as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _page(form, _TOO_MANY if isinstance(refusal, TooManySignIns) else _UNPROCESSABLE)
    response = make_response(enter(began, form.to.data or ""))
    windows.remember(response, began.sign_in_id, began.factor_version, now, hours)
    return response


@staff.post("/sign-out")
@any_staff
def sign_ins_end() -> Response:
    _leave("signed-out")
    return redirect(url_for("staff.sign_ins_new"), 303)


@staff.post("/change-user")
@any_staff
def sign_ins_change() -> Response:
    """The next person at the window signs in and comes back to where this one was."""
    _leave("changed-user")
    return redirect(url_for("staff.sign_ins_new", to=staff_path(request.form.get("to", ""))), 303)


def enter(began: SignedIn, to: str) -> Response:
    """Begin a session in this browser; one that runs in it ends. Open pages stay good for the person who was here
    last, for nobody else."""
    parts = wiring()
    if current_user.is_authenticated:
        signing_in.sign_out(parts.sessions, staff_user().token, parts.clock.now(), why="changed-user")
    if session.get(_LAST_ACTOR) != began.actor_id:
        session.pop("csrf_token", None)
        g.pop("csrf_token", None)
    session[_LAST_ACTOR] = began.actor_id
    with one_by_one(parts.sessions) as reader:
        known = who(reader, began.token, parts.city().city, parts.clock.now(), parts.clock.today())
    if known.user is not None:
        login_user(known.user)
    response = redirect(staff_path(to), 303)
    if LANGUAGE not in request.cookies:
        keep_language(response, began.language)
    return response


def _leave(why: str) -> None:
    parts = wiring()
    if PlainForm().validate_on_submit():
        signing_in.sign_out(parts.sessions, staff_user().token, parts.clock.now(), why=why)
        logout_user()


def _page(form: SignInForm, status: int) -> tuple[str, int]:
    hours = wiring().city().city.staff_policy(wiring().clock.today()).second_factor_hours
    has_turns = bool(windows.remembered(wiring().clock.now(), hours))
    form.code.flags.optional = has_turns
    page = render_template(
        "staff/sign_ins/new.html",
        form=form,
        ended=request.args.get("ended") == "1",
        was_kept=request.args.get("kept") == "1",
        has_turns=has_turns,
        providers=wiring().settings.staff_oidc,
    )
    return page, status
