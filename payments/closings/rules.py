"""When a business day balances: the ledger = drawers + processor + bank, up to differences that have a name. Pure.

GFOA (Revenue Control Policy; Bank Reconciliation): receipts are balanced daily, by tender and by cashier, against the
deposit and the bank. A *difference* with a name (a deposit on its way, a fee not yet booked) lets the day close and
stands in its packet; an *obstacle* is what nobody has named, and keeps the day open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.money import ZERO, Money, total
from accounts.seals.rules import Obstacle
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


@dataclass(frozen=True)
class Difference:
    """A named difference between the ledger and a place: ``amount`` is ledger less stated."""

    code: str
    place: str
    amount: Money
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line of the equation: a place, what the ledger has there and what is there."""

    place: str
    name: str
    ledger: Money
    stated: Money

    @property
    def off(self) -> Money:
        return self.ledger - self.stated


@dataclass(frozen=True)
class Proof:
    """What was found: a day balances when nothing stands in the way."""

    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def balances(self) -> bool:
        return not self.obstacles


def prove(found: Positions) -> Proof:
    """Compare every place with the ledger."""
    return Proof(tuple(_rows(found)), tuple(_differences(found)), tuple(_obstacles(found)))


def _rows(found: Positions) -> Iterator[Row]:
    in_drawers = total(drawer.left for drawer in found.drawers)
    slips = total(drawer.slips_left for drawer in found.drawers)
    yield Row("on-hand", "", found.on_hand, in_drawers + found.vault)
    yield Row("terminal", "", found.terminal, slips + found.vault_slips)
    yield Row("change-fund", "", found.change_fund.ledger, found.change_fund.stated)
    yield Row("processor", "", found.processor.ledger, found.processor.stated)
    for bank in found.banks:
        yield Row("bank", bank.name, bank.ledger, bank.statement)
    yield Row("pool", "", found.pool.ledger, found.pool.stated)


def _differences(found: Positions) -> Iterator[Difference]:
    for place, loose in (("on-hand", found.loose), ("terminal", found.loose_slips)):
        yield from (Difference("no-drawer", place, amount, {"kind": kind}) for kind, amount in loose if amount)
    for bank in found.banks:
        named = {"bank": bank.name}
        yield from (Difference(name, "bank", amount, named) for name, amount in bank.differences if amount)
    balances = (
        ("change-fund-changed", "change-fund", found.change_fund.off),
        ("processor-suspense", "processor", found.processor_suspense),
        ("suspense", "suspense", found.suspense),
    )
    yield from (Difference(code, place, amount) for code, place, amount in balances if amount)


def _obstacles(found: Positions) -> Iterator[Obstacle]:
    for drawer in found.drawers:
        yield from _of_drawer(drawer)
    for deposit in found.deposits:
        yield from _of_deposit(deposit)
    yield from _of_cash(found)
    for journal in found.processor_journals:
        yield Obstacle(
            "processor-journal",
            f"journal {journal} moves processor clearing otherwise than its payment or payout says",
            {"journal": str(journal)},
        )
    if found.processor.off and not found.processor_journals:
        yield _off("processor-differs", "processor clearing", found.processor)
    for bank in found.banks:
        yield from _of_bank(bank)
    yield from _of_books(found)


def _of_drawer(drawer: DrawerPosition) -> Iterator[Obstacle]:
    name = f"drawer {drawer.till} of {drawer.cashier} ({drawer.opened_on})"
    facts = {"drawer": str(drawer.id), "till": drawer.till, "cashier": drawer.cashier_name or drawer.cashier,
             "day": drawer.opened_on.isoformat()}  # fmt: skip
    if drawer.state != "closed":
        yield Obstacle("drawer-open", f"{name} is not closed: {drawer.state}", {**facts, "state": drawer.state})
    for count in drawer.miscounted:
        said = f"count {count} of {name}: its notes and coins do not come to its sum"
        yield Obstacle("count-differs", said, {**facts, "count": count})
    for what, pair in (("cash and checks", drawer.taken), ("terminal slips", drawer.slips)):
        if pair.off:
            yield _off("drawer-differs", f"{what} of {name}", pair, facts)
    if drawer.is_accepted:
        for what, left in (("cash and checks", drawer.left), ("terminal slips", drawer.slips_left)):
            if left:
                said = f"the vault's batches of {name} are ${left} away from its {what}"
                yield Obstacle("batch-differs", said, {**facts, "off": str(left)})


