"""Use cases of the webhook door: store an event once, answer fast; the queue follows it later and asks."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.outbox import MONEY_WAITS, announce
from payments.attempts.models import Attempt
from payments.gateway.base import ProcessorHint, Refused
from payments.settlements.service import Desk, name_unowned, settle
from payments.webhooks.models import ProcessorEvent, WebhookCount
from payments.webhooks.queries import Received, received
from payments.webhooks.rules import ABOUT_PAYOUTS, Outcome, sort_event


def receive(desk: Desk, hint: ProcessorHint, body: bytes, *, source: str = "webhook") -> Outcome:
    """Use case: keep a verified event, count it, and let the queue follow it if it is ours.

    Foreign and unknown ones are kept as ignored. Whatever is in the event, it is never refused.
    """
    event_id = hint.event_id or f"unnamed-{hashlib.sha256(body).hexdigest()}"
    with transaction(desk.sessions) as session:
        outcome = sort_event(
            hint, desk.environment, livemode=desk.livemode, knows_session=_knows(session, hint.session_id)
        )
        statement = insert(ProcessorEvent).values(
            event_id=event_id,
            event_type=hint.event_type,
            livemode=hint.livemode,
            api_version=hint.api_version,
            attempt_id=hint.attempt_id,
            session_id=hint.session_id,
            payment_intent_id=hint.payment_intent_id,
            subject_id=hint.subject_id,
            source=source,
            created_at=hint.created_at,
            raw=body,
            state="received" if outcome is Outcome.ACCEPTED else "ignored",
            note="" if outcome is Outcome.ACCEPTED else outcome.value,
        )
        stored = session.scalar(statement.on_conflict_do_nothing().returning(ProcessorEvent.event_id))
        if stored is None:
            outcome = Outcome.DUPLICATE
        elif outcome is Outcome.ACCEPTED:
            announce(session, "processor_event", priority=MONEY_WAITS, event_id=event_id)
        if source == "webhook":
            _count(session, outcome, desk.clock.now())
    return outcome


def refuse(sessions: Sessions, outcome: Outcome, now: datetime) -> None:
    """Use case: count a request whose signature or age failed; nothing else of it is kept."""
    with transaction(sessions) as session:
        _count(session, outcome, now)


def follow(desk: Desk, event_id: str) -> str:
    """Use case: bring what an event is about up to date, then mark it done; returns the note it was marked with.

    May run any number of times. Raises :class:`~payments.gateway.base.GatewayError` if the processor cannot be
    heard: the event stays as received and is followed again.
    """
    with reading(desk.sessions) as session:
        event = received(session, event_id)
    if event is None:
        return ""
    kill_points.reached("K5")
    if event.event_type in ABOUT_PAYOUTS:
        with transaction(desk.sessions) as session:
            announce(session, "payout_changed", payout_id=event.subject_id)
        return _done(desk, event_id, "payout")
    return _done(desk, event_id, _follow_payment(desk, event))


def _follow_payment(desk: Desk, event: Received) -> str:
    try:
        if event.attempt_id:
            return settle(desk, event.attempt_id, event.session_id).value
    except NotFound:
        pass
    return _follow_unowned(desk, event.payment_intent_id)


def _follow_unowned(desk: Desk, payment_intent_id: str) -> str:
    if not payment_intent_id:
        return "no such attempt"
    try:
        intent = desk.gateway.intent(payment_intent_id)
    except Refused:
        return "no such payment at the processor"
    if not intent.paid or intent.environment not in ("", desk.environment):
        return "no such attempt"
    return name_unowned(desk, intent)


def _done(desk: Desk, event_id: str, note: str) -> str:
    with transaction(desk.sessions) as session:
        session.execute(
            update(ProcessorEvent)
            .where(ProcessorEvent.event_id == event_id)
            .values(state="done", handled_at=desk.clock.now(), note=note)
        )
    return note


def _knows(session: Session, session_id: str) -> bool:
    return bool(session_id) and bool(session.scalar(select(exists().where(Attempt.session_id == session_id))))


def _count(session: Session, outcome: Outcome, now: datetime) -> None:
    statement = insert(WebhookCount).values(day=now.date(), outcome=outcome.value, count=1)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[WebhookCount.day, WebhookCount.outcome], set_={"count": WebhookCount.count + 1}
        )
    )
