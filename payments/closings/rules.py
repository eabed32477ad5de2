"""When a business day balances: the ledger = drawers + processor + bank, up to differences that have a name. Pure.

GFOA (Revenue Control Policy; Bank Reconciliation): receipts are balanced daily, by tender and by cashier, against the
deposit and the bank. A *difference* with a name (a deposit on its way, a fee not yet booked) lets the day close and
stands in its packet; an *obstacle* is what nobody has named, and keeps the day open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from accounts.charges.rules import Untrue as UntrueOwed
from accounts.money import Money, total
from accounts.seals.rules import Obstacle
from payments.bank_statements.rules import Untrue
from payments.closings.places import BankStanding, DepositPosition, DrawerPosition, Pair, Positions


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
    if drawer.own.off:
        said = f"float and change of {name}: its count had ${drawer.own.ledger}, they are ${drawer.own.stated}"
        yield Obstacle("float-differs", said, {**facts, **_sides(drawer.own)})
    for movement, pair in drawer.drops:
        said = f"drop {movement} of {name} is of ${pair.ledger}, the vault's batch of ${pair.stated}"
        yield Obstacle("drop-differs", said, {**facts, **_sides(pair)})
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
    if deposit.counted.off:
        cash = deposit.counted
        said = f"deposit {deposit.id} ({deposit.name}) has ${cash.ledger} of cash, its notes and coins ${cash.stated}"
        yield Obstacle("deposit-miscounted", said, {**facts, **_sides(cash)})


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
    yield from map(_of_owed, found.owed)
    for fund, off in found.funds:
        yield Obstacle("fund-differs", f"fund {fund} is off by ${off}", {"fund": fund, "off": str(off)})
    if found.pool.off:
        yield _off("pool-differs", "the pool", found.pool)
    for series, year, missing in found.gaps:
        said = f"{missing} receipts of series {series} {year} are missing among those of {found.day}"
        yield Obstacle("receipts-missing", said, {"series": series, "year": str(year), "count": str(missing)})


_OWED = {
    "charge": ("charge-differs", "its history"),
    "owed": ("owed-differs", "the books"),
    "credit": ("credit-differs", "the books"),
}


def _of_owed(one: UntrueOwed) -> Obstacle:
    code, against = _OWED[one.what]
    said = f"{one.what} {one.name} keeps ${one.kept}, {against} ${one.found}"
    return Obstacle(code, said, {"name": one.name, "kept": str(one.kept), "found": str(one.found)})


def _sides(pair: Pair) -> dict[str, str]:
    return {"ledger": str(pair.ledger), "stated": str(pair.stated), "off": str(pair.off)}


def _off(code: str, name: str, pair: Pair, facts: Mapping[str, str] | None = None) -> Obstacle:
    said = f"{name}: the ledger has ${pair.ledger}, but there is ${pair.stated}"
    return Obstacle(code, said, {**(facts or {}), **_sides(pair)})
