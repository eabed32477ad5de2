"""Sign in by password, give the second proof, sign out."""

from __future__ import annotations

from datetime import datetime

from flask import g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.city_pages import keep_language
from portal.forms.baskets import PlainForm
from portal.forms.residents import CodeForm, SignInForm
from portal.i18n import COOKIE as LANGUAGE
from portal.i18n import gettext as _
from portal.identity.browsers import browser_of
from portal.identity.residents import signing_in
from portal.identity.residents.cookies import drop_session, keep_session, token_here
from portal.identity.residents.rules import BeginAgain, NotLetIn, TooManyTries
from portal.identity.residents.signing_in import Half, SignedIn
from portal.identity.sessions import Screen
from portal.messages import sentence
from portal.permissions import anyone
from portal.public.visitors import forget_visit
from portal.resident.blueprint import lifetime, resident, resident_path, whoever_is_there
from portal.wiring import wiring

_UNPROCESSABLE = 422
_TOO_MANY = 429
_HALF = "half_signed_in"


@resident.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_ins_new() -> str | Response | tuple[str, int]:
    form = SignInForm(to=request.args.get("to", ""))
    again = request.args.get("again") == "1"
    if request.method == "GET" and not again and whoever_is_there() is not None:
        return redirect(resident_path(form.to.data or ""), 303)
    if not form.validate_on_submit():
        return _page(form, _UNPROCESSABLE if form.is_submitted() else 200)
    parts = wiring()
    try:
        came = signing_in.sign_in(
            parts.sessions,
            parts.resident_door(),
            form.email.data,
            form.password.data,
            screen=screen(),
            now=parts.clock.now(),
        )
    except (NotLetIn, TooManyTries) as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _page(form, _TOO_MANY if isinstance(refusal, TooManyTries) else _UNPROCESSABLE)
    return go_on(came, form.to.data or "")


@resident.route("/sign-in/code", methods=["GET", "POST"])
@anyone
def sign_ins_code() -> str | Response | tuple[str, int]:
    """The second proof, for who gave the first in this browser."""
    half, to = half_signed_in()
    if half is None:
        return redirect(url_for("resident.sign_ins_new"), 303)
    form, parts, status = CodeForm(), wiring(), 200
    if form.validate_on_submit():
        try:
            began = signing_in.finish(
                parts.sessions, parts.resident_door(), half, form.code.data, screen=screen(), now=parts.clock.now()
            )
        except BeginAgain:
            return redirect(url_for("resident.sign_ins_new"), 303)
        except (NotLetIn, TooManyTries) as refusal:
            form.refuse(_second(refusal), why=type(refusal).__name__)
            status = _TOO_MANY if isinstance(refusal, TooManyTries) else _UNPROCESSABLE
        else:
            return enter(began, to)
    elif form.is_submitted():
        status = _UNPROCESSABLE
    page = render_template("resident/sign_ins/code.html", form=form)
    return page, status


@resident.post("/sign-out")
@anyone
def sign_ins_end() -> Response:
    """Also for who has been signed out elsewhere meanwhile: what the visit has seen is forgotten all the same."""
    token, response = token_here(), redirect(url_for("resident.sign_ins_ended"), 303)
    if PlainForm().validate_on_submit() and token:
        signing_in.sign_out(wiring().sessions, token, wiring().clock.now())
        _begin_anew()
        forget_visit()
    drop_session(response)
    return response


@resident.get("/sign-in/ended")
@anyone
def sign_ins_ended() -> str:
    return render_template("resident/sign_ins/ended.html")


def screen() -> Screen:
    """Where this request comes from."""
    return Screen(g.client, browser_of(request.headers.get("User-Agent", "")))


def go_on(came: SignedIn | Half, to: str) -> Response:
    """In, or on to the second proof."""
    if isinstance(came, SignedIn):
        return enter(came, to)
    session[_HALF] = [came.sign_in_id, came.method, came.at.isoformat(), to]
    return redirect(url_for("resident.sign_ins_code"), 303)


def half_signed_in() -> tuple[Half | None, str]:
    """Who gave the first proof in this browser, and where they wanted to go."""
    kept = session.get(_HALF)
    if not isinstance(kept, list) or len(kept) != 4:
        return None, ""
    sign_in_id, method, at, to = kept
    return Half(int(sign_in_id), str(method), datetime.fromisoformat(at)), str(to)


def enter(began: SignedIn, to: str) -> Response:
    """Begin a session in this browser; one that runs in it ends. What the visit has proved, and its basket, stay."""
    parts = wiring()
    before = token_here()
    if before:
        signing_in.sign_out(parts.sessions, before, parts.clock.now())
    _begin_anew()
    response = redirect(resident_path(to), 303)
    keep_session(response, began.token, lifetime().absolute_hours)
    if LANGUAGE not in request.cookies:
        keep_language(response, began.language)
    return response


def _begin_anew() -> None:
    """Forms of pages that were opened before are good no longer."""
    session.pop(_HALF, None)
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def _second(refusal: NotLetIn | TooManyTries) -> str:
    if isinstance(refusal, TooManyTries):
        return sentence(refusal)
    return _("That code did not fit. Check it, or wait for the next one that your app shows.")


def _page(form: SignInForm, status: int) -> tuple[str, int]:
    page = render_template(
        "resident/sign_ins/new.html",
        form=form,
        again=request.args.get("again") == "1",
        providers=wiring().settings.resident_oidc,
        ended=request.args.get("ended") == "1",
    )
    return page, status
