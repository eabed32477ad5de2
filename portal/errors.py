"""Error pages for people: what happened, that no money was lost, what to do next."""

from __future__ import annotations

from flask import Flask, g, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from accounts.errors import Conflict, DomainError, NotFound
from portal import logs, refusals
from portal.messages import sentence

_log = logs.logger(__name__)
_STATUS = {NotFound: 404, Conflict: 409}


def init(app: Flask) -> None:
    """One page for every way to fail."""

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> tuple[str, int]:
        _log.warning("stale form", reason=error.description)
        refusals.note("stale form")
        return render_template("errors/stale_form.html", reference=_reference()), 400

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        return render_template("errors/http.html", status=status, reference=_reference()), status

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> tuple[str, int]:
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 409)
        _log.warning("refused", refusal=type(error).__name__)
        refusals.note(type(error).__name__)
        return render_template("errors/refused.html", sentence=sentence(error), reference=_reference()), status

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        _log.error("failed", error=type(error).__name__, exc_info=error)
        return render_template("errors/http.html", status=500, reference=_reference()), 500


def _reference() -> str:
    return str(g.get("request_id", ""))
