"""Register an address, ask for a link to sign in with, and open the link.

A link's page only shows a button: programs that look into mail follow links, and must not use them up.
"""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal.forms.residents import AddressForm, OpenLinkForm
from portal.i18n import locale_code
from portal.identity.passwords import WeakPassword
from portal.identity.residents import email_changes, mailed_links
from portal.identity.residents.mailed_links import REGISTER, OpenLink
from portal.identity.residents.rules import SIGN_IN, LinkOver, TooManyMails
from portal.messages import sentence
from portal.permissions import anyone
from portal.resident.blueprint import resident
from portal.resident.sign_ins import go_on, screen
from portal.wiring import wiring

_UNPROCESSABLE = 422
_TOO_MANY = 429
_GONE = 404


@resident.route("/register", methods=["GET", "POST"])
@anyone
def registrations_new() -> str | Response | tuple[str, int]:
    return _asked(REGISTER, "resident/registrations/new.html")


@resident.route("/sign-in/link", methods=["GET", "POST"])
@anyone
def mailed_links_new() -> str | Response | tuple[str, int]:
    return _asked(SIGN_IN, "resident/mailed_links/new.html")


@resident.get("/mail-sent")
@anyone
def mailed_links_sent() -> str:
    return render_template("resident/mailed_links/sent.html")


@resident.route("/links/<token>", methods=["GET", "POST"])
@anyone
def mailed_links_open(token: str) -> str | Response | tuple[str, int]:
    parts = wiring()
    try:
        link = mailed_links.link_of(parts.sessions, parts.resident_door(), token, parts.clock.now())
        form = OpenLinkForm()
        if form.validate_on_submit():
            return _enter(token, form) if link.kind == SIGN_IN else _answer(token)
    except LinkOver:
        return render_template("resident/mailed_links/over.html"), _GONE
    except DomainError as refusal:
        field = "password" if isinstance(refusal, WeakPassword) else None
        form.refuse(sentence(refusal), field, why=type(refusal).__name__)
    return _page(token, link, form), _UNPROCESSABLE if form.errors else 200


def _enter(token: str, form: OpenLinkForm) -> Response:
    parts = wiring()
    came = mailed_links.enter_by_link(
        parts.sessions, parts.resident_door(), token, screen(),
        password=form.password.data or "", language=locale_code(), now=parts.clock.now(),
    )  # fmt: skip
    return go_on(came, request.form.get("then", ""))


def _answer(token: str) -> str:
    """One of the two mailboxes of a change of address has spoken."""
    parts = wiring()
    answered = email_changes.answer(
        parts.sessions, parts.resident_door(), token, says_yes=request.form.get("says") == "yes",
        now=parts.clock.now(),
    )  # fmt: skip
    return render_template("resident/email_changes/answered.html", state=answered.state)


def _page(token: str, link: OpenLink, form: OpenLinkForm) -> str:
    template = "mailed_links/open" if link.kind == SIGN_IN else "email_changes/answer"
    return render_template(f"resident/{template}.html", token=token, link=link, form=form)


def _asked(why: str, template: str) -> str | Response | tuple[str, int]:
    """The answer is the same for an address that has a sign-in and one that has none: look into your mail."""
    form = AddressForm()
    if not form.validate_on_submit():
        return render_template(template, form=form), _UNPROCESSABLE if form.is_submitted() else 200
    parts = wiring()
    try:
        mailed_links.ask_for_link(
            parts.sessions, parts.resident_door(), form.email.data,
            why=why, client=g.client, language=locale_code(), now=parts.clock.now(),
        )  # fmt: skip
    except TooManyMails as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return render_template(template, form=form), _TOO_MANY
    return redirect(url_for("resident.mailed_links_sent"), 303)
