"""The log of messages: of an account, of a resident, of all with filters; newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.database import Reader, query
from portal.messages_sent.rules import Kind, LogChannel, State

PAGE = 25
_NAMES = (
    "id", "at", "channel", "kind", "to_masked", "language", "about", "state", "code", "changed_at", "due_at",
    "asked_by", "reference",
)  # fmt: skip
_LINE = """
    SELECT m.id, m.at, m.channel, m.kind, m.to_masked, m.language, m.about, m.state, coalesce(e.code, '') AS code,
           coalesce(e.at, m.at) AS changed_at, CASE WHEN m.state = 'queued' THEN m.due_at END AS due_at,
           coalesce(a.display_name, '') AS asked_by, {reference} AS reference
      FROM {tables} LEFT JOIN actors a ON a.id = m.asked_by
      LEFT JOIN LATERAL (SELECT code, at FROM message_events WHERE message_id = m.id
                          ORDER BY id DESC LIMIT 1) e ON true
     WHERE {where} AND (CAST(:before AS bigint) IS NULL OR m.id < :before)
     ORDER BY m.id DESC LIMIT :most"""
_ACCOUNTS = "message_accounts x JOIN messages_sent m ON m.id = x.message_id"
_FIRST = """(SELECT c.reference FROM message_accounts x JOIN customer_accounts c ON c.id = x.customer_account_id
              WHERE x.message_id = m.id ORDER BY c.id LIMIT 1)"""
_OF_ACCOUNT = query(
    _LINE.format(reference="''", tables=_ACCOUNTS, where="x.customer_account_id = :account").replace(
        "m.id < :before", "x.message_id < :before"
    ),
    *_NAMES,
)
_OF_RESIDENT = query(_LINE.format(reference=_FIRST, tables="messages_sent m", where="m.actor_id = :actor"), *_NAMES)
_SEEN = """
    NOT EXISTS (SELECT FROM message_accounts x JOIN customer_accounts c ON c.id = x.customer_account_id
                 WHERE x.message_id = m.id
                   AND ((c.is_protected AND NOT :sees_protected) OR (c.is_restricted AND NOT :sees_restricted)))"""
_ALL = query(
    _LINE.format(
        reference=_FIRST,
        tables="messages_sent m",
        where=f"""(:state = '' OR m.state = :state) AND (:kind = '' OR m.kind = :kind)
       AND (:channel = '' OR m.channel = :channel)
       AND (CAST(:since AS timestamptz) IS NULL OR m.at >= :since)
       AND (CAST(:until AS timestamptz) IS NULL OR m.at < :until) AND {_SEEN}""",
    ),
    *_NAMES,
)
_SINCE = query("SELECT state, count(*) AS many FROM messages_sent WHERE at >= :since GROUP BY 1", "state", "many")
_EVENTS = query(
    "SELECT message_id, event, code, at FROM message_events WHERE message_id = ANY (:ids) ORDER BY id",
    "message_id", "event", "code", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message and where it is. ``asked_by`` is empty where it followed from what happened.

    ``code`` is why it is there: our own word, or the other side's code. ``reference``: of its account, in lists.
    """

    id: int
    at: datetime
    channel: LogChannel
    kind: Kind
    to_masked: str
    language: str
    about: str
    state: State
    code: str
    changed_at: datetime
    due_at: datetime | None
    asked_by: str
    reference: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    messages: tuple[SentMessage, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages of all; empty: any."""

    state: str = ""
    kind: str = ""
    channel: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a message."""

    event: str
    code: str
    at: datetime


def messages_of(session: Reader, account_id: int, *, before: int | None = None, limit: int = PAGE) -> MessagesPage:
    """One page of what was sent about an account. One statement."""
    rows = session.execute(_OF_ACCOUNT, {"account": account_id, "before": before, "most": limit + 1})
    return _page(map(_message, rows), limit)


def messages_to(session: Reader, actor_id: int, *, before: int | None = None, limit: int = PAGE) -> MessagesPage:
    """One page of what a resident got. One statement."""
    rows = session.execute(_OF_RESIDENT, {"actor": actor_id, "before": before, "most": limit + 1})
    return _page(map(_message, rows), limit)


def all_messages(
    session: Reader,
    filters: Filters,
    *,
    sees_protected: bool,
    sees_restricted: bool,
    before: int | None = None,
    limit: int = PAGE,
) -> MessagesPage:
    """One page of everything that was sent, but for what is about a hidden file. One statement."""
    values = {
        "state": filters.state, "kind": filters.kind, "channel": filters.channel, "since": filters.since,
        "until": filters.until, "sees_protected": sees_protected, "sees_restricted": sees_restricted,
        "before": before, "most": limit + 1,
    }  # fmt: skip
    rows = session.execute(_ALL, values)
    return _page(map(_message, rows), limit)


@dataclass(frozen=True, slots=True)
class Day:
    """How many messages there were, and where they are."""

    left: int
    waiting: int
    returned: int
    dropped: int

    @property
    def all(self) -> int:
        return self.left + self.waiting + self.returned + self.dropped


def came_since(session: Reader, moment: datetime) -> Day:
    """Where the messages are that came up since a moment. One statement."""
    found = {State(row.state): row.many for row in session.execute(_SINCE, {"since": moment})}

    def many(*states: State) -> int:
        return sum(found.get(one, 0) for one in states)

    return Day(
        left=many(State.SENT, State.DELIVERED, State.PRINTED),
        waiting=many(State.QUEUED, State.SENDING, State.DELAYED),
        returned=many(State.FAILED, State.BOUNCED),
        dropped=many(State.DROPPED),
    )


def events_of(session: Reader, message_ids: list[int]) -> dict[int, list[Event]]:
    """What happened to each, oldest first. One statement."""
    found: dict[int, list[Event]] = {id_: [] for id_ in message_ids}
    for row in session.execute(_EVENTS, {"ids": message_ids}):
        found[row.message_id].append(Event(row.event, row.code, row.at))
    return found


def _message(row: Any) -> SentMessage:
    return SentMessage(*row[:3], Kind(row.kind), *row[4:7], State(row.state), *row[8:])  # type: ignore[call-arg]


def _page(messages: Iterable[SentMessage], limit: int) -> MessagesPage:
    found = list(messages)
    return MessagesPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)
