"""The pulse, read from the database at the moment it is asked for, so that it is the same whichever process answers.

Nothing here names a person or an account. Ages are against the moment given, except the queue's, which has the
database's own clock.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.exceptions.rules import OTHERS_WITHIN, RESPOND_WITHIN
from accounts.seals import queries as seals
from portal.pulse.rules import UNSETTLED, Exceptions, Pulse, Sweep, Unsettled, Webhooks
from portal.queue import queue_depth

AGES = (("2m", timedelta(minutes=2)), ("10m", timedelta(minutes=10)), ("1h", timedelta(hours=1)), ("24h", UNSETTLED))
OLDER = "older"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_LOOK_BACK = timedelta(days=3)
"""For paid and unposted among events that were followed; what is older is found by the nightly deep sweep."""

_COUNTS = text("""
    SELECT outcome, sum(count)::bigint, coalesce(sum(count) FILTER (WHERE day >= :since), 0)::bigint
      FROM webhook_counts GROUP BY outcome""")
_EVENTS = text("""
    SELECT (SELECT max(newest.received_at)
              FROM (VALUES ('received'), ('done'), ('ignored')) AS s (state), LATERAL (
                   SELECT e.received_at FROM processor_events e WHERE e.state = s.state AND e.source = 'webhook'
                    ORDER BY e.received_at DESC LIMIT 1) AS newest) AS last_received_at,
           (SELECT coalesce(max(received_at - created_at), interval '0') FROM processor_events
             WHERE state IN ('received', 'done', 'ignored') AND received_at > :hour_ago
               AND source = 'webhook') AS arrival,
           (SELECT count(*) FROM processor_events WHERE state = 'received') AS unfollowed,
           (SELECT min(received_at) FROM processor_events WHERE state = 'received') AS oldest_unfollowed_at,
           (SELECT count(*) FROM processor_events
             WHERE state IN ('received', 'done', 'ignored') AND received_at > :day_ago
               AND source = 'backfill') AS backfilled""")
_UNSETTLED = text("""
    SELECT state, age, count(*) FROM (
        SELECT state, CASE WHEN created_at > :a THEN '2m' WHEN created_at > :b THEN '10m'
                           WHEN created_at > :c THEN '1h' WHEN created_at > :d THEN '24h' ELSE 'older' END AS age
          FROM attempts
         WHERE state IN ('sending', 'open', 'processing', 'unknown')
           AND NOT (state = 'unknown' AND session_id IS NOT NULL)) AS live
     GROUP BY state, age ORDER BY state, age""")
"""An attempt whose money went into the exceptions queue stays unknown, and is counted there."""
_UNPOSTED = text("""
    SELECT count(*), min(paid_at) FROM (
        SELECT coalesce(nullif(e.payment_intent_id, ''), e.session_id) AS money,
               min(coalesce(e.created_at, e.received_at)) AS paid_at
          FROM processor_events e
         WHERE (e.state = 'received' OR (e.state = 'done' AND e.received_at > :since))
           AND e.event_type IN ('payment_intent.succeeded', 'checkout.session.async_payment_succeeded',
                                'checkout.session.completed')
           AND CASE WHEN e.event_type <> 'checkout.session.completed' THEN true
                    ELSE convert_from(e.raw, 'UTF8')::jsonb #>> '{data,object,payment_status}' = 'paid' END
           AND e.note NOT IN ('foreign', 'no such attempt', 'no such payment at the processor')
           AND NOT EXISTS (SELECT FROM payments p
                            WHERE p.tender = 'card' AND p.tender_reference = e.payment_intent_id)
           AND NOT EXISTS (SELECT FROM attempts a JOIN payments p ON p.attempt_id = a.id
                            WHERE a.session_id = e.session_id AND e.payment_intent_id = '')
           AND NOT EXISTS (SELECT FROM exception_lines x
                            WHERE x.subject IN (nullif(e.payment_intent_id, ''), nullif(e.session_id, ''),
                                                nullif(e.attempt_id, '')))
         GROUP BY 1) AS unposted""")
"""The processor says that money moved, and it stands neither in the books nor in the exceptions queue."""
_SWEEPS = text("SELECT kind, max(finished_at), max(finished_at) FILTER (WHERE clean) FROM sweeps GROUP BY kind")
_EXCEPTIONS = text("""
    SELECT x.kind, count(*),
           count(*) FILTER (WHERE x.opened_at + make_interval(secs => coalesce(w.seconds, :others)) < :now)
      FROM exception_lines x
      LEFT JOIN unnest(CAST(:kinds AS text[]), CAST(:seconds AS bigint[])) AS w (kind, seconds) ON w.kind = x.kind
     WHERE x.closed_at IS NULL GROUP BY x.kind ORDER BY x.kind""")


def read_pulse(session: Session, now: datetime, today: date) -> Pulse:
    """Everything at once; ``today`` is the day at city hall."""
    unposted, oldest = session.execute(_UNPOSTED, {"since": now - _LOOK_BACK}).one()
    through = seals.last_seal(session)
    return Pulse(
        at=now,
        webhooks=_webhooks(session, now),
        unsettled=_unsettled(session, now),
        unposted=unposted,
        oldest_unposted=_age(now, oldest),
        queue=queue_depth(session),
        sweeps={kind: Sweep(finished, clean) for kind, finished, clean in session.execute(_SWEEPS)},
        exceptions=_exceptions(session, now),
        sealed_through=through.day if through else None,
        days_waiting=_days_waiting(session, today),
    )


def _webhooks(session: Session, now: datetime) -> Webhooks:
    counts = session.execute(_COUNTS, {"since": (now - _DAY).date()}).all()
    events = session.execute(_EVENTS, {"hour_ago": now - _HOUR, "day_ago": now - _DAY}).one()
    return Webhooks(
        outcomes={outcome: ever for outcome, ever, _ in counts},
        recent={outcome: recent for outcome, _, recent in counts},
        last_received_at=events.last_received_at,
        arrival=max(events.arrival, timedelta()),
        unfollowed=events.unfollowed,
        oldest_unfollowed=_age(now, events.oldest_unfollowed_at),
        backfilled=events.backfilled,
    )


def _unsettled(session: Session, now: datetime) -> tuple[Unsettled, ...]:
    limits: dict[str, Any] = {name: now - most for name, (_, most) in zip("abcd", AGES, strict=True)}
    return tuple(Unsettled(*row) for row in session.execute(_UNSETTLED, limits))


def _exceptions(session: Session, now: datetime) -> tuple[Exceptions, ...]:
    asked = {
        "now": now,
        "others": int(OTHERS_WITHIN.total_seconds()),
        "kinds": list(RESPOND_WITHIN),
        "seconds": [int(within.total_seconds()) for within in RESPOND_WITHIN.values()],
    }
    return tuple(Exceptions(*row) for row in session.execute(_EXCEPTIONS, asked))


def _days_waiting(session: Session, today: date) -> int:
    waiting = seals.next_day(session)
    return max(0, (today - waiting).days) if waiting else 0


def _age(now: datetime, since: datetime | None) -> timedelta:
    return max(now - since, timedelta()) if since else timedelta()
