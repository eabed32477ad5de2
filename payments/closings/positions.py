"""Where the money is at the end of a day: drawers, vault, deposits, processor, funds, as the tables say.

All is as of the end of the business day, so that a day that is closed late is closed as it was. Each question is one
statement, however many drawers there were; each sums the books up to the day, as nothing is kept in a hot row.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from accounts.charges.proving import untrue as untrue_owed
from accounts.cities.rules import City
from accounts.money import ZERO, Money, total
from payments.bank_statements.proving import untrue
from payments.bank_statements.queries import BankPosition
from payments.bank_statements.queries import position as bank_position
from payments.closings.places import BankStanding, DepositPosition, DrawerPosition, Pair, Positions
from payments.closings.questions import ALL

Rows = list[dict[str, Any]]


def positions(session: Session, city: City, day: date) -> Positions:
    """All that must agree at the end of ``day``: two statements, and three for each bank account."""
    roles = city.roles
    claims = tuple(roles.claim_on_pooled_cash.values())
    found = session.execute(
        ALL,
        {
            "day": day, "on_hand": roles.cash_on_hand, "terminal": roles.terminal_clearing,
            "change_fund": roles.change_fund, "processor": roles.processor_clearing,
            "codes": [roles.cash_on_hand, roles.terminal_clearing, roles.change_fund, roles.processor_suspense,
                      roles.suspense, roles.due_to_funds, *claims],
        },
    ).one()  # fmt: skip
    sums: dict[str, Money] = defaultdict(lambda: ZERO)
    sums.update({row["code"]: Money(row["cents"]) for row in found.balances})
    vault, floats, processor = found.vault[0], found.floats[0], found.processor[0]
    return Positions(
        day=day,
        on_hand=sums[roles.cash_on_hand],
        terminal=sums[roles.terminal_clearing],
        drawers=tuple(_drawer(row) for row in found.drawers),
        vault=Money(vault["hand"]),
        vault_slips=Money(vault["slips"]),
        deposits=tuple(_deposit(row) for row in found.deposits),
        loose=_loose(found.loose, roles.cash_on_hand),
        loose_slips=_loose(found.loose, roles.terminal_clearing),
        change_fund=Pair(sums[roles.change_fund], Money(floats["before"]) + Money(floats["missing"])),
        processor=Pair(Money(processor["ledger"]), Money(processor["stated"])),
        processor_journals=tuple(processor["journals"]),
        processor_suspense=sums[roles.processor_suspense],
        banks=tuple(_bank(session, city, code, day) for code in _bank_codes(city, day)),
        suspense=sums[roles.suspense],
        funds=tuple((row["fund"], Money(row["cents"])) for row in found.funds),
        journals=tuple((row["id"], row["fund"], Money(row["cents"])) for row in found.journals),
        pool=Pair(total(sums[code] for code in claims), -sums[roles.due_to_funds]),
        payments=tuple((row["id"], Pair(Money(row["made_of"]), Money(row["cents"]))) for row in found.payments),
        owed=untrue_owed(session),
        gaps=tuple((row["series"], row["year"], row["missing"]) for row in found.gaps if row["missing"]),
    )


def _loose(rows: Rows, code: str) -> tuple[tuple[str, Money], ...]:
    return tuple((row["kind"], Money(row["cents"])) for row in rows if row["code"] == code)


def _bank_codes(city: City, day: date) -> list[str]:
    """The ledger accounts of banks; where the city names no bank account, the one that all money is banked in."""
    named = [account.ledger_account for account in city.bank_accounts if account.covers(day)]
    return sorted({*named, city.roles.bank})


def _bank(session: Session, city: City, code: str, day: date) -> BankStanding:
    found: BankPosition = bank_position(session, code, day)
    differences = (
        ("deposits-in-transit", found.deposits_in_transit),
        ("payouts-in-transit", found.payouts_in_transit),
        ("returns-in-transit", found.returns_in_transit),
        ("lockboxes-in-transit", found.lockboxes_in_transit),
        ("not-yet-stated", found.not_yet_stated),
        ("booked-later", -found.unbooked_lines),
        *((f"named:{name}", -amount) for name, amount in found.named),
    )
    return BankStanding(
        code=code,
        name=city.ledger_account(code).code,
        ledger=found.ledger,
        statement=found.statement,
        stated_through=found.stated_through,
        differences=tuple((name, amount) for name, amount in differences if amount),
        residual=found.residual,
        unexplained=found.unmatched_count + found.unnamed_count,
        untrue=untrue(session, code, day),
    )


def _drawer(row: dict[str, Any]) -> DrawerPosition:
    return DrawerPosition(
        id=row["id"],
        till=row["till"],
        cashier=row["cashier"],
        cashier_name=row["cashier_name"],
        opened_on=date.fromisoformat(row["business_day"]),
        state=row["state"],
        taken=Pair(Money(row["ledger"]), Money(row["stated"])),
        slips=Pair(Money(row["ledger_slips"]), Money(row["stated_slips"])),
        parcel=Money(row["parcel"]),
        slips_parcel=Money(row["slips_parcel"]),
        is_accepted=row["is_accepted"],
        miscounted=tuple(row["miscounted"]),
        own=Pair(Money(row["own_counted"]), Money(row["own"])),
        drops=tuple((movement, Pair(Money(left), Money(kept))) for movement, left, kept in row["drops"]),
    )


def _deposit(row: dict[str, Any]) -> DepositPosition:
    return DepositPosition(
        row["id"], row["kind"], row["name"], Money(row["said"]),
        moved=Pair(Money(row["ledger"]), Money(row["stated"])),
        counted=Pair(Money(row["cash"]), Money(row["counted"])),
    )  # fmt: skip
