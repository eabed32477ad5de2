"""What the walks of the night look at, a page of keys at a time, and which of it somebody has yet to hear of.

A page is cut by its keys alone, and each key is then asked whether it has been told, by the index of topics: so a
page costs the same at the end of a city as at its beginning, and in a year of messages as on the first night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accounts.database import Reader as Session
from accounts.database import query
from portal.messages_sent.rules import Kind
from portal.notices.queries import PENDING, was_told

_HOLDER = """
    SELECT FROM customer_accounts a JOIN customers c ON c.id = a.customer_id
      LEFT JOIN message_recipients r ON r.customer_id = c.id
     WHERE a.id = p.account_id AND (coalesce(c.email, '') <> '' OR coalesce(r.text_number, '') <> '')"""
"""The customer on file, if there is any way to reach them."""
_RESIDENT = """
    SELECT FROM account_links l
     WHERE l.customer_account_id = p.account_id AND l.ended_at IS NULL AND l.gets_copies"""
_IS_RESIDENT = """
    EXISTS (SELECT FROM account_links o JOIN resident_sign_ins s ON s.actor_id = o.actor_id
             WHERE o.customer_account_id = a.id AND o.ended_at IS NULL AND s.email = lower(btrim(c.email))
            OFFSET 0)"""
"""Their address is that of a resident of the account, who is told instead of them."""
_UNTOLD = f"""
    EXISTS ({_HOLDER} AND NOT {_IS_RESIDENT} AND NOT {was_told("p.topic", "m.customer_id = c.id")} OFFSET 0)
    OR EXISTS ({_RESIDENT} AND NOT {was_told("p.topic", "m.actor_id = l.actor_id")} OFFSET 0)"""
_OPEN_ON = query(
    f"""
    WITH page AS MATERIALIZED (
        SELECT c.customer_account_id AS account_id, c.due_on,
               :kind || ':' || c.customer_account_id || ':' || to_char(c.due_on, 'YYYY-MM-DD') || :suffix AS topic
          FROM charges c
         WHERE c.open_cents > 0 AND c.due_on BETWEEN :first AND :last
           AND (c.customer_account_id, c.due_on) > (:after, :day)
         GROUP BY 1, 2 HAVING sum(c.open_cents) > {PENDING}
         ORDER BY 1, 2 LIMIT :most)
    SELECT p.account_id, p.due_on, {_UNTOLD} AS is_untold FROM page p ORDER BY 1, 2""",  # noqa: S608 - our own words
    "account_id", "due_on", "is_untold",
)  # fmt: skip
_NEW_BILLS = query(
    f"""
    WITH page AS MATERIALIZED (
        SELECT b.billed_on, b.id, b.customer_account_id AS account_id,
               'bill-ready:' || b.customer_account_id || ':' || b.id AS topic
          FROM bills b
         WHERE (b.billed_on, b.id) > (:day, :after) AND b.billed_on <= :last
           AND EXISTS (SELECT FROM charges c WHERE c.bill_id = b.id AND c.open_cents > 0 OFFSET 0)
         ORDER BY b.billed_on, b.id LIMIT :most)
    SELECT p.billed_on, p.id, p.account_id,
           NOT EXISTS (SELECT FROM messages_sent m WHERE m.topic <> '' AND m.topic = p.topic OFFSET 0)
           AND (EXISTS ({_HOLDER} OFFSET 0) OR EXISTS ({_RESIDENT} OFFSET 0)) AS is_untold
      FROM page p ORDER BY 1, 2""",  # noqa: S608 - our own words
    "billed_on",
    "id",
    "account_id",
    "is_untold",
)


@dataclass(frozen=True, slots=True)
class Due:
    """An account with something open of a due date that no payment is on its way for."""

    account_id: int
    due_on: date
    is_untold: bool
    """Somebody of the account has yet to hear of it, and can be reached."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Which reminder: of what was or is due in these days; ``suffix`` ends what its messages are about."""

    kind: Kind
    first: date
    last: date
    suffix: str = ""

    def about(self, due: Due) -> str:
        """What a message of it is about."""
        return f"{due.due_on.isoformat()}{self.suffix}"


def open_on(session: Session, reminder: Reminder, *, now: datetime, after: tuple[int, date], most: int) -> list[Due]:
    """What is open of the days of a reminder, after a key."""
    values = {
        "kind": reminder.kind.value, "suffix": reminder.suffix, "first": reminder.first, "last": reminder.last,
        "now": now, "after": after[0], "day": after[1], "most": most,
    }  # fmt: skip
    return [Due(*row) for row in session.execute(_OPEN_ON, values)]


@dataclass(frozen=True, slots=True)
class NewBill:
    """A bill of these days of which something is open."""

    billed_on: date
    id: int
    account_id: int
    is_untold: bool
    """Nobody was told of it, and somebody can be reached."""


def new_bills(session: Session, last: date, *, after: tuple[date, int], most: int) -> list[NewBill]:
    """The bills until a day, after a key."""
    rows = session.execute(_NEW_BILLS, {"last": last, "day": after[0], "after": after[1], "most": most})
    return [NewBill(*row) for row in rows]
