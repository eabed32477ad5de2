"""Events as they are followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.attempts.models import Attempt
from payments.webhooks.models import ProcessorEvent


@dataclass(frozen=True)
class Received:
    """An event that has not been followed to its end; ``attempt_id`` is by its page, which only we know, if any."""

    event_type: str
    attempt_id: str
    session_id: str
    payment_intent_id: str
    subject_id: str


def received(session: Session, event_id: str) -> Received | None:
    """None for an event that is done, ignored or not there."""
    row = session.execute(
        select(ProcessorEvent, Attempt.id)
        .outerjoin(Attempt, Attempt.session_id == ProcessorEvent.session_id)
        .where(ProcessorEvent.event_id == event_id, ProcessorEvent.state == "received")
    ).one_or_none()
    if row is None:
        return None
    event, by_page = row
    return Received(
        event.event_type, by_page or event.attempt_id, event.session_id, event.payment_intent_id, event.subject_id
    )


def is_stored(session: Session, event_id: str) -> bool:
    """Has this event come, by whatever way?"""
    return session.scalar(select(ProcessorEvent.event_id).where(ProcessorEvent.event_id == event_id)) is not None


def unfollowed(session: Session, before: datetime, limit: int = 500) -> list[str]:
    """Events that came before a moment and were not followed to their end, oldest first."""
    return list(
        session.scalars(
            select(ProcessorEvent.event_id)
            .where(ProcessorEvent.state == "received", ProcessorEvent.received_at <= before)
            .order_by(ProcessorEvent.received_at)
            .limit(limit)
        )
    )
