"""What every page of the resident's place shows around its content: who is there, and the menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, request, url_for

from portal.i18n import gettext as _
from portal.identity.residents.passkeys import party_of
from portal.resident.blueprint import resident, whoever_is_there
from portal.wiring import wiring

MENU: tuple[tuple[str, Callable[[], str]], ...] = (
    ("resident.home_show", lambda: _("My accounts")),
    ("resident.payments_list", lambda: _("Payments")),
    ("resident.messages_show", lambda: _("Messages")),
    ("resident.requests_list", lambda: _("Requests")),
    ("resident.your_sign_in_show", lambda: _("Your sign-in")),
)
"""In the order in which it is shown; an entry appears when its page exists."""


@resident.context_processor
def surroundings() -> dict[str, Any]:
    """For templates: the person (None on the pages of signing in), and the menu of theirs."""
    user = whoever_is_there()
    return {
        "resident_user": user,
        "resident_menu": _menu() if user is not None else [],
        "passkeys_work": party_of(wiring().settings.base_url, "") is not None,
    }


def _menu() -> list[dict[str, Any]]:
    here = _noun(request.endpoint or "")
    return [
        {"label": label(), "url": url_for(endpoint), "current": _noun(endpoint) == here}
        for endpoint, label in MENU
        if endpoint in current_app.view_functions
    ]


def _noun(endpoint: str) -> str:
    """``resident.links_show`` and ``resident.links_new`` are pages of one entry."""
    return endpoint.rpartition("_")[0]
