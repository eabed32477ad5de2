"""A window that people share remembers who gave the second factor there, so that taking turns needs a password only.

It is a signed cookie: sign-in → (version of the factor, when). A new factor, or the end of the shift, ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "window"
_MOST_PEOPLE = 12


def remembered(now: datetime, hours: int) -> dict[int, int]:
    """Whose second factor this window saw within ``hours``: sign-in id → version of the factor."""
    seen = _seen()
    limit = now.timestamp() - timedelta(hours=hours).total_seconds()
    return {sign_in_id: version for sign_in_id, (version, at) in seen.items() if at > limit}


def remember(response: Response, sign_in_id: int, factor_version: int, now: datetime, hours: int) -> None:
    """This person gave their second factor here; the first time counts, so that it does not go on for ever."""
    seen = _seen()
    before = seen.pop(sign_in_id, None)
    limit = now.timestamp() - timedelta(hours=hours).total_seconds()
    fresh = before is None or before[0] != factor_version or before[1] <= limit
    seen[sign_in_id] = (factor_version, int(now.timestamp())) if fresh or before is None else before
    latest = dict(list(seen.items())[-_MOST_PEOPLE:])
    response.set_cookie(
        COOKIE,
        _serializer().dumps({str(key): value for key, value in latest.items()}),
        max_age=hours * 3600,
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Strict",
        path="/staff",
    )


def _seen() -> dict[int, tuple[int, int]]:
    try:
        found = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {int(key): (int(version), int(at)) for key, (version, at) in found.items()}


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="windows of staff")
