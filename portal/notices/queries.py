"""An account's people and what there is to tell them. Each is one statement, however many accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.database import Reader as Session
from accounts.database import query
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import Unit
from portal.notices.rules import Reader

_ON_FILE = """
    SELECT {account} AS account_id, c.id AS customer_id, NULL::bigint AS actor_id, c.email, c.language,
           true AS gets_copies
      FROM {tables}"""
_RESIDENT = """
    SELECT {account} AS account_id, NULL::bigint, s.actor_id, coalesce(s.email, ''), s.language, {copies}
      FROM {tables}"""
_COLUMNS = ("account_id", "customer_id", "actor_id", "email", "language", "gets_copies")
_PEOPLE = query(
    _ON_FILE.format(account="a.id", tables="customer_accounts a JOIN customers c ON c.id = a.customer_id")
    + " WHERE a.id = ANY (:accounts) UNION ALL "
    + _RESIDENT.format(
        account="l.customer_account_id", copies="l.gets_copies",
        tables="account_links l JOIN resident_sign_ins s ON s.actor_id = l.actor_id",
    )
    + " WHERE l.customer_account_id = ANY (:accounts) AND l.ended_at IS NULL ORDER BY 1, 3, 2",
    *_COLUMNS,
)  # fmt: skip
_NAMED = query(
    _ON_FILE.format(account="NULL::bigint", tables="customers c")
    + " WHERE c.id = ANY (:customers) UNION ALL "
    + _RESIDENT.format(account="NULL::bigint", copies="true", tables="resident_sign_ins s")
    + " WHERE s.actor_id = ANY (:actors) ORDER BY 3, 2",
    *_COLUMNS,
)


def people_of(session: Session, account_ids: Collection[int]) -> list[Reader]:
    """The customer on file of each account, and its residents."""
    return [_reader(row) for row in session.execute(_PEOPLE, {"accounts": list(set(account_ids))})]


def people_named(session: Session, people: Collection[Person]) -> list[Reader]:
    """These people, whatever accounts they have."""
    values = {
        "customers": [one.customer_id for one in people if one.customer_id is not None],
        "actors": [one.actor_id for one in people if one.actor_id is not None],
    }
    return [_reader(row) for row in session.execute(_NAMED, values)]


def _reader(row: Any) -> Reader:
    return Reader(
        Person(row.customer_id, row.actor_id), row.email or "", row.language, row.account_id, row.gets_copies
    )


PENDING = """coalesce((SELECT sum(p.amount_cents) FROM pending_payments p
                        WHERE p.customer_account_id = c.customer_account_id AND p.expires_at > :now), 0)"""


def was_told(topic: str, person: str) -> str:
    """SQL: whether a topic reached a person, or is about to; what failed, came back or was dropped told nobody.

    ``OFFSET 0`` has the database ask for each row, by the index of topics, rather than read the log to ask once.
    """
    return f"""EXISTS (
        SELECT FROM messages_sent m
         WHERE m.topic <> '' AND m.topic = {topic} AND {person}
           AND m.state NOT IN ('failed', 'bounced', 'dropped') OFFSET 0)"""


@dataclass(frozen=True, slots=True)
class Use:
    """What one meter of an account measured between two reads, and what somebody wants to be told above."""

    account_id: int
    person: Person
    recipient_id: int
    read_id: int
    level: Decimal
    level_unit: Unit
    unit: Unit
    dials: int
    multiplier: Decimal
    value: int
    former: int
    read_on: date
    former_on: date
    is_told: bool
    """They heard of this read."""


_TOLD_OF_USE = was_told(
    "'high-use:' || u.customer_account_id || ':' || t.id",
    "(m.customer_id = r.customer_id OR m.actor_id = r.actor_id)",
)
_USES = query(
    f"""
    SELECT u.customer_account_id AS account_id, u.recipient_id, r.customer_id, r.actor_id, u.level,
           u.unit AS level_unit, m.unit, m.dials, m.multiplier, t.id AS read_id, t.value, t.read_on,
           f.value AS former, f.read_on AS former_on, {_TOLD_OF_USE} AS is_told
      FROM use_levels u
      JOIN message_recipients r ON r.id = u.recipient_id
      JOIN customer_accounts a ON a.id = u.customer_account_id AND a.status = 'open'
      JOIN meters m ON m.premises_id = a.premises_id
      JOIN LATERAL (SELECT id, value, read_on FROM meter_reads
                     WHERE meter_id = m.id AND kind <> 'estimated' ORDER BY read_on DESC, id DESC LIMIT 1) t ON true
      JOIN LATERAL (SELECT value, read_on FROM meter_reads
                     WHERE meter_id = m.id AND read_on < t.read_on ORDER BY read_on DESC, id DESC LIMIT 1) f ON true
     WHERE t.read_on >= :since AND (a.opened_on IS NULL OR f.read_on >= a.opened_on)
       AND u.customer_account_id >= :account AND a.id >= :account
       AND (u.customer_account_id, u.recipient_id, t.id) > (:account, :recipient, :after_read)
       AND (CAST(:read AS bigint) IS NULL OR t.id = :read)
     ORDER BY 1, 2, t.id LIMIT :most""",  # noqa: S608 - our own words
    "account_id", "recipient_id", "customer_id", "actor_id", "level", "level_unit", "unit", "dials", "multiplier",
    "read_id", "value", "read_on", "former", "former_on", "is_told",
)  # fmt: skip


def uses(
    session: Session, since: date, *, after: tuple[int, int, int] = (0, 0, 0), most: int, read_id: int | None = None
) -> list[Use]:
    """The newest use of each meter that somebody watches, read since a day; estimates ring no bell.

    ``after``: the account, the recipient and the read of the last one, as an account may have several meters.
    """
    values = {
        "since": since, "account": after[0], "recipient": after[1], "after_read": after[2], "most": most,
        "read": read_id,
    }  # fmt: skip
    return [
        Use(
            row.account_id, Person(row.customer_id, row.actor_id), row.recipient_id, row.read_id, row.level,
            Unit(row.level_unit), Unit(row.unit), row.dials, row.multiplier, row.value, row.former, row.read_on,
            row.former_on, row.is_told,
        )
        for row in session.execute(_USES, values)
    ]  # fmt: skip


_LINK_PEOPLE = query(
    """
    SELECT l.customer_account_id AS account_id, l.actor_id, l.ended_by, a.customer_id,
           (SELECT array_agg(h.actor_id ORDER BY h.id) FROM account_links h
             WHERE h.customer_account_id = l.customer_account_id AND h.ended_at IS NULL AND h.standing = 'holder')
           AS holders
      FROM account_links l JOIN customer_accounts a ON a.id = l.customer_account_id WHERE l.id = :id""",
    "account_id", "actor_id", "ended_by", "customer_id", "holders",
)  # fmt: skip


def told_of_link(session: Session, link_id: int, *, ended: bool) -> tuple[int, frozenset[Person]] | None:
    """The account of a link, and who is told of it: the customer on file and other holders.

    Of its end also whoever lost it, unless they gave it up themselves.
    """
    row = session.execute(_LINK_PEOPLE, {"id": link_id}).one_or_none()
    if row is None:
        return None
    people = {Person(customer_id=row.customer_id)}
    people |= {Person(actor_id=holder) for holder in row.holders or () if holder != row.actor_id}
    if ended and row.ended_by != row.actor_id:
        people.add(Person(actor_id=row.actor_id))
    return row.account_id, frozenset(people)


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """Who wanted to pay what: where the receipt was to go, in which language, for which accounts, with the fee."""

    email: str
    language: str
    cents: int
    accounts: tuple[int, ...]


_FAILED = query(
    """
    SELECT t.email, t.language, (t.amount_cents + t.fee_cents)::bigint AS cents,
           (SELECT array_agg(l.customer_account_id ORDER BY l.id) FROM attempt_lines l WHERE l.attempt_id = t.id)
           AS accounts
      FROM attempts t WHERE t.id = :id AND t.state = 'failed'""",
    "email", "language", "cents", "accounts",
)  # fmt: skip


def failed_attempt(session: Session, attempt_id: str) -> FailedAttempt | None:
    """An attempt that failed; none, if it was paid after all."""
    row = session.execute(_FAILED, {"id": attempt_id}).one_or_none()
    return None if row is None else FailedAttempt(row.email, row.language, row.cents, tuple(row.accounts))


_BILL_ACCOUNT = query("SELECT customer_account_id AS account_id FROM bills WHERE id = :id", "account_id")
_BY_REFERENCE = query(
    "SELECT id, reference FROM customer_accounts WHERE reference = ANY (:references)", "id", "reference"
)


def bill_account(session: Session, bill_id: int) -> int | None:
    """Whose bill it is."""
    row = session.execute(_BILL_ACCOUNT, {"id": bill_id}).one_or_none()
    return None if row is None else int(row.account_id)


def accounts_by_reference(session: Session, references: Collection[str]) -> dict[str, int]:
    """The ids of accounts by reference."""
    return {row.reference: row.id for row in session.execute(_BY_REFERENCE, {"references": list(references)})}
