"""Doors of the processor and of the provider of texts: signature checked, stored once, answered fast."""

from __future__ import annotations

from flask import Blueprint, Response, request
from markupsafe import escape

from accounts import kill_points
from payments.gateway.base import BadSignature
from payments.webhooks.rules import Outcome
from payments.webhooks.service import receive, refuse
from portal import logs
from portal.notices.reports import is_signed, text_status
from portal.notices.text_codes import answer_text
from portal.permissions import anyone
from portal.wiring import wiring

blueprint = Blueprint("webhooks", __name__)
_log = logs.logger(__name__)


@blueprint.post("/webhooks/processor")
@anyone
def processor() -> Response:
    """200 once the event is stored; 400 for a bad signature; 5xx (the database is down) so that it is sent again."""
    parts = wiring()
    body = request.get_data(cache=False)
    try:
        hint = parts.gateway.read_event(body, request.headers.get("Stripe-Signature", ""))
    except BadSignature as refusal:
        reason = Outcome(str(refusal.facts["reason"]))
        _log.warning("webhook refused", reason=reason.value)
        refuse(parts.sessions, reason, parts.clock.now())
        return Response("bad signature", 400, mimetype="text/plain")
    outcome = receive(parts.desk(), hint, body)
    kill_points.reached("K4")
    _log.info("webhook received", event_type=hint.event_type, outcome=outcome.value)
    return Response("received", 200, mimetype="text/plain")


@blueprint.post("/webhooks/texts")
@anyone
def texts() -> Response:
    """A text that somebody sent us: answered in the same breath (TwiML); 403 for a signature not the provider's.

    The same text twice is kept once and answered alike.
    """
    if not _is_the_provider():
        return Response("bad signature", 403, mimetype="text/plain")
    given = request.form
    answer = answer_text(wiring(), given.get("MessageSid", ""), given.get("From", ""), given.get("Body", ""))
    said = f"<Message>{escape(answer)}</Message>" if answer else ""
    return Response(f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>', mimetype="text/xml")


@blueprint.post("/webhooks/texts/status")
@anyone
def text_statuses() -> Response:
    """What became of a text of ours; a report that is no news is received as well."""
    if not _is_the_provider():
        return Response("bad signature", 403, mimetype="text/plain")
    told = text_status(wiring().sessions, request.form, wiring().clock.now())
    _log.info("text reported", status=request.form.get("MessageStatus", "")[:20], news=told.news)
    return Response("", 204)


def _is_the_provider() -> bool:
    """Signed over the address that the provider was given, whatever stands between it and us."""
    settings = wiring().settings
    address = f"{settings.base_url}{request.full_path.rstrip('?')}"
    fields = list(request.form.items(multi=True))
    is_its = is_signed(settings.twilio_token, address, fields, request.headers.get("X-Twilio-Signature", ""))
    has_name = bool(request.form.get("MessageSid"))
    if not (is_its and has_name):
        _log.warning("text webhook refused", signed=is_its)
    return is_its and has_name
