"""Refusals of deposits and bank statements, as sentences (see ``portal.messages``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.errors import DomainError
from accounts.money import Money
from payments.bank_deposits import rules as deposits
from portal.i18n import gettext as _
from portal.i18n import money_text

SENTENCES: dict[type[DomainError], Callable[[], str]] = {
    deposits.NothingToDeposit: lambda: _("Choose batches that hold money of this kind. One of them holds none."),
    deposits.BatchTaken: lambda: _("Somebody put one of these batches into another deposit. Look at what waits now."),
    deposits.CountDiffers: lambda: _("What was counted is not what these batches hold. Count again."),
    deposits.UnknownDenomination: lambda: _("That note or coin is not counted here."),
    deposits.BagMissing: lambda: _("Enter the number of the bag."),
    deposits.BagInUse: lambda: _("Another deposit has a bag of this number. Check the number."),
    deposits.TookTheMoney: lambda: _("You took some of this money at a drawer. Somebody else has to verify it."),
    deposits.NotPrepared: lambda: _("This deposit was sealed or given up before you did."),
    deposits.NotSealed: lambda: _("Only a bag that was verified and sealed is handed over."),
    deposits.NotInYourHands: lambda: _("This bag is not in your hands. Look at its custody log."),
}
FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    deposits.CountDiffers: lambda facts: _differs(str(facts["tender"]), int(facts["difference_cents"])),
}


def _differs(tender: str, cents: int) -> str:
    """Which tender is off, which way, and by how much: never netted with another."""
    if tender == "number-of-checks":
        if cents > 0:
            return _("The number of checks is %(number)s too high.", number=cents)
        return _("The number of checks is %(number)s too low.", number=-cents)
    amount = money_text(Money(abs(cents)))
    if tender == "check-list":
        return _("The list of checks differs by %(amount)s from the count. Tell a supervisor.", amount=amount)
    names = {"cash": _("Cash"), "checks": _("Checks and money orders"), "terminal": _("Card terminals")}
    if cents > 0:
        return _("%(tender)s: %(amount)s too much.", tender=names[tender], amount=amount)
    return _("%(tender)s: %(amount)s missing.", tender=names[tender], amount=amount)
