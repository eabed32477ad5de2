"""What people have chosen, what is known of addresses, who has bills without paper. One statement each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.database import Reader, query
from accounts.message_choices.rules import NOTHING_CHOSEN, AddressState, Choices, Unit, Way, state_after

PAPERLESS, PAPERLESS_ASKED, TEXTS = "paperless", "paperless-asked", "texts"
"""Kinds of consent; what was asked for at the counter is one once it is confirmed."""


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """A customer on file, or a resident; exactly one of both."""

    customer_id: int | None = None
    actor_id: int | None = None


_CHOICES = query(
    """
    SELECT r.customer_id, r.actor_id, r.language, r.quiet_from, r.quiet_until,
           CASE WHEN e.consent_id IS NULL THEN r.text_number ELSE '' END AS text_number,
           (SELECT jsonb_object_agg(kind, way) FROM message_choices WHERE recipient_id = r.id) AS ways
      FROM message_recipients r LEFT JOIN consent_revocations e ON e.consent_id = r.text_consent_id
     WHERE r.customer_id = ANY (:customers) OR r.actor_id = ANY (:actors)""",
    "customer_id", "actor_id", "language", "quiet_from", "quiet_until", "text_number", "ways",
)  # fmt: skip


def choices_of(session: Reader, people: Collection[Person]) -> dict[Person, Choices]:
    """What each has chosen; who has chosen nothing is there too."""
    values = {
        "customers": [one.customer_id for one in people if one.customer_id is not None],
        "actors": [one.actor_id for one in people if one.actor_id is not None],
    }
    found = {
        Person(row.customer_id, row.actor_id): Choices(
            ways={kind: Way(way) for kind, way in (row.ways or {}).items()},
            language=row.language,
            quiet=None if row.quiet_from is None else (row.quiet_from, row.quiet_until),
            text_number=row.text_number,
        )
        for row in session.execute(_CHOICES, values)
    }
    return {person: found.get(person, NOTHING_CHOSEN) for person in people}


_EVENTS = query(
    "SELECT digest, array_agg(event ORDER BY id) AS events FROM address_events WHERE digest = ANY (:digests)"
    " GROUP BY digest",
    "digest", "events",
)  # fmt: skip


def address_states(session: Reader, digests: Iterable[bytes]) -> dict[bytes, AddressState]:
    """What is known of each address; those of which nothing is known are good and not in it."""
    rows = session.execute(_EVENTS, {"digests": list(set(digests))})
    return {bytes(row.digest): state_after(row.events) for row in rows}


@dataclass(frozen=True, slots=True)
class AddressNote:
    """Something that happened to an address, as the counter reads it."""

    event: str
    code: str
    at: datetime
    by: str


_HISTORY = query(
    """
    SELECT e.event, e.code, e.at, coalesce(a.display_name, '') AS by
      FROM address_events e LEFT JOIN actors a ON a.id = e.actor_id WHERE e.digest = :digest ORDER BY e.id""",
    "event", "code", "at", "by",
)  # fmt: skip


def address_history(session: Reader, digest: bytes) -> list[AddressNote]:
    """All that happened to one address, oldest first."""
    return [AddressNote(*row) for row in session.execute(_HISTORY, {"digest": digest})]


@dataclass(frozen=True, slots=True)
class Level:
    """Somebody wants to know when an account's use is above this."""

    account_id: int
    level: Decimal
    unit: Unit


_LEVELS = query(
    """
    SELECT u.customer_account_id, u.level, u.unit
      FROM use_levels u JOIN message_recipients r ON r.id = u.recipient_id
     WHERE r.customer_id = :customer OR r.actor_id = :actor ORDER BY 1""",
    "customer_account_id", "level", "unit",
)  # fmt: skip


def levels_of(session: Reader, person: Person) -> dict[int, Level]:
    """By account, what a person has asked to be told of."""
    rows = session.execute(_LEVELS, {"customer": person.customer_id, "actor": person.actor_id})
    return {row.customer_account_id: Level(row.customer_account_id, row.level, Unit(row.unit)) for row in rows}


