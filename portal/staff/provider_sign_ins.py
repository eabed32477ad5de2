"""Sign in by an OpenID provider: to its page and back. A password still opens the door when a provider is away."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.errors import DomainError
from portal import refusals
from portal.identity import oidc
from portal.identity.browsers import browser_of
from portal.identity.oidc import Provider, ProviderAway, ProviderRefused
from portal.identity.sessions import Screen
from portal.identity.staff import vouching
from portal.identity.staff.vouching import IdentityUnknown
from portal.messages import sentence
from portal.permissions import anyone
from portal.staff.blueprint import staff, staff_path
from portal.staff.sign_ins import enter
from portal.wiring import wiring

_STATUS = {ProviderAway: 503, ProviderRefused: 422, IdentityUnknown: 403}


@staff.get("/sign-in/<name>")
@anyone
def sign_ins_begin(name: str) -> Response | tuple[str, int]:
    provider = _provider(name)
    try:
        url = oidc.begin(provider, _return_address(name), staff_path(request.args.get("to", "")))
    except ProviderAway as refusal:
        return _refused(provider, refusal)
    return redirect(url, 303)


@staff.get("/sign-in/<name>/return")
@anyone
def sign_ins_return(name: str) -> Response | tuple[str, int]:
    """Where the provider sends people back to; its address is registered there."""
    provider, parts = _provider(name), wiring()
    screen = Screen(g.client, browser_of(request.headers.get("User-Agent", "")))
    try:
        vouched, to = oidc.finish(provider)
        began = vouching.enter(
            parts.sessions, provider.terms, parts.city().city, vouched, screen,
            today=parts.clock.today(), now=parts.clock.now(),
        )  # fmt: skip
    except (ProviderAway, ProviderRefused, IdentityUnknown) as refusal:
        return _refused(provider, refusal)
    return enter(began, to)


def _provider(name: str) -> Provider:
    found = wiring().provider(name)
    if found is None:
        abort(404)
    return found


def _return_address(name: str) -> str:
    """By the settings, never by the request's ``Host``."""
    return wiring().settings.staff_url + url_for("staff.sign_ins_return", name=name)


def _refused(provider: Provider, refusal: DomainError) -> tuple[str, int]:
    refusals.note(type(refusal).__name__)
    page = render_template(
        "staff/sign_ins/refused.html",
        label=provider.terms.label,
        sentence=sentence(refusal),
        subject=refusal.facts.get("subject", ""),
    )
    return page, _STATUS[type(refusal)]
