"""Which promises to pay online find nothing left to pay once a sale is taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.errors import Conflict
from accounts.money import ZERO, Money


class PaidOnline(Conflict):
    """The processor was asked, and it was paid there just now: nothing was taken. ``facts["amount"]``."""


class PageStillOpen(Conflict):
    """Pages at the processor could not be closed, so they may be paid too: those of ``attempts``."""

    def __init__(self, attempts: Iterable[str]) -> None:
        self.attempts = tuple(sorted(attempts))
        super().__init__("a page could not be closed", attempts=self.attempts)


@dataclass(frozen=True, slots=True)
class Promised:
    """What one account is about to be paid online.

    ``attempt_id`` is empty for a link by which nobody has gone on to pay; ``link_id`` is none where no link led
    there. ``quoted`` is what the account owed when that was promised.
    """

    attempt_id: str
    token: str
    session_id: str | None
    link_id: int | None
    account_id: int
    amount: Money
    quoted: Money
    begun_at: datetime


def displaced(
    promises: Iterable[Promised], owed: Mapping[int, Money], sold: Mapping[int, Money]
) -> tuple[Promised, ...]:
    """Those for which too little is left to pay, once what is ``sold`` is taken off what is ``owed``, by account.

    The first begun has the first claim on what is left, so that a link for the rest of a sale stands. A promise of
    more than was owed means to pay ahead: no sale stands in its way.
    """
    left = {account: max(owed.get(account, ZERO) - amount, ZERO) for account, amount in sold.items()}
    found = []
    for one in sorted(promises, key=lambda one: (one.begun_at, one.attempt_id, one.link_id or 0)):
        if one.account_id not in left or one.amount > one.quoted:
            continue
        if one.amount <= left[one.account_id]:
            left[one.account_id] -= one.amount
        else:
            found.append(one)
    return tuple(found)
