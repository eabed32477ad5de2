"""How soon a person should look at a line, and who may work it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.errors import Conflict, DomainError
from accounts.staff.rules import Authority, Permission

RESPOND_WITHIN = {
    "amount-mismatch": timedelta(days=1),
    "key-conflict": timedelta(days=1),
    "no-owner": timedelta(days=1),
    "orphan": timedelta(days=1),
    "paid-after-expiry": timedelta(days=2),
    "payout-failed": timedelta(days=1),
    "payout-residual": timedelta(days=2),
    "posted-unpaid": timedelta(days=1),
    "returned-short": timedelta(days=1),
    "second-payment": timedelta(days=5),
    "unknown-page": timedelta(days=1),
    "wrong-currency": timedelta(days=1),
    "wrong-owner": timedelta(days=1),
}
"""By kind. Money that is nobody's yet is looked at within a day; the rest in a working week."""
STRANGE_MONEY = ("amount-mismatch", "no-owner", "orphan", "wrong-currency", "wrong-owner")
"""Kinds that name money at the processor which is not in the books, by its payment intent: one line, whoever saw it
first and whatever they could make of it."""
OTHERS_WITHIN = timedelta(days=7)

HOLDS_THE_DATABASE = frozenset({Permission.EXCEPTIONS_WORK, Permission.PROTECTED_SEE, Permission.RESTRICTED_SEE})
THE_MACHINE = Authority(0, "system", HOLDS_THE_DATABASE)
"""Who reads the queue at the command line of the machine: it holds every account anyway."""


class NoReason(DomainError):
    """An act that must be explained came without a word."""


class LineClosed(Conflict):
    """Somebody has closed this line."""


class WithAnother(Conflict):
    """Another person has the line than the one whom this person saw there."""


def respond_by(kind: str, opened_at: datetime) -> datetime:
    """The end of a line's clock."""
    return opened_at + RESPOND_WITHIN.get(kind, OTHERS_WITHIN)
