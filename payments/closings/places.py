"""What was found at the end of a day: each place of money as the ledger has it and as the place itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.charges.rules import Untrue as UntrueOwed
from accounts.money import ZERO, Money
from payments.bank_statements.rules import Untrue


@dataclass(frozen=True)
class Pair:
    """What the ledger has, and what the place itself says it holds."""

    ledger: Money = ZERO
    stated: Money = ZERO

    @property
    def off(self) -> Money:
        return self.ledger - self.stated


@dataclass(frozen=True)
class DrawerPosition:
    """A drawer at the end of the day. ``taken`` and ``slips``: the ledger's sum, and that of its tenders less voids,
    with what was counted over or short; ``parcels``: what of each left for the vault."""

    id: int
    till: str
    cashier: str
    opened_on: date
    state: str
    taken: Pair
    slips: Pair
    parcel: Money = ZERO
    slips_parcel: Money = ZERO
    is_accepted: bool = False
    """Its count was accepted by the end of the day, so that nothing is left in it."""
    miscounted: tuple[str, ...] = ()
    """Counts whose notes and coins do not come to their sum."""
    own: Pair = Pair()
    """What of its cash is the change fund's: as the accepted count had it, and as it is."""
    drops: tuple[tuple[int, Pair], ...] = ()
    """Cash that left it for the vault otherwise than its batch there says: what left, and the batch."""
    cashier_name: str = ""
    """As people call who has it; ``cashier`` is the handle, which says who it is beyond doubt."""

    @property
    def left(self) -> Money:
        return self.taken.stated - self.parcel

    @property
    def slips_left(self) -> Money:
        return self.slips.stated - self.slips_parcel


@dataclass(frozen=True)
class DepositPosition:
    """A posted deposit: what the ledger moved for it, and what its batches hold."""

    id: int
    kind: str
    name: str
    said: Money
    """What the deposit itself says."""
    moved: Pair
    counted: Pair = Pair()
    """Its cash, and what its notes and coins come to."""


@dataclass(frozen=True)
class BankStanding:
    """A bank account at the end of the day, as ``payments.bank_statements`` finds it."""

    code: str
    name: str
    ledger: Money
    statement: Money
    stated_through: date | None
    differences: tuple[tuple[str, Money], ...]
    """By name: what is on its way, what only one side has."""
    residual: Money
    unexplained: int
    """Lines and journals that nobody has named."""
    untrue: tuple[Untrue, ...] = ()
    """Statements and lines that are not what the bank told."""


@dataclass(frozen=True)
class Positions:
    """Everything that must agree at the end of a day."""

    day: date
    on_hand: Money = ZERO
    terminal: Money = ZERO
    drawers: tuple[DrawerPosition, ...] = ()
    vault: Money = ZERO
    """Batches that no posted deposit holds."""
    vault_slips: Money = ZERO
    deposits: tuple[DepositPosition, ...] = ()
    loose: tuple[tuple[str, Money], ...] = ()
    """By kind of journal: cash on hand that no drawer and no deposit accounts for."""
    loose_slips: tuple[tuple[str, Money], ...] = ()
    change_fund: Pair = Pair()
    """Its balance, and what it was at the day's start with what was found missing of floats."""
    processor: Pair = Pair()
    processor_journals: tuple[int, ...] = ()
    """Journals that move processor clearing otherwise than their payment or payout says."""
    processor_suspense: Money = ZERO
    banks: tuple[BankStanding, ...] = ()
    suspense: Money = ZERO
    funds: tuple[tuple[str, Money], ...] = ()
    """Funds that do not sum to zero."""
    journals: tuple[tuple[int, str, Money], ...] = ()
    """Journals of the day that do not sum to zero in a fund: id, fund, by how much."""
    pool: Pair = Pair()
    """Claims of the funds, and what the pool owes them."""
    gaps: tuple[tuple[str, int, int], ...] = ()
    """Receipts that are missing between the first and the last of the day: series, year, how many."""
    payments: tuple[tuple[int, Pair], ...] = ()
    """Payments of the day that are not what their charges, credit and items come to, or the books."""
    owed: tuple[UntrueOwed, ...] = ()
    """Charges and accounts that keep another amount than their history or the books."""
