"""Home, the language switch, and the city's own colors and seal."""

from __future__ import annotations

from pathlib import Path

from flask import Response, abort, make_response, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from portal.forms.lookups import FindForm
from portal.i18n import COOKIE, LANGUAGES, safe_path
from portal.permissions import anyone
from portal.public.blueprint import public
from portal.wiring import wiring

_YEAR = 365 * 24 * 3600


@public.get("/")
@anyone
def home() -> str:
    return render_template("public/home/show.html", find=FindForm(formdata=None))


@public.get("/language/<code>")
@anyone
def choose_language(code: str) -> AnyResponse:
    if code not in LANGUAGES:
        abort(404)
    response = redirect(safe_path(request.args.get("to", "/")), 303)
    secure = wiring().settings.base_url.startswith("https://")
    response.set_cookie(COOKIE, code, max_age=_YEAR, httponly=True, secure=secure, samesite="Lax")
    return response


@public.get("/city.css")
@anyone
def city_styles() -> Response:
    colors = wiring().city().city.identity.colors
    rules = (
        f":root{{--city-primary:{colors.primary};--city-primary-dark:{colors.primary_dark};"
        f"--city-accent:{colors.accent}}}\n"
    )
    response = make_response(rules)
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@public.get("/seal.svg")
@anyone
def city_seal() -> Response:
    parts = wiring()
    seal = parts.settings.city_folder / Path(parts.city().city.identity.seal).name
    response = send_file(seal, mimetype="image/svg+xml", max_age=3600)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
