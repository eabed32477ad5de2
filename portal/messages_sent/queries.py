"""Messages about an account, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.messages_sent.rules import Channel, Kind, Outcome

PAGE = 25
_OF_ACCOUNT = text("""
    SELECT m.id, m.at, m.channel, m.kind, m.to_masked, m.language, m.about, m.outcome, coalesce(a.display_name, '')
      FROM messages_sent m LEFT JOIN actors a ON a.id = m.asked_by
     WHERE m.customer_account_id = :account AND (CAST(:before AS bigint) IS NULL OR m.id < :before)
     ORDER BY m.id DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A try to send. ``asked_by`` is empty where it followed from what happened."""

    id: int
    at: datetime
    channel: Channel
    kind: Kind
    to_masked: str
    language: str
    about: str
    outcome: Outcome
    asked_by: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    messages: tuple[SentMessage, ...]
    next_before: int | None


def messages_of(session: Session, account_id: int, *, before: int | None = None, limit: int = PAGE) -> MessagesPage:
    """One page of what was sent about an account. One statement."""
    rows = session.execute(_OF_ACCOUNT, {"account": account_id, "before": before, "most": limit + 1})
    found = [_message(*row) for row in rows]
    return MessagesPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def _message(id_: int, at: datetime, channel: Channel, kind: str, *rest: str) -> SentMessage:
    to_masked, language, about, outcome, asked_by = rest
    return SentMessage(id_, at, channel, Kind(kind), to_masked, language, about, Outcome(outcome), asked_by)
