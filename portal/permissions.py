"""Default deny: a view says who may open it, and a view that says nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request

from accounts.account_links.rules import Right
from accounts.cities.staffing import Permission

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "permission"
ANYONE = "anyone"
STAFF = "staff"
RESIDENT, RESIDENT_AGAIN = "resident", "resident again"
OPEN_ENDPOINTS = frozenset({"static", "health.healthz", "health.readyz"})


def anyone(view: View) -> View:
    """Anyone may open this page; what it shows is checked by the page itself (proof, token)."""
    setattr(view, _ATTRIBUTE, ANYONE)
    return view


def any_staff(view: View) -> View:
    """Anyone who works here may open this page, whatever their roles."""
    setattr(view, _ATTRIBUTE, STAFF)
    return view


def any_resident(view: View) -> View:
    """Any resident who is signed in may open this page; whose accounts it shows is checked by the page itself."""
    setattr(view, _ATTRIBUTE, RESIDENT)
    return view


def proved_resident(view: View) -> View:
    """Only a resident who signed in a short time ago may open this page: a screen may have been left open."""
    setattr(view, _ATTRIBUTE, RESIDENT_AGAIN)
    return view


def with_right(right: Right) -> Callable[[View], View]:
    """Only a resident who has the account that the address names (``<reference>``), with this right, may open it."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, f"{RESIDENT} {right}")
        return view

    return mark


def right_of(mark: str) -> Right | None:
    """The right that a mark of :func:`with_right` demands; None for other marks."""
    kind, _space, right = mark.partition(" ")
    return Right(right) if kind == RESIDENT and right in set(Right) else None


def needs(permission: Permission) -> Callable[[View], View]:
    """Only staff with this permission may open the page; the blueprint of the back office sees to it."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, permission)
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> str | None:
    """What a view demands; None for one that forgot to say."""
    if endpoint in OPEN_ENDPOINTS:
        return ANYONE
    return getattr(app.view_functions[endpoint], _ATTRIBUTE, None)


def init(app: Flask) -> None:
    """Refuse every request to a view without a mark."""

    @app.before_request
    def refuse_unmarked() -> None:
        if request.endpoint and permission_of(current_app, request.endpoint) is None:
            abort(403)
