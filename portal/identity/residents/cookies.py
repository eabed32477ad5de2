"""The cookie of a resident's session: its token and nothing else. Staff and the visits of guests have another one."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

NAME = "ventanilla-my"


def cookie_name() -> str:
    """Bound to this host where there is https."""
    return f"__Host-{NAME}" if _is_secure() else NAME


def has_session() -> bool:
    """Does this browser say that somebody is signed in? Good enough for a menu; pages ask the database."""
    return bool(token_here())


def token_here() -> str:
    """The token that this browser holds; empty where it holds none."""
    return request.cookies.get(cookie_name(), "")


def keep_session(response: Response, token: str, hours: int) -> None:
    """This browser is signed in from now on."""
    response.set_cookie(
        cookie_name(), token, max_age=hours * 3600, httponly=True, secure=_is_secure(), samesite="Lax", path="/"
    )


def drop_session(response: Response) -> None:
    """This browser is not signed in any more."""
    response.delete_cookie(cookie_name(), httponly=True, secure=_is_secure(), samesite="Lax", path="/")


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
