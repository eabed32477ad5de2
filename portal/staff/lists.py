"""Addresses of lists: the same page with other words in its address, and pages that may not be there."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from werkzeug.routing import BuildError

from accounts.cities.staffing import Permission
from portal.permissions import STAFF, permission_of
from portal.staff.blueprint import staff_user

_LARGEST_KEY = 2**62


def here(**changes: Any) -> str:
    """This page with other words in its address; None takes a word out, and pages begin anew unless one is named."""
    kept = {name: value for name, value in request.args.items() if name not in {"after", "before"}}
    words = {name: value for name, value in {**kept, **changes}.items() if value not in (None, "")}
    return url_for(request.endpoint or "", **(request.view_args or {}), **words)


def key(name: str) -> int | None:
    """A number of the address; None where there is none, or none that could be a key."""
    written = request.args.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and int(written) < _LARGEST_KEY else None


def link_to(name: str, **given: Any) -> str:
    """A page of the back office, if it is there and this person may open it; else nothing."""
    endpoint = f"staff.{name}"
    if endpoint not in current_app.view_functions:
        return ""
    mark = permission_of(current_app, endpoint)
    if mark != STAFF and not staff_user().may(Permission(mark or "")):
        return ""
    try:
        return url_for(endpoint, **given)
    except BuildError:
        return ""
