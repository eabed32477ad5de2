"""Sending a person to the processor's page, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, redirect
from werkzeug.wrappers import Response

from portal import logs
from portal.wiring import wiring

_log = logs.logger(__name__)


def to_processor(url: str) -> Response:
    """303 to an address of an allowed origin (the processor, the sandbox) or of our own; anything else is refused."""
    settings = wiring().settings
    parts = urlsplit(url)
    allowed = {f"{urlsplit(origin).scheme}://{urlsplit(origin).netloc}" for origin in settings.stripe_allowed_origins}
    ours = urlsplit(settings.base_url)
    if f"{parts.scheme}://{parts.netloc}" not in allowed | {f"{ours.scheme}://{ours.netloc}"}:
        _log.error("redirect refused", host=parts.netloc)
        abort(502)
    return redirect(url, 303)
