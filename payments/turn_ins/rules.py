"""A department's sheet: what it brings for what, and that both counted the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.cities.window import CatalogItem
from accounts.errors import DomainError
from accounts.money import ZERO, Money, total
from payments.drawers.rules import cash_of
from payments.sales.drafts import CASH, CHECK, Draft, ItemLine, TenderLine


class SheetDiffers(DomainError):
    """The sheet says another sum than its lines, or than was counted: ``facts["sheet"]``, ``facts["counted"]``."""


class CountsDiffer(DomainError):
    """Both counted, and not the same: count again together."""


class NotATurnIn(DomainError):
    """The item is not one that departments bring: ``facts["item"]``."""


class SheetIncomplete(DomainError):
    """The sheet says neither whose money it is nor who brought it."""


@dataclass(frozen=True)
class Sheet:
    """What a department brings, as its sheet says, and as the cashier counted it."""

    key: str
    department: str
    brought_by: str
    lines: tuple[ItemLine, ...]
    cash: Money
    """By the sheet."""
    checks: tuple[TenderLine, ...] = ()
    """Each check, as it was read."""
    checks_total: Money = ZERO
    """By the sheet."""
    denominations: Mapping[int, int] | None = None
    """The cash as the cashier counted it."""
    number: str = ""
    language: str = "en"

    @property
    def counted(self) -> Money:
        return cash_of(self.denominations or {})


def check_sheet(sheet: Sheet, catalog: Mapping[str, CatalogItem]) -> None:
    """Raise why it is not taken: the composition of what is receipted is the composition of what was brought."""
    if not sheet.department.strip() or not sheet.brought_by.strip():
        raise SheetIncomplete("whose it is")
    for line in sheet.lines:
        item = catalog.get(line.code)
        if item is None or not item.turn_in:
            raise NotATurnIn(f"{line.code} is no turn-in", item=line.code)
    if sheet.counted != sheet.cash:
        raise CountsDiffer(f"{sheet.cash} on the sheet, {sheet.counted} counted")
    found = total(check.amount for check in sheet.checks)
    if found != sheet.checks_total:
        raise SheetDiffers("checks", sheet=sheet.checks_total, counted=found)
    due, brought = total(line.amount for line in sheet.lines), sheet.cash + sheet.checks_total
    if due != brought:
        raise SheetDiffers("lines", sheet=due, counted=brought)


def draft_of(sheet: Sheet) -> Draft:
    """The sheet as a sale: its cash as one tender, each check as one."""
    cash = (TenderLine(CASH, sheet.cash, sheet.cash),) if sheet.cash else ()
    return Draft(items=sheet.lines, tenders=(*cash, *sheet.checks), payer=sheet.department.strip())


def check_line(amount: Money, number: str, bank: str) -> TenderLine:
    """A check of a sheet."""
    return TenderLine(CHECK, amount, amount, number, bank)
