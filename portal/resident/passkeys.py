"""Passkeys: the browser is asked by a script (``static/scripts/passkeys.js``) and answers into a form of the page."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Response, abort, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from accounts.errors import DomainError
from portal.forms.baskets import PlainForm
from portal.forms.residents import PasskeyAnswerForm, PasskeyForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.residents import passkeys
from portal.identity.residents.passkeys import Asked, Party, party_of
from portal.identity.residents.rules import PasskeyRefused
from portal.messages import sentence
from portal.permissions import any_resident, anyone, proved_resident
from portal.resident.blueprint import resident, resident_user
from portal.resident.done import say
from portal.resident.sign_ins import enter, half_signed_in, screen
from portal.wiring import wiring

_UNPROCESSABLE = 422
_ASKED = "passkey_asked"
_GOOD_FOR = timedelta(minutes=5)


def party() -> Party | None:
    """Who we are to passkeys; None where this installation's address takes none."""
    parts = wiring()
    return party_of(parts.settings.base_url, parts.city().city.identity.name.in_(locale_code()))


@resident.get("/passkeys/options")
@anyone
def passkeys_options() -> Response:
    """What a browser is asked when somebody signs in; the same for everybody."""
    return _told(passkeys.ask(_party()), "sign-in")


@resident.post("/passkeys/sign-in")
@anyone
def passkeys_sign_in() -> AnyResponse | tuple[str, int]:
    """Sign in by a passkey, or give it as the second step."""
    form, parts, (half, to) = PasskeyAnswerForm(), wiring(), half_signed_in()
    to = to if half is not None else form.to.data or ""
    try:
        began = passkeys.sign_in(
            parts.sessions, parts.resident_door(), _party(), _challenge("sign-in"), form.answer.data or "",
            screen=screen(), now=parts.clock.now(), half=half,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return render_template("resident/passkeys/refused.html", form=form), _UNPROCESSABLE
    return enter(began, to)


@resident.get("/your-sign-in/passkeys/options")
@proved_resident
def passkeys_new_options() -> Response:
    """What a browser is asked for a new passkey."""
    parts, user, ours = wiring(), resident_user(), _party()
    asked = passkeys.ask_to_add(parts.sessions, parts.resident_door(), ours, user, user.email or ours.name)
    return _told(asked, "add")


@resident.route("/your-sign-in/passkeys/new", methods=["GET", "POST"])
@proved_resident
def passkeys_new() -> str | AnyResponse | tuple[str, int]:
    form, parts = PasskeyForm(), wiring()
    ours = _party()
    if form.validate_on_submit():
        try:
            passkeys.add(
                parts.sessions, parts.resident_door(), ours, resident_user(), _challenge("add"),
                answer=form.answer.data or "", name=form.name.data, now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The passkey is added. You can sign in with it from now on."))
            return redirect(url_for("resident.your_sign_in_show"), 303)
    page = render_template("resident/passkeys/new.html", form=form)
    return page, _UNPROCESSABLE if form.errors else 200


@resident.post("/your-sign-in/passkeys/<int:passkey_id>/rename")
@any_resident
def passkeys_rename(passkey_id: int) -> AnyResponse:
    form = PasskeyForm()
    if form.validate_on_submit():
        passkeys.rename(wiring().sessions, resident_user(), passkey_id, form.name.data)
        say(_("The name is changed."))
    else:
        say(_("Enter a name, such as My phone."), "error")
    return redirect(url_for("resident.your_sign_in_show"), 303)


@resident.post("/your-sign-in/passkeys/<int:passkey_id>/remove")
@proved_resident
def passkeys_remove(passkey_id: int) -> AnyResponse:
    parts = wiring()
    if PlainForm().validate_on_submit():
        passkeys.remove(parts.sessions, parts.resident_door(), resident_user(), passkey_id)
        say(_("The passkey is removed. Remove it on your device too."))
    return redirect(url_for("resident.your_sign_in_show"), 303)


def _party() -> Party:
    found = party()
    if found is None:
        abort(404)
    return found


def _told(asked: Asked, purpose: str) -> Response:
    """The challenge stays in the signed cookie of this visit; an answer to another one is refused."""
    session[_ASKED] = [purpose, asked.challenge.hex(), wiring().clock.now().isoformat()]
    return Response(asked.options, mimetype="application/json")


def _challenge(purpose: str) -> bytes:
    """The challenge of this visit, good once and for five minutes. Raises :class:`PasskeyRefused`."""
    kept = session.pop(_ASKED, None)
    if not isinstance(kept, list) or kept[0] != purpose:
        raise PasskeyRefused("not asked here")
    if wiring().clock.now() - datetime.fromisoformat(kept[2]) > _GOOD_FOR:
        raise PasskeyRefused("too late")
    return bytes.fromhex(kept[1])
