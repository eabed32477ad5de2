"""The step that makes messages of topics: planned by what people chose, each once, left to the queue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.cities.rules import City
from accounts.database import transaction
from accounts.message_choices.queries import Person, address_states, choices_of
from accounts.message_choices.rules import Choices, address_digest
from portal.i18n import day_in
from portal.notices.queries import people_named, people_of
from portal.notices.rules import Known, Planned, Reader, Topic, addresses_of, planned
from portal.wiring import Wiring

FACT = "message_queued"
_QUEUE = text("""
    WITH wanted AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (
            key text, topic text, channel text, kind text, customer bigint, actor bigint, masked text, digest text,
            language text, about text, account bigint, due timestamptz, wait double precision)),
    made AS (
        INSERT INTO messages_sent (key, topic, at, due_at, channel, kind, customer_id, actor_id, to_masked, to_digest,
                                   language, about, state)
        SELECT key, topic, :at, due, channel, kind, customer, actor, masked, decode(digest, 'hex'), language, about,
               'queued'
          FROM wanted ON CONFLICT DO NOTHING RETURNING id, key),
    accounts AS (
        INSERT INTO message_accounts (message_id, customer_account_id)
        SELECT m.id, w.account FROM made m JOIN wanted w USING (key) WHERE w.account IS NOT NULL),
    events AS (
        INSERT INTO message_events (message_id, event, code, at)
        SELECT id, 'queued', '', CAST(:at AS timestamptz) FROM made)
    SELECT coalesce(cardinality(procrastinate_defer_jobs_v1(array_agg(
        ROW('facts', CAST(:fact AS text), 0, NULL, NULL, jsonb_build_object('message_id', m.id),
            CASE WHEN w.wait > 0 THEN now() + make_interval(secs => w.wait) END)::procrastinate_job_to_defer_v1
        ORDER BY m.id))), 0)
      FROM made m JOIN wanted w USING (key)""")
"""One call leaves a whole page to the queue: one for each message took longer than all else together."""


def tell(wired: Wiring, topics: Sequence[Topic]) -> int:
    """Use case: queue what these topics have to say; how many messages are new."""
    with transaction(wired.sessions) as session:
        made = queue_topics(session, wired.city().city, wired.proof_key, topics, now=wired.clock.now())
        kill_points.reached("notices.queued")
    return made


def queue_topics(session: Session, city: City, secret: bytes, topics: Sequence[Topic], *, now: datetime) -> int:
    """Step: queue what these topics have to say to whom; how many messages are new.

    Five statements, however many topics. Twice the same topic makes nothing twice: keys are unique.
    """
    policy = city.message_policy(day_in(now, city.identity.time_zone))
    if policy is None or not topics:
        return 0
    readers = _readers(session, topics)
    choices = choices_of(session, {one.person for one in readers})
    states = address_states(session, _digests(secret, readers, choices))
    identity = city.identity
    known = Known(policy, secret, identity.time_zone, identity.offered, choices, states, now)
    found = _Found(readers)
    rows = [_row(message, now) for topic in topics for message in planned(topic, found.of(topic), known)]
    if not rows:
        return 0
    return session.scalar(_QUEUE, {"rows": json.dumps(rows), "at": now, "fact": FACT}) or 0


class _Found:
    """The readers of many topics, so that each topic looks at its own only."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._by_account: dict[int, list[Reader]] = {}
        self._named: dict[Person, tuple[int, Reader]] = {}
        for place, reader in enumerate(readers):
            if reader.account_id is None:
                self._named[reader.person] = (place, reader)
            else:
                self._by_account.setdefault(reader.account_id, []).append(reader)

    def of(self, topic: Topic) -> list[Reader]:
        if not topic.only:
            return [] if topic.account_id is None else self._by_account.get(topic.account_id, [])
        return [
            reader
            for _, reader in sorted((self._named[one] for one in topic.only if one in self._named), key=itemgetter(0))
        ]


def _readers(session: Session, topics: Sequence[Topic]) -> list[Reader]:
    accounts = {topic.account_id for topic in topics if not topic.only and topic.account_id is not None}
    named: set[Person] = set().union(*(topic.only for topic in topics))
    return (people_of(session, accounts) if accounts else []) + (people_named(session, named) if named else [])


def _digests(secret: bytes, readers: Sequence[Reader], choices: dict[Person, Choices]) -> set[bytes]:
    return {
        address_digest(secret, channel, to)
        for reader in readers
        for channel, to in addresses_of(reader, choices[reader.person]).items()
    }


def _row(message: Planned, now: datetime) -> dict[str, object]:
    topic, person = message.topic, message.person
    wait = max(0.0, (message.due_at - now).total_seconds()) if message.due_at else 0.0
    return {
        "key": message.key, "topic": topic.name, "channel": message.channel, "kind": topic.kind.value,
        "customer": person.customer_id, "actor": person.actor_id, "masked": message.masked,
        "digest": message.digest.hex(), "language": message.language, "about": topic.about,
        "account": topic.account_id, "due": message.due_at.isoformat() if message.due_at else None, "wait": wait,
    }  # fmt: skip
