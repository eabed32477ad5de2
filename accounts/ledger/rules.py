"""Journals before they are posted: pure values, balanced per fund or not made at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.errors import DomainError
from accounts.money import Money


class Unbalanced(DomainError):
    """A journal that does not sum to zero in each fund."""


@dataclass(frozen=True)
class Line:
    """A posting to be: ``amount`` is signed, debits positive. ``fund`` must be the ledger account's own."""

    code: str
    fund: str
    amount: Money
    customer_account_id: int | None = None


@dataclass(frozen=True)
class Source:
    """What caused a journal. The same (kind, id, effect) can be posted once only."""

    kind: str
    id: str
    effect: str


@dataclass(frozen=True)
class JournalDraft:
    """One event in money, ready to post."""

    kind: str
    source: Source
    effective_on: date
    actor_id: int
    lines: tuple[Line, ...]
    memo: str = ""
    reverses_id: int | None = None


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines on the same ledger account and customer account added up; those that come to zero left out."""
    sums: dict[tuple[str, str, int | None], int] = defaultdict(int)
    for line in lines:
        sums[line.code, line.fund, line.customer_account_id] += line.amount.cents
    return tuple(Line(code, fund, Money(cents), account) for (code, fund, account), cents in sums.items() if cents)


def check_balance(lines: Iterable[Line]) -> None:
    """Raise :class:`Unbalanced`, naming the funds, unless each fund sums to zero."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.fund] += line.amount.cents
    off = {fund: str(Money(cents)) for fund, cents in sums.items() if cents}
    if off or not sums:
        raise Unbalanced(f"journal does not balance: {off or 'it has no lines'}", funds=off)
