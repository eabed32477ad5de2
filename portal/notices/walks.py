"""The walks of the night: bills that are ready, due soon, past due, use above a level.

Each goes in pages of accounts by a key: one statement finds the page and which of it is untold, and what is untold is
queued in one transaction. A walk that was killed begins anew and passes over what it did; of two at once, the keys of
messages let each person be told by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from accounts import kill_points
from accounts.database import Reader as Session
from accounts.database import reading
from portal.messages_sent.rules import Kind
from portal.notices import matters, queries, untold
from portal.notices.queueing import tell
from portal.notices.rules import Topic
from portal.notices.untold import Due, NewBill, Reminder
from portal.wiring import Wiring

BATCH = 500
CATCH_UP = 3
"""Days for which a night that did not come is made up."""
_NEW_BILL_DAYS = 10
_READ_DAYS = 10
_FIRST = (0, date.min)
Row = TypeVar("Row")
Key = TypeVar("Key")


@dataclass(slots=True)
class Walked:
    """What a walk did: what it looked at, what of it was to be told, the messages that it made."""

    name: str
    what: str
    seen: int = 0
    untold: int = 0
    made: int = 0

    def __str__(self) -> str:
        return f"{self.name}: {self.made} messages, {self.seen - self.untold} of {self.seen} {self.what} passed over"


def bills_ready(wired: Wiring) -> str:
    """New bills of the last days about which nobody was told: those that came by an import."""
    today = wired.clock.today()

    def page(session: Session, after: tuple[date, int]) -> list[NewBill]:
        return untold.new_bills(session, today, after=after, most=BATCH)

    def topic(bill: NewBill) -> Topic | None:
        return Topic(Kind.BILL_READY, bill.account_id, str(bill.id)) if bill.is_untold else None

    def key(bill: NewBill) -> tuple[date, int]:
        return bill.billed_on, bill.id

    first = (today - timedelta(days=_NEW_BILL_DAYS), 0)
    return str(_walk(wired, Walked("bills ready", "bills"), (page, topic, key), first))


def due_soon(wired: Wiring) -> str:
    """What is due within the city's days and neither paid nor on its way."""
    policy = wired.city().city.message_policy(wired.clock.today())
    if policy is None:
        return "due soon: the city tells nobody"
    today, walked = wired.clock.today(), Walked("due soon", "due dates")
    return str(_remind(wired, walked, Reminder(Kind.DUE_SOON, today, today + timedelta(days=policy.due_soon_days))))


def past_due(wired: Wiring) -> str:
    """What was due on the city's days ago and is open still."""
    policy = wired.city().city.message_policy(wired.clock.today())
    if policy is None:
        return "past due: the city tells nobody"
    today, walked = wired.clock.today(), Walked("past due", "due dates")
    for days in policy.past_due_days:
        last = today - timedelta(days=days)
        _remind(wired, walked, Reminder(Kind.PAST_DUE, last - timedelta(days=CATCH_UP), last, f"+{days}"))
    return str(walked)


def high_use(wired: Wiring) -> str:
    """Reads above the level that somebody set, each read once."""
    since = wired.clock.today() - timedelta(days=_READ_DAYS)

    def page(session: Session, after: tuple[int, int, int]) -> list[queries.Use]:
        return queries.uses(session, since, after=after, most=BATCH)

    def topic(use: queries.Use) -> Topic | None:
        if use.is_told or matters.usage(use) <= use.level:
            return None
        return Topic(Kind.HIGH_USE, use.account_id, str(use.read_id), only=frozenset({use.person}))

    def key(use: queries.Use) -> tuple[int, int, int]:
        return use.account_id, use.recipient_id, use.read_id

    return str(_walk(wired, Walked("high use", "reads"), (page, topic, key), (0, 0, 0)))


def _remind(wired: Wiring, walked: Walked, reminder: Reminder) -> Walked:
    def page(session: Session, after: tuple[int, date]) -> list[Due]:
        return untold.open_on(session, reminder, now=wired.clock.now(), after=after, most=BATCH)

    def topic(due: Due) -> Topic | None:
        return Topic(reminder.kind, due.account_id, reminder.about(due)) if due.is_untold else None

    return _walk(wired, walked, (page, topic, lambda due: (due.account_id, due.due_on)), _FIRST)


def _walk(
    wired: Wiring,
    walked: Walked,
    how: tuple[Callable[[Session, Any], Sequence[Row]], Callable[[Row], Topic | None], Callable[[Row], Key]],
    first: Key,
) -> Walked:
    """Page after page: found after a key, what of it is to tell, the key of its last."""
    page, topic, key = how
    after = first
    while True:
        with reading(wired.sessions) as session:
            found = page(session, after)
        if not found:
            return walked
        topics = [one for one in map(topic, found) if one is not None]
        walked.seen += len(found)
        walked.untold += len(topics)
        if topics:
            walked.made += tell(wired, topics)
            kill_points.reached("notices.page-queued")
        after = key(found[-1])
