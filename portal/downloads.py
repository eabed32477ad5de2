"""Files that people sent in, given out again: saved by a browser, never shown in a page of ours."""

from __future__ import annotations

from flask import make_response
from werkzeug.wrappers import Response


def as_download(content: bytes, media_type: str, name: str) -> Response:
    """A file that a browser saves: it runs nowhere, and nobody guesses what it is."""
    response = make_response(content)
    response.headers["Content-Type"] = media_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
