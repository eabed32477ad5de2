"""What a statement says, when it is refused, and which lines are the same. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total


class FileRefused(DomainError):
    """A file is taken whole or not at all: ``facts`` have ``line`` (0: none of them) and ``problem``, a code."""


class StatementOff(DomainError):
    """Opening balance and lines do not make the closing balance: ``facts["difference_cents"]`` and ``line``."""


class DoesNotFollow(DomainError):
    """The opening balance is not what was known: ``facts["difference_cents"]``, ``on``, and ``may_be_named``."""


class Contradicts(DomainError):
    """Another file told other lines for a day: ``facts["on"]`` and ``difference_cents``."""


class WhichAccount(DomainError):
    """The file does not say of which bank account it is, or of one that the city does not have."""


class DoesNotTie(DomainError):
    """What was chosen is not the line's amount: ``facts["difference_cents"]``."""


class MatchedBefore(DomainError):
    """The line, or something that was chosen, is matched already."""


class NotMatched(DomainError):
    """There is no match to take back."""


class CountedIt(DomainError):
    """Who prepared or verified a deposit neither matches it by hand nor signs its statement (duties, 9.3)."""


class WrongCategory(DomainError):
    """The city has no such name for a line, or not for money that goes this way."""


class NotBooked(DomainError):
    """Lines of this category are only named; nothing is booked by it."""


class SignedOff(DomainError):
    """A statement that was signed off stays as it is."""


class Unexplained(DomainError):
    """Lines of the statement have neither a match nor a name: ``facts["lines"]``."""


CREDITS, DEBITS = range(100, 400), range(400, 700)
"""BAI2 type codes of details (Cash Management Balance Reporting Specifications, version 2)."""
_DEPOSITS = frozenset({"deposit"})
_ACH_IN = frozenset({"payout", "terminal"})
_BACK = frozenset({"returned", "payout-return"})
RETURNED_ITEMS = frozenset({"555", "556", "557"})
"""Codes of deposited items and ACH payments that came back."""
KINDS_OF_CODE: Mapping[str, frozenset[str]] = {
    "115": frozenset({"lockbox"}),  # lockbox deposit
    **dict.fromkeys(("171", "172", "173", "174", "175", "176", "301"), _DEPOSITS),  # deposits over the counter
    **dict.fromkeys(("142", "164", "165", "166", "169"), _ACH_IN),  # ACH, settlements
    **dict.fromkeys(("451", "455", "466", "469", "555", "556", "557"), _BACK),  # ACH debits, returned items
}
"""What a line of a code can be of ours; a code that is not here (and CSV, which has none) can be anything."""


@dataclass(frozen=True)
class StatedLine:
    """A line as a file has it; ``amount`` is signed, into the account positive."""

    on: date
    amount: Money
    type_code: str = ""
    bank_reference: str = ""
    customer_reference: str = ""
    text: str = ""


@dataclass(frozen=True)
class Statement:
    """What a file says of one account for some days."""

    bank_account: str
    ledger_account: str
    from_on: date
    through_on: date
    opening: Money
    closing: Money
    lines: tuple[StatedLine, ...]


def check_sum(statement: Statement) -> None:
    """Raise :class:`StatementOff` unless opening and lines make the closing balance."""
    off = statement.opening + total(line.amount for line in statement.lines) - statement.closing
    if off:
        raise StatementOff(f"opening and lines are {off} off the closing balance", difference_cents=off.cents, line=0)


@dataclass(frozen=True)
class Untrue:
    """Something kept of the bank that contradicts the rest of it.

    ``what``: a statement ``opens`` or ``closes`` at ``said``, its lines make ``found``; or a ``line`` is of ``said``,
    and what it was matched with of ``found``.
    """

    what: str
    id: int
    """Of the statement, or of the line."""
    on: date
    said: Money
    found: Money


LineKey = tuple[date, int, int]
"""Day, cents, and the how-many-th such line of that day it is."""


def keyed(lines: Iterable[StatedLine]) -> list[tuple[LineKey, StatedLine]]:
    """Each line with what tells it apart. Two files of the same days give the same keys in any order, whatever their
    words for a line; two deposits of one amount on one day stay two."""
    seen: Counter[tuple[date, int]] = Counter()
    found = []
    for line in lines:
        same = (line.on, line.amount.cents)
        seen[same] += 1
        found.append(((*same, seen[same]), line))
    return found


def what_is_new(
    stated: Sequence[tuple[LineKey, StatedLine]], known: Iterable[LineKey], known_through: date | None
) -> list[tuple[LineKey, StatedLine]]:
    """Lines that no file told before; raises :class:`Contradicts` where a file that covers the same days differs.

    A day before the last one that is known is complete: it neither loses nor gets a line.
    """
    held = set(known)
    missing = sorted(held - {key for key, _ in stated})
    new = [(key, line) for key, line in stated if key not in held]
    late = [key for key, _ in new if known_through is not None and key[0] < known_through]
    for on, cents, _ in (*missing, *late):
        off = -cents if missing else cents
        raise Contradicts(f"{on}: another file told otherwise, by {Money(off)}", on=on, difference_cents=off)
    return new


@dataclass(frozen=True)
class Chart:
    """The part of the chart of accounts that a booked line touches."""

    pooled_fund: str
    due_to_funds: str
    claims: Mapping[str, str]


def booked_lines(amount: Money, bank: str, account: str, fund: str, chart: Chart) -> tuple[Line, ...]:
    """A line of the bank's own: bank against revenue or expense, with the dues between the funds.

    ``amount`` as on the statement, into the account positive.
    """
    lines = [Line(bank, chart.pooled_fund, amount), Line(account, fund, -amount)]
    if fund != chart.pooled_fund:
        lines += [
            Line(chart.claims[fund], fund, amount),
            Line(chart.due_to_funds, chart.pooled_fund, -amount),
        ]
    return tuple(lines)


def fits(direction: str, amount: Money) -> bool:
    """Does a category for money going ``in``, ``out`` or ``either`` way take this amount?"""
    return direction == "either" or (direction == "in") == (amount > ZERO)


_NOT_IN_NUMBERS = re.compile(r"[^A-Z0-9]")


def plain_number(text: str) -> str:
    """A reference without the punctuation that banks add or drop."""
    return _NOT_IN_NUMBERS.sub("", text.upper())


def numbers_in(*texts: str) -> frozenset[str]:
    """Whatever in these may be a number of ours: each word, and each text as a whole."""
    words = {plain_number(word) for text in texts for word in (*text.split(), text)}
    return frozenset(word for word in words if is_number(word))


def is_number(plain: str) -> bool:
    """Long enough, and with a digit, to tell one thing from another."""
    return len(plain) >= 3 and any(sign.isdigit() for sign in plain)