@dataclass(frozen=True, slots=True)
class Paperless:
    """A consent to bills without paper that holds."""

    consent_id: int
    account_id: int
    actor_id: int
    language: str
    text_version: str
    agreed_at: datetime
    method: str
    asked_by: str
    way: str
    """Who asked for it at the counter, and how; empty, where they agreed online."""
    recorded_by: str


_PAPERLESS = query(
    """
    SELECT DISTINCT ON (c.customer_account_id) c.id, c.customer_account_id, c.actor_id, c.language, c.text_version,
           c.agreed_at, c.method, coalesce(c.evidence->>'asked_by', '') AS asked_by,
           coalesce(c.evidence->>'way', '') AS way, a.display_name AS recorded_by
      FROM consents c JOIN actors a ON a.id = c.actor_id
     WHERE c.kind = 'paperless' AND c.customer_account_id = ANY (:accounts)
       AND NOT EXISTS (SELECT FROM consent_revocations e WHERE e.consent_id = c.id)
     ORDER BY c.customer_account_id, c.id DESC""",
    "id", "customer_account_id", "actor_id", "language", "text_version", "agreed_at", "method", "asked_by", "way",
    "recorded_by",
)  # fmt: skip


def paperless(session: Reader, account_ids: Sequence[int]) -> dict[int, Paperless]:
    """Which of these accounts get no bill on paper, and by whose consent."""
    rows = session.execute(_PAPERLESS, {"accounts": list(account_ids)})
    return {row.customer_account_id: Paperless(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Bills without paper that were asked for at the counter and wait for the confirmation."""

    id: int
    account_id: int
    customer_id: int
    language: str
    asked_by: str
    way: str
    at: datetime
    recorded_by: str


_ASKED = """
    SELECT c.id, c.customer_account_id, (c.evidence->>'customer')::bigint AS customer_id, c.language,
           c.evidence->>'asked_by' AS asked_by, c.method, c.agreed_at, a.display_name AS recorded_by
      FROM consents c JOIN actors a ON a.id = c.actor_id
     WHERE c.kind = 'paperless-asked'
       AND NOT EXISTS (SELECT FROM consent_revocations e WHERE e.consent_id = c.id) AND {which}
     ORDER BY c.id DESC LIMIT 1"""
_ASKED_NAMES = (
    "id", "customer_account_id", "customer_id", "language", "asked_by", "method", "agreed_at", "recorded_by",
)  # fmt: skip
_ASKED_OF_ACCOUNT = query(
    _ASKED.format(which="c.customer_account_id = :account AND c.agreed_at > :since"), *_ASKED_NAMES
)
_ASKED_BY_ID = query(_ASKED.format(which="c.id = :id"), *_ASKED_NAMES)


def paperless_asked(session: Reader, account_id: int, since: datetime) -> AskedFor | None:
    """What was asked for of an account since then and not taken back."""
    row = session.execute(_ASKED_OF_ACCOUNT, {"account": account_id, "since": since}).one_or_none()
    return None if row is None else AskedFor(*row)


def asked_paperless(session: Reader, asked_id: int) -> AskedFor | None:
    """One that was asked for, however long ago."""
    row = session.execute(_ASKED_BY_ID, {"id": asked_id}).one_or_none()
    return None if row is None else AskedFor(*row)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number that waits for its code."""

    number: str
    expires_at: datetime
    language: str


_WAITING = query(
    """
    SELECT w.number, w.expires_at, w.language
      FROM text_confirmations w JOIN message_recipients r ON r.id = w.recipient_id
     WHERE (r.customer_id = :customer OR r.actor_id = :actor) AND w.expires_at > :now""",
    "number", "expires_at", "language",
)  # fmt: skip


def waiting_number(session: Reader, person: Person, now: datetime) -> Waiting | None:
    """The number that a person is asked to confirm, if there is one."""
    values = {"customer": person.customer_id, "actor": person.actor_id, "now": now}
    row = session.execute(_WAITING, values).one_or_none()
    return None if row is None else Waiting(*row)
