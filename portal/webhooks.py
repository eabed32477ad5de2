"""The processor's door: raw body in, signature checked, stored once, answered fast. The work is done by the queue."""

from __future__ import annotations

from flask import Blueprint, Response, request

from accounts import kill_points
from payments.gateway.base import BadSignature
from payments.webhooks.rules import Outcome
from payments.webhooks.service import receive, refuse
from portal import logs
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
