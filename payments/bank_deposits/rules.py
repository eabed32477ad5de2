"""What a deposit is made of, when it ties, and when money waits too long. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total


class Kind(enum.Enum):
    """A bag is carried to the bank; what card terminals took, the bank settles by itself."""

    BAG = "bag"
    TERMINAL = "terminal"


class NothingToDeposit(DomainError):
    """None of the batches holds money of this kind."""


class BatchTaken(DomainError):
    """A batch is in another deposit: ``facts["batch"]``."""


class CountDiffers(DomainError):
    """What was counted is not what the batches hold: ``facts`` name ``tender`` and ``difference_cents``, over > 0."""


class UnknownDenomination(DomainError):
    """A note or coin that the city does not count: ``facts["denomination"]``."""


class BagMissing(DomainError):
    """Cash and checks go to the bank in a numbered bag."""


class BagInUse(DomainError):
    """Another deposit has a bag of that number: ``facts["bag"]``."""


class TookTheMoney(DomainError):
    """Whoever took the money in a drawer does not verify the deposit that it is in."""


class NotPrepared(DomainError):
    """The deposit was sealed or given up before: ``facts["state"]``."""


class NotSealed(DomainError):
    """Only a sealed bag is handed over."""


class NotInYourHands(DomainError):
    """The bag was handed to somebody else, or is with the bank: ``facts["holder"]``."""


@dataclass(frozen=True)
class Batch:
    """Money of the vault as one parcel, and who had taken it."""

    id: int
    drawer_id: int
    cashier_id: int
    business_day: date
    made_at: datetime
    cash: Money
    checks: Money
    checks_count: int
    terminal: Money

    def of(self, kind: Kind) -> Money:
        """What of it goes into a deposit of this kind."""
        return self.terminal if kind is Kind.TERMINAL else self.cash + self.checks


@dataclass(frozen=True)
class Counted:
    """What a person counted for a deposit: notes and coins, the checks with their tape's total, the settlement."""

    denominations: Mapping[int, int]
    """Cents of a note or coin → how many."""
    checks_count: int = 0
    checks: Money = ZERO
    terminal: Money = ZERO

    @property
    def cash(self) -> Money:
        return total(Money(cents) * count for cents, count in self.denominations.items())


@dataclass(frozen=True)
class Composition:
    """By tender, what a deposit is made of."""

    cash: Money
    checks: Money
    checks_count: int
    terminal: Money

    @property
    def amount(self) -> Money:
        return self.cash + self.checks + self.terminal


def composition(batches: Sequence[Batch], kind: Kind) -> Composition:
    """What batches come to; raises :class:`NothingToDeposit`. The tenders stay what they were when taken (GFOA)."""
    if kind is Kind.TERMINAL:
        made = Composition(ZERO, ZERO, 0, total(batch.terminal for batch in batches))
    else:
        made = Composition(
            total(batch.cash for batch in batches),
            total(batch.checks for batch in batches),
            sum(batch.checks_count for batch in batches),
            ZERO,
        )
    if any(not batch.of(kind) for batch in batches) or not made.amount:
        raise NothingToDeposit("no money of this kind is in a batch")
    return made


def check_counted(wanted: Composition, counted: Counted, known: Iterable[int]) -> None:
    """Cash, checks and terminal slips each tie to the cent, never netted.

    Raises :class:`UnknownDenomination` and :class:`CountDiffers`.
    """
    strange = sorted(set(counted.denominations) - set(known))
    if strange or any(count < 0 for count in counted.denominations.values()):
        raise UnknownDenomination(f"{strange} cents is no note or coin that is counted", denomination=strange)
    for tender, found, expected in (
        ("cash", counted.cash, wanted.cash),
        ("checks", counted.checks, wanted.checks),
        ("terminal", counted.terminal, wanted.terminal),
    ):
        if found != expected:
            off = found - expected
            raise CountDiffers(f"{tender} counted are {off} off", tender=tender, difference_cents=off.cents)
    if counted.checks_count != wanted.checks_count:
        off_by = counted.checks_count - wanted.checks_count
        raise CountDiffers(f"{off_by} checks off", tender="number-of-checks", difference_cents=off_by)


def check_verifier(person: int, prepared_by: int, cashiers: Iterable[int]) -> str:
    """Why a person may not verify: ``"prepared"``, ``"took"``; empty where they may (Fort Worth; GFOA)."""
    if person == prepared_by:
        return "prepared"
    return "took" if person in set(cashiers) else ""


def journal_lines(
    made: Composition, bank: str, cash_on_hand: str, terminal_clearing: str, pool: str
) -> tuple[Line, ...]:
    """From hand (or from the terminals' clearing) to the bank, all in the pool."""
    lines = (
        Line(bank, pool, made.amount),
        Line(cash_on_hand, pool, -(made.cash + made.checks)),
        Line(terminal_clearing, pool, -made.terminal),
    )
    return tuple(line for line in lines if line.amount)


def is_late(made_at: datetime, now: datetime, within_hours: int) -> bool:
    """Has money waited in the vault for longer than the city's policy allows (GFOA: deposit within 24 hours)?"""
    return now - made_at > timedelta(hours=within_hours)
