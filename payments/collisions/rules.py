"""Which promises to pay online find nothing left to pay once money is taken, and who decides then. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.errors import Conflict
from accounts.money import ZERO, Money, total
from payments.attempts.rules import LIVE, State


class PaidOnline(Conflict):
    """It was paid online just now, by those of ``attempts``: nothing was taken. ``facts["amount"]``."""

    def __init__(self, attempts: Iterable[str], amount: Money = ZERO) -> None:
        self.attempts, self.amount = tuple(sorted(attempts)), amount
        super().__init__("it was paid online", amount=amount)


class PageStillOpen(Conflict):
    """Pages at the processor could not be closed, so they may be paid too: those of ``attempts``."""

    def __init__(self, attempts: Iterable[str]) -> None:
        self.attempts = tuple(sorted(attempts))
        super().__init__("a page could not be closed", attempts=self.attempts)


class Whereabouts(enum.Enum):
    """Where the money is while the same may be paid online."""

    OFFERED = "offered"
    """In the customer's hand: what was paid online is not taken again."""
    HERE = "here"
    """Came by mail, or was taken on paper: a person is told first, and may put it into the books all the same."""
    BANKED = "banked"
    """The bank has it: nobody is asked, and it is never refused."""
    BOOKED = "booked"
    """In the books already, for nobody or for somebody else: nobody is asked, but what brings it may be refused."""

    @property
    def is_told(self) -> bool:
        """Is somebody told of the same being paid online before it is posted?"""
        return self in {Whereabouts.OFFERED, Whereabouts.HERE}


@dataclass(frozen=True)
class Warned:
    """Attempts that a page named as paid or as not to be closed, and whether its reader goes on all the same."""

    attempts: frozenset[str] = frozenset()
    goes_on: bool = False

    @property
    def known(self) -> frozenset[str]:
        return self.attempts if self.goes_on else frozenset()


NOT_WARNED = Warned()


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


def must_be_known(
    whereabouts: Whereabouts, states: Mapping[str, State], found: Iterable[Promised], warned: Warned
) -> None:
    """Raise :class:`PaidOnline` or :class:`PageStillOpen` for what somebody has to know of before money is posted.

    ``states`` is how attempts stand after their page was to be closed.
    """
    if not whereabouts.is_told:
        return
    paid = {attempt for attempt, state in states.items() if state is State.SUCCEEDED}
    unknown = paid if whereabouts is Whereabouts.OFFERED else paid - warned.known
    if unknown:
        raise PaidOnline(unknown, total(one.amount for one in found if one.attempt_id in unknown))
    still_open = {attempt for attempt, state in states.items() if state in LIVE}
    if still_open - warned.known:
        raise PageStillOpen(still_open)