def _of_deposit(deposit: DepositPosition) -> Iterator[Obstacle]:
    facts = {"deposit": str(deposit.id), "name": deposit.name}
    if deposit.moved.off:
        yield _off("deposit-differs", f"deposit {deposit.id} ({deposit.name})", deposit.moved, facts)
    elif deposit.said != deposit.moved.stated:
        pair = Pair(deposit.said, deposit.moved.stated)
        yield _off("deposit-differs", f"deposit {deposit.id} ({deposit.name}), by its own word,", pair, facts)


def _of_cash(found: Positions) -> Iterator[Obstacle]:
    """What is left when each drawer and each deposit was looked at by itself."""
    hand = Pair(found.on_hand, total(d.taken.ledger - d.parcel for d in found.drawers) + found.vault
                + total(amount for _, amount in found.loose))  # fmt: skip
    slips = Pair(found.terminal, total(d.slips.ledger - d.slips_parcel for d in found.drawers) + found.vault_slips
                 + total(amount for _, amount in found.loose_slips))  # fmt: skip
    deposited = any(deposit.moved.off for deposit in found.deposits)
    if hand.off and not deposited:
        yield _off("on-hand-differs", "cash on hand", hand)
    if slips.off and not deposited:
        yield _off("terminal-differs", "terminal clearing", slips)


def _of_bank(bank: BankStanding) -> Iterator[Obstacle]:
    facts = {"bank": bank.name, "code": bank.code}
    for one in bank.untrue:
        yield _of_bank_s_word(bank, one)
    if bank.residual:
        said = f"bank account {bank.name}: ${bank.residual} between ledger and statement has no name"
        yield Obstacle("bank-differs", said, {**facts, "off": str(bank.residual)})
    elif bank.unexplained:
        said = f"bank account {bank.name}: {bank.unexplained} items between ledger and statement have no name"
        yield Obstacle("bank-unnamed", said, {**facts, "count": str(bank.unexplained)})


def _of_bank_s_word(bank: BankStanding, one: Untrue) -> Obstacle:
    facts = {"bank": bank.name, "code": bank.code, "day": one.on.isoformat(), "said": str(one.said),
             "found": str(one.found)}  # fmt: skip
    if one.what == "line":
        said = f"line {one.id} of {one.on} is of ${one.said}, its match of ${one.found}"
        return Obstacle("bank-line-differs", f"bank account {bank.name}: {said}", {**facts, "line": str(one.id)})
    said = f"statement {one.id} {one.what} on {one.on} at ${one.said}, its lines make ${one.found}"
    return Obstacle("statement-differs", f"bank account {bank.name}: {said}", {**facts, "statement": str(one.id)})


def _of_books(found: Positions) -> Iterator[Obstacle]:
    for journal, fund, off in found.journals:
        said = f"journal {journal} is off by ${off} in fund {fund}"
        yield Obstacle("journal-differs", said, {"journal": str(journal), "fund": fund, "off": str(off)})
    for payment, pair in found.payments:
        said = f"payment {payment} is of ${pair.stated}, but charges, credit and items have ${pair.ledger} of it"
        facts = {"payment": str(payment), "stated": str(pair.stated), "made_of": str(pair.ledger)}
        yield Obstacle("payment-differs", said, facts)
    for fund, off in found.funds:
        yield Obstacle("fund-differs", f"fund {fund} is off by ${off}", {"fund": fund, "off": str(off)})
    if found.pool.off:
        yield _off("pool-differs", "the pool", found.pool)
    for series, year, missing in found.gaps:
        said = f"{missing} receipts of series {series} {year} are missing among those of {found.day}"
        yield Obstacle("receipts-missing", said, {"series": series, "year": str(year), "count": str(missing)})


def _off(code: str, name: str, pair: Pair, facts: Mapping[str, str] | None = None) -> Obstacle:
    said = f"{name}: the ledger has ${pair.ledger}, but there is ${pair.stated}"
    return Obstacle(code, said, {**(facts or {}), "ledger": str(pair.ledger), "stated": str(pair.stated),
                                 "off": str(pair.off)})  # fmt: skip
