"""What the rules against fraud look at, as frozen values. No I/O. Amounts are without sign, unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accounts.money import Money


@dataclass(frozen=True)
class CashTaken:
    """Cash that was receipted on an account."""

    payment_id: int
    account_id: int
    amount: Money
    at: datetime
    cashier: int


@dataclass(frozen=True)
class LessAsked:
    """A charge that was made smaller: waived or adjusted, by whom, and on whose second word if any."""

    adjustment_id: int
    account_id: int
    amount: Money
    at: datetime
    people: tuple[int, ...]


@dataclass(frozen=True)
class Counted:
    """An accepted count of a drawer: counted less expected, by tender, signed."""

    count_id: int
    drawer_id: int
    cashier: int
    on: date
    cash: Money
    checks: Money


@dataclass(frozen=True)
class SaleInDrawer:
    """A sale's cash in a drawer whose count was short."""

    drawer_id: int
    payment_id: int
    cash: Money


@dataclass(frozen=True)
class Month:
    """What one cashier took, had voided, and how often they opened a drawer without a sale, in a calendar month."""

    cashier: int
    month: date
    payments: int
    voids: int
    no_sales: int = 0


@dataclass(frozen=True)
class Voided:
    """A payment given back: ``cash`` is what of it was cash."""

    payment_id: int
    cashier: int
    by: int
    taken_at: datetime
    at: datetime
    cash: Money


@dataclass(frozen=True)
class Reprinted:
    """A receipt that was printed or sent again, and when its payment was taken back."""

    payment_id: int
    receipt: str
    at: datetime
    by: int
    undone_at: datetime
    undone_by: int
    cashier: int
    amount: Money


@dataclass(frozen=True)
class WorkForOneself:
    """Somebody worked on an account that is theirs or near to them, as declared.

    ``link`` is how the account hangs on the declaration: the same ``customer``, ``premises`` or ``contact``.
    """

    actor: int
    act: str
    """``payment``, ``proposal``, ``decision`` or ``reversal``."""
    act_id: int
    account_id: int
    at: datetime
    relation: str
    link: str


@dataclass(frozen=True)
class Gap:
    """Receipt numbers of a series that no receipt has."""

    series: str
    year: int
    first: int
    last: int
    seen_on: date


@dataclass(frozen=True)
class CheckTaken:
    """A check or money order that was receipted."""

    payment_id: int
    cashier: int
    amount: Money
    at: datetime


@dataclass(frozen=True)
class Done:
    """An act of somebody who works here, in money or a correction."""

    actor: int
    act: str
    act_id: int
    at: datetime


@dataclass(frozen=True)
class Facts:
    """All of a time, each in the order in which it happened."""

    cash: tuple[CashTaken, ...] = ()
    less: tuple[LessAsked, ...] = ()
    counts: tuple[Counted, ...] = ()
    sales: tuple[SaleInDrawer, ...] = ()
    months: tuple[Month, ...] = ()
    voids: tuple[Voided, ...] = ()
    reprints: tuple[Reprinted, ...] = ()
    own: tuple[WorkForOneself, ...] = ()
    gaps: tuple[Gap, ...] = ()
    checks: tuple[CheckTaken, ...] = ()
    done: tuple[Done, ...] = ()
