"""Use cases of the webhook door: store an event once, and let the queue bring its attempt up to date."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from accounts.database import Sessions, transaction
from accounts.outbox import announce
from payments.gateway.base import ProcessorHint
from payments.webhooks.models import ProcessorEvent

ABOUT_ATTEMPTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
    }
)
"""Events that say: go and look at this attempt. All others are stored and left for what reads them."""


def receive(sessions: Sessions, hint: ProcessorHint, body: bytes, *, environment: str) -> bool:
    """Use case: keep a verified event; False if it was here before. Foreign and unknown ones are kept as ignored."""
    ours = hint.environment == environment and hint.attempt_id and hint.event_type in ABOUT_ATTEMPTS
    with transaction(sessions) as session:
        statement = insert(ProcessorEvent).values(
            event_id=hint.event_id,
            event_type=hint.event_type,
            livemode=hint.livemode,
            api_version=hint.api_version,
            raw=body,
            state="received" if ours else "ignored",
        )
        stored = session.scalar(statement.on_conflict_do_nothing().returning(ProcessorEvent.event_id))
        if stored and ours:
            announce(session, "processor_event", event_id=hint.event_id, attempt_id=hint.attempt_id)
    return stored is not None


def mark_done(sessions: Sessions, event_id: str, now: datetime, note: str) -> None:
    """Use case: the event's attempt has been brought up to date."""
    with transaction(sessions) as session:
        session.execute(
            update(ProcessorEvent)
            .where(ProcessorEvent.event_id == event_id)
            .values(state="done", handled_at=now, note=note)
        )
