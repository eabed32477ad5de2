"""An audit line for each bad input: which page refused it and why, never what was typed nor by whom."""

from __future__ import annotations

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from accounts import audit
from accounts.database import transaction
from portal import logs
from portal.wiring import wiring

_log = logs.logger(__name__)
_BAD_INPUT = range(400, 500)
_COUNTED_ELSEWHERE = frozenset({"NoMatch", "TooManyGuesses"})
"""Guesses have counters of their own, which also stop them."""


def note(*reasons: str) -> None:
    """Remember why this request is being refused: names of fields and of refusals."""
    if has_request_context():
        g.refusals = [*g.get("refusals", []), *reasons]


def init(app: Flask) -> None:
    """Write the line after the answer has been made; an answer never waits for it in vain."""

    @app.after_request
    def remember(response: Response) -> Response:
        reasons = list(dict.fromkeys(g.get("refusals", [])))
        if _is_ours(response) and not _COUNTED_ELSEWHERE.intersection(reasons):
            try:
                with transaction(wiring().sessions) as session:
                    audit.record(
                        session,
                        "input-refused",
                        subject=("page", request.endpoint or "none"),
                        status=response.status_code,
                        method=request.method,
                        reasons=reasons,
                        request=g.get("request_id", ""),
                    )
            except SQLAlchemyError as error:
                _log.error("refusal not recorded", error=type(error).__name__)
        return response


def _is_ours(response: Response) -> bool:
    """Addresses that no page of ours has are what scanners ask for; webhooks are counted at their door."""
    return (
        response.status_code in _BAD_INPUT
        and request.endpoint is not None
        and request.endpoint != "static"
        and not request.endpoint.startswith("webhooks.")
    )
