"""Sign in by an OpenID provider, or add one to one's sign-in: to its page and back."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal import refusals
from portal.forms.baskets import PlainForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity import oidc
from portal.identity.oidc import Provider, ProviderAway, ProviderRefused, Vouched
from portal.identity.residents import identities
from portal.identity.residents.rules import BeginAgain, IdentityTaken
from portal.messages import sentence
from portal.permissions import anyone, proved_resident
from portal.resident.blueprint import resident, resident_path, resident_user, whoever_is_there
from portal.resident.done import say
from portal.resident.sign_ins import go_on, screen
from portal.wiring import wiring

_STATUS = {ProviderAway: 503, ProviderRefused: 422, BeginAgain: 422, IdentityTaken: 409}
_ADDS = "adds to "
"""What is kept, instead of where they go, of a person who adds a provider: the session in which they began."""


@resident.get("/providers/<name>")
@anyone
def identities_begin(name: str) -> Response | tuple[str, int]:
    return _leave(_provider(name), resident_path(request.args.get("to", "")))


@resident.post("/your-sign-in/providers/<name>/add")
@proved_resident
def identities_add(name: str) -> Response | tuple[str, int]:
    if not PlainForm().validate_on_submit():
        return redirect(url_for("resident.your_sign_in_show"), 303)
    return _leave(_provider(name), f"{_ADDS}{resident_user().session_id}")


@resident.get("/providers/<name>/return")
@anyone
def identities_return(name: str) -> Response | tuple[str, int]:
    """Where the provider sends people back to; its address is registered there."""
    provider, parts = _provider(name), wiring()
    try:
        vouched, to = oidc.finish(provider)
        if to.startswith(_ADDS):
            return _added(vouched, to)
        came = identities.enter(
            parts.sessions, vouched, provider.terms.name, screen=screen(), language=locale_code(),
            now=parts.clock.now(),
        )  # fmt: skip
    except (ProviderAway, ProviderRefused, BeginAgain, IdentityTaken) as refusal:
        return _refused(refusal)
    return go_on(came, to)


@resident.post("/your-sign-in/providers/<int:identity_id>/remove")
@proved_resident
def identities_remove(identity_id: int) -> Response:
    parts = wiring()
    if PlainForm().validate_on_submit():
        identities.remove(parts.sessions, parts.resident_door(), resident_user(), identity_id)
        say(_("You cannot sign in that way any more."))
    return redirect(url_for("resident.your_sign_in_show"), 303)


def _leave(provider: Provider, to: str) -> Response | tuple[str, int]:
    address = wiring().settings.base_url + url_for("resident.identities_return", name=provider.terms.name)
    try:
        return redirect(oidc.begin(provider, address, to), 303)
    except ProviderAway as refusal:
        return _refused(refusal)


def _added(vouched: Vouched, to: str) -> Response:
    """Only in the session in which it was begun: nobody is given a provider that somebody else went to."""
    user, parts = whoever_is_there(), wiring()
    if user is None or to != f"{_ADDS}{user.session_id}":
        raise BeginAgain("begun in another session")
    identities.add(parts.sessions, parts.resident_door(), user, vouched, parts.clock.now())
    say(_("You can sign in that way from now on."))
    return redirect(url_for("resident.your_sign_in_show"), 303)


def _provider(name: str) -> Provider:
    found = wiring().resident_provider(name)
    if found is None:
        abort(404)
    return found


def _refused(refusal: DomainError) -> tuple[str, int]:
    refusals.note(type(refusal).__name__)
    return render_template("resident/identities/refused.html", sentence=sentence(refusal)), _STATUS[type(refusal)]
