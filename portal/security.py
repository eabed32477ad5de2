"""Headers, cookies, CSRF and request ids: every answer carries them, so no page has to remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import unquote_plus, urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from portal import logs
from portal.card_numbers import contains_pan
from portal.config import Settings
from portal.proxies import client_of

View = TypeVar("View", bound=Callable[..., Any])
_REFUSES = "refuses_card_numbers"
_TAKES_FILES = "takes_files"
MOST_FILE_BYTES = 20_500_000
"""Of a body on a page that takes a file; the city's own limit is below (``DocumentPolicy.most_bytes``)."""
csrf = CSRFProtect()
_log = logs.logger(__name__)
POLICY = "Content-Security-Policy"
_CACHEABLE = frozenset({"static", "city.styles", "city.seal"})
"""Endpoints whose answers say nothing about anybody."""


def takes_files(view: View) -> View:
    """A file may be sent to this view; every other body is small."""
    setattr(view, _TAKES_FILES, True)
    return view


class SignedSessions(SecureCookieSessionInterface):
    """Flask's sessions in a signed cookie; the signer is made once for the keys there are, not twice a request."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = (app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ()))
        held = app.extensions.get("signer_of_sessions")
        if held is None or held[0] != keys:
            held = app.extensions["signer_of_sessions"] = (keys, super().get_signing_serializer(app))
        found: URLSafeTimedSerializer | None = held[1]
        return found


def init(app: Flask, settings: Settings) -> None:
    """Cookies, CSRF on every form, headers on every answer."""
    secure, name = settings.is_secure, "ventanilla-office" if settings.serves_staff_only else "ventanilla"
    app.config.update(
        SESSION_COOKIE_NAME=f"__Host-{name}" if secure else name,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure,
    )

    @app.before_request
    def begin() -> None:
        logs.unbind()
        g.request_id = logs.request_id(request.headers.get("X-Request-Id", ""))
        address = settings.trusted_proxies.address_of(
            request.remote_addr or "", request.headers.get("X-Forwarded-For", "")
        )
        g.client = client_of(address)
        logs.bind(request_id=g.request_id)
        if getattr(current_app.view_functions.get(request.endpoint or ""), _TAKES_FILES, False):
            request.max_content_length = MOST_FILE_BYTES

    @app.before_request
    def drop_card_number() -> AnyResponse | None:
        """An address stays in histories and in other people's logs: go on without what was asked there."""
        asked = unquote_plus(request.query_string.decode("utf-8", "replace"))
        if request.method != "GET" or not contains_pan(asked):
            return None
        view = current_app.view_functions.get(request.endpoint or "")
        return None if getattr(view, _REFUSES, False) else redirect(request.path, 303)

    csrf.init_app(app)  # after the request has its id, so that a refusal has one too
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})
    _sign_off(app, _headers(settings, secure=secure))


def refuses_card_numbers(view: View) -> View:
    """This view answers to a card number in its address itself: by a redirect to where there is none, with help."""
    setattr(view, _REFUSES, True)
    return view


def csrf_token() -> str:
    """The token of the forms of this visit, signed once and not for each page."""
    held = session.get("csrf_token")
    if isinstance(held, str):
        return _signed_token(str(current_app.secret_key), held)
    token: str = generate_csrf()
    return token


@lru_cache(maxsize=4096)
def _signed_token(_secret: str, _held: str) -> str:
    """flask-wtf's, for the secret of the visit's own cookie: who does not have that is given another one."""
    g.pop("csrf_token", None)
    token: str = generate_csrf()
    return token


def _sign_off(app: Flask, headers: Mapping[str, str]) -> None:
    @app.after_request
    def end(response: Response) -> Response:
        own_policy = response.headers.get(POLICY)  # a page that shows less than ours may be stricter
        response.headers.update(headers)
        if own_policy:
            response.headers[POLICY] = own_policy
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint not in _CACHEABLE:
            response.headers["Cache-Control"] = "no-store"
        _log.info("answered", method=request.method, endpoint=request.endpoint, status=response.status_code)
        return response


def _headers(settings: Settings, *, secure: bool) -> dict[str, str]:
    # Browsers check form-action on redirects too: without the processor's origin the payment button would do nothing.
    origins = " ".join(_origin(origin) for origin in settings.stripe_allowed_origins)
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; form-action 'self' {origins}; "
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
    headers = {
        POLICY: policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
