"""Bodies and signatures at the processor's door.

Promised: a signed body is never refused and never raises; what it says is short text that can be kept, and nothing
that is money. A signature that is not one is refused by its name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time

from fuzz.changes import json_changed
from fuzz.promises import can_be_kept, holds
from payments.gateway.base import BadSignature, ProcessorHint
from payments.gateway.stripe import StripeGateway
from payments.webhooks.rules import KNOWN, Outcome, sort_event

SECRET = "whsec_that_only_the_fuzzing_has"  # noqa: S105
GATEWAY = StripeGateway("sk_test_fuzz", (SECRET,), "http://127.0.0.1:9")
LONGEST = 255
PAID = {
    "id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False,
    "api_version": "2026-08-26.dahlia", "created": 1_790_000_000,
    "data": {"object": {
        "id": "cs_test_1", "object": "checkout.session", "payment_intent": "pi_1", "payment_status": "paid",
        "amount_total": 8420, "metadata": {"env": "test", "attempt_id": "pa_1"},
    }},
}  # fmt: skip
"""As the processor would say that somebody has paid."""
SEEDS = [
    json.dumps(PAID).encode(),
    json.dumps({**PAID, "type": "payout.paid", "data": {"object": {"id": "po_1", "object": "payout"}}}).encode(),
    b'{"id": null, "created": -1, "data": {"object": []}}',
    b't=1790000000,v1=00,v0="',
    b"[]",
]


def signed(body: bytes) -> str:
    """The header that the processor would send with this body now."""
    now = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={digest}"


def try_bytes(data: bytes) -> None:
    """The bytes as a signed body, as an unsigned one, and as a signature."""
    try:
        hint = GATEWAY.read_event(data, signed(data))
    except BadSignature:
        holds(not _is_text(data), "a signed text is refused")
    else:
        _check(hint)
    for body, signature in ((data, "t=1,v1=0"), (SEEDS[0], data.decode("latin-1"))):
        try:
            GATEWAY.read_event(body, signature)
        except BadSignature as refusal:
            Outcome(str(refusal.facts["reason"]))
        else:
            holds(what=False, words="a body that nobody signed is taken")


def changed(data: bytes, chance: random.Random) -> bytes:
    """Another body of the same form."""
    return json_changed(data, chance)


def _check(hint: ProcessorHint) -> None:
    texts = (
        hint.event_id, hint.event_type, hint.api_version, hint.environment, hint.attempt_id, hint.session_id,
        hint.payment_intent_id, hint.subject_id,
    )  # fmt: skip
    for text in texts:
        holds(type(text) is str and can_be_kept(text) and len(text) <= LONGEST, f"{text!r} is let in")
    holds(type(hint.livemode) is bool, "livemode is neither yes nor no")
    if hint.created_at is not None:
        holds(hint.created_at.isoformat(), "a moment that cannot be written")
    for knows in (False, True):
        outcome = sort_event(hint, "test", livemode=False, knows_session=knows)
        holds(outcome is not Outcome.ACCEPTED or hint.event_type in KNOWN, "an unknown event is followed")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
