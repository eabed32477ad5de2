"""What every host of the portal serves of the city: its colors, its seal, the switch of language. And the front door
of a host that has no home page."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, make_response, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.config import Settings
from portal.i18n import COOKIE, safe_path
from portal.languages import offered
from portal.permissions import anyone
from portal.wiring import wiring

pages = Blueprint("city", __name__)
_YEAR = 365 * 24 * 3600


def register(app: Flask, settings: Settings) -> None:
    """On every host; the back office's own host begins with the back office."""
    app.register_blueprint(pages)
    if settings.serves_staff_only:
        app.add_url_rule("/", "city.front_door", front_door, methods=["GET"])


@anyone
def front_door() -> AnyResponse:
    """Where somebody goes who typed the name of the host."""
    return redirect(url_for("staff.today_show"), 303)


@pages.get("/language/<code>")
@anyone
def choose_language(code: str) -> AnyResponse:
    if code not in offered():
        abort(404)
    response = redirect(safe_path(request.args.get("to", "/")), 303)
    keep_language(response, code)
    return response


def keep_language(response: AnyResponse, code: str) -> None:
    """This browser reads ``code`` from now on."""
    secure = wiring().settings.is_secure
    response.set_cookie(COOKIE, code, max_age=_YEAR, httponly=True, secure=secure, samesite="Lax")


@pages.get("/city.css")
@anyone
def styles() -> Response:
    colors = wiring().city().city.identity.colors
    rules = (
        f":root{{--city-primary:{colors.primary};--city-primary-dark:{colors.primary_dark};"
        f"--city-accent:{colors.accent}}}\n"
    )
    response = make_response(rules)
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/seal.svg")
@anyone
def seal() -> Response:
    parts = wiring()
    seal = parts.settings.city_folder / Path(parts.city().city.identity.seal).name
    response = send_file(seal, mimetype="image/svg+xml", max_age=3600)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
