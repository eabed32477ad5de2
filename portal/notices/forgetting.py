"""What the night lets go of: addresses of old messages, messages that could not leave, codes that ran out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.messages import MessagePolicy
from accounts.database import Sessions, transaction
from portal.notices.service import LATEST

_FORGET = text("""
    UPDATE messages_sent SET to_masked = '', to_digest = NULL
     WHERE id IN (SELECT id FROM messages_sent WHERE at < :before AND to_masked <> '' ORDER BY id LIMIT :most)
    RETURNING id""")
_STUCK = text("""
    WITH stuck AS (
        UPDATE messages_sent SET state = 'failed' WHERE state IN ('queued', 'sending', 'delayed') AND key IS NOT NULL
           AND topic <> '' AND at < :before RETURNING id)
    INSERT INTO message_events (message_id, event, code, at) SELECT id, 'failed', 'too-late', :now FROM stuck
    RETURNING message_id""")
_CODES = text("DELETE FROM text_confirmations WHERE expires_at < :before RETURNING recipient_id")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the night let go of."""

    addresses: int
    stuck: int
    codes: int


def forget(sessions: Sessions, policy: MessagePolicy, now: datetime, *, batch: int = 5_000) -> Forgotten:
    """Use case: addresses of old messages go, messages that could not leave end, codes that ran out are removed."""
    before, addresses = now - timedelta(days=policy.keep_days), 0
    while gone := _in_one(sessions, lambda session: session.execute(_FORGET, {"before": before, "most": batch})):
        addresses += gone
    stuck = _in_one(sessions, lambda session: session.execute(_STUCK, {"before": now - LATEST, "now": now}))
    codes = _in_one(sessions, lambda session: session.execute(_CODES, {"before": now - timedelta(days=1)}))
    return Forgotten(addresses, stuck, codes)


def _in_one(sessions: Sessions, act: Callable[[Session], Any]) -> int:
    with transaction(sessions) as session:
        return len(act(session).all())
