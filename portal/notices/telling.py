"""What a message of each kind is about, as it stands now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from accounts.database import Reader as Session
from accounts.message_choices.queries import Person
from payments.receipts.queries import receipt_by_id
from portal.messages_sent.rules import Kind
from portal.notices import matters, queries
from portal.notices.matters import Matter

_ANY_RECIPIENT = 2**62
ATTEMPT = "pa_"
"""With what the id of an attempt begins; that of a return is a number."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of the log that is to leave, and when it is looked at."""

    id: int
    kind: Kind
    channel: str
    person: Person
    account_id: int | None
    about: str
    topic: str
    digest: bytes
    now: datetime
    today: date

    @property
    def number(self) -> int:
        """The id that ``about`` begins with."""
        return int(self.about.partition("/")[0])

    @property
    def day(self) -> date:
        """The day that ``about`` begins with."""
        return date.fromisoformat(self.about.partition("+")[0])


def matter_of(session: Session, pending: Pending) -> Matter:
    """What a message says now; ``over`` where it says nothing any more."""
    without = _WITHOUT_ACCOUNT.get(pending.kind)
    if without is not None:
        return without(session, pending.number)
    if pending.account_id is None:
        return Matter(over="over")
    return _WITH_ACCOUNT[pending.kind](session, pending, pending.account_id)


def _due_soon(session: Session, pending: Pending, account_id: int) -> Matter:
    if pending.day < pending.today:
        return Matter(over="over")
    return matters.open_matter(session, account_id, pending.day, pending.day, pending.now)


def _past_due(session: Session, pending: Pending, account_id: int) -> Matter:
    return matters.open_matter(session, account_id, pending.day, pending.day, pending.now)


def _returned(session: Session, pending: Pending, account_id: int) -> Matter:
    if pending.about.startswith(ATTEMPT):
        return matters.attempt_matter(session, account_id, pending.about)
    return matters.return_matter(session, account_id, pending.number)


def _high_use(session: Session, pending: Pending, account_id: int) -> Matter:
    after = (account_id - 1, _ANY_RECIPIENT, 0)
    found = queries.uses(session, date.min, after=after, most=100, read_id=pending.number)
    use = next((one for one in found if (one.account_id, one.person) == (account_id, pending.person)), None)
    if use is None or matters.usage(use) <= use.level:
        return Matter(over="over")
    account = matters.account_matter(session, account_id)
    return Matter(account.reference, account.kind, use=use)


def _received(session: Session, pending: Pending, account_id: int) -> Matter:
    receipt, account = receipt_by_id(session, pending.number), matters.account_matter(session, account_id)
    here = [] if receipt is None else [one for one in receipt.content.accounts if one.reference == account.reference]
    if receipt is None or not here:
        return Matter(over="over")
    return Matter(account.reference, account.kind, here[0].paid.cents, number=receipt.number, at=receipt.issued_at)


_WITHOUT_ACCOUNT: dict[Kind, Callable[[Session, int], Matter]] = {
    Kind.REQUEST_ANSWERED: matters.case_matter,
    Kind.ACCOUNT_LINKED: matters.link_matter,
    Kind.ACCOUNT_UNLINKED: matters.link_matter,
    Kind.BILL_READY: matters.bill_matter,
}
_WITH_ACCOUNT: dict[Kind, Callable[[Session, Pending, int], Matter]] = {
    Kind.DUE_SOON: _due_soon,
    Kind.PAST_DUE: _past_due,
    Kind.PAYMENT_FAILED: _returned,
    Kind.HIGH_USE: _high_use,
    Kind.PAYMENT_RECEIVED: _received,
}
