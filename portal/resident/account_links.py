"""Add an account to one's own, name it, give it up."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links import service as links
from accounts.account_links.rules import Right, TooManyLinks
from accounts.lookups import service as lookups
from accounts.lookups.rules import NoMatch, TooManyGuesses
from accounts.lookups.service import Guess
from portal.forms.account_links import NicknameForm
from portal.forms.baskets import PlainForm
from portal.forms.lookups import FindForm
from portal.messages import sentence
from portal.permissions import any_resident, with_right
from portal.public import visitors
from portal.public.lookups import kinds_of_numbers
from portal.resident.blueprint import opened_account, resident, resident_user
from portal.wiring import wiring

_UNPROCESSABLE, _TOO_MANY = 422, 429


@resident.route("/accounts/add", methods=["GET", "POST"])
@any_resident
def account_links_new() -> str | Response | tuple[str, int]:
    """By number and proof, as a guest finds it; right ones are kept."""
    form = FindForm(number=request.args.get("number", ""))
    if not form.validate_on_submit():
        return _page(form, _UNPROCESSABLE if form.is_submitted() else 200)
    parts, user = wiring(), resident_user()
    guess = Guess(form.number.data, form.proof.data, form.zip_code.data or "", g.client, visitors.known_accounts())
    try:
        found = lookups.find(parts.sessions, parts.lookup_keys(), guess, parts.clock.now())
        links.link(parts.sessions, user.actor_id, found.account_id, "proof", now=parts.clock.now())
    except (NoMatch, TooManyGuesses, TooManyLinks) as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _page(form, _TOO_MANY if isinstance(refusal, TooManyGuesses) else _UNPROCESSABLE)
    address = url_for(
        "resident.accounts_show", reference=found.reference, added=1, corrected=1 if found.corrected else None
    )
    response = redirect(address, 303)
    visitors.set_known(response, found.account_id)  # type: ignore[arg-type]
    return response


@resident.post("/accounts/keep")
@any_resident
def account_links_keep() -> Response:
    """Keep an account that this visit has proven, by whichever proof: also by a code that was sent."""
    number = request.form.get("reference", "")
    account_id = visitors.proven_account(number)
    if not PlainForm().validate_on_submit():
        abort(400)
    parts = wiring()
    try:
        links.link(parts.sessions, resident_user().actor_id, account_id, "proof", now=parts.clock.now())
    except TooManyLinks:
        return redirect(url_for("resident.home_show"), 303)
    return redirect(url_for("resident.accounts_show", reference=number, added=1), 303)


@resident.route("/accounts/<reference>/name", methods=["GET", "POST"])
@with_right(Right.SEE)
def account_links_rename(reference: str) -> str | Response | tuple[str, int]:
    """What the resident calls it; nobody else sees that."""
    account = opened_account()
    form = NicknameForm(nickname=account.nickname)
    if form.validate_on_submit():
        links.rename(wiring().sessions, resident_user().actor_id, account.link_id, form.nickname.data or "")
        return redirect(url_for("resident.accounts_show", reference=reference), 303)
    page = render_template("resident/account_links/rename.html", form=form, account=account)
    return page, _UNPROCESSABLE if form.errors else 200


@resident.route("/accounts/<reference>/remove", methods=["GET", "POST"])
@with_right(Right.SEE)
def account_links_end(reference: str) -> str | Response:
    """What ends with it is said before."""
    del reference
    account, form = opened_account(), PlainForm()
    if form.validate_on_submit():
        parts = wiring()
        links.end(parts.sessions, resident_user().actor_id, account.link_id, now=parts.clock.now())
        return redirect(url_for("resident.home_show", removed=1), 303)
    return render_template("resident/account_links/end.html", form=form, account=account)


def _page(form: FindForm, status: int) -> tuple[str, int]:
    kinds, asks_zip = kinds_of_numbers()
    page = render_template("resident/account_links/new.html", form=form, kinds=kinds, asks_zip=asks_zip)
    return page, status
