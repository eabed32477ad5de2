"""Refusals of deposits and bank statements, as sentences (see ``portal.messages``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.errors import DomainError
from accounts.money import Money
from payments.bank_deposits import rules as deposits
from payments.bank_statements import rules as statements
from portal.i18n import gettext as _
from portal.i18n import long_date, money_text

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
    statements.FileRefused: lambda: _("The file was refused. Nothing of it was kept."),
    statements.StatementOff: lambda: _("The balances of this statement do not fit its lines. Nothing was kept."),
    statements.DoesNotFollow: lambda: _("This statement does not follow the one before. Nothing was kept."),
    statements.Contradicts: lambda: _("Another file told other lines for the same days. Nothing was kept."),
    statements.WhichAccount: lambda: _("Choose the bank account. The file does not say which one of ours it is."),
    statements.DoesNotTie: lambda: _("What you chose does not come to the amount of the line."),
    statements.MatchedBefore: lambda: _("This was matched before you did. Look at it again."),
    statements.NotMatched: lambda: _("This line has no match to take back."),
    statements.CountedIt: lambda: _("You prepared or verified one of these deposits. Somebody else reconciles it."),
    statements.WrongCategory: lambda: _("Choose a name from the list that fits which way the money goes."),
    statements.NotBooked: lambda: _("Lines of this name are not booked. Name the line only."),
    statements.SignedOff: lambda: _("This statement was signed off. It stays as it is."),
    statements.Unexplained: lambda: _("Some lines are neither matched nor named."),
}


def _signed(cents: int) -> str:
    return money_text(Money(cents))


def _refused(problem: str, line: int) -> str:
    said = {
        "too-large": _("It is too large."),
        "not-text": _("It is empty, or no text."),
        "not-bai2": _("It is not BAI2 as banks write it."),
        "not-csv": _("It is not CSV as the bank writes it."),
        "control-total": _("A control total does not fit."),
        "type-code": _("A type of line is not known."),
        "amount": _("An amount cannot be read."),
        "date": _("A date cannot be read."),
        "date-order": _("The days are not in order."),
        "columns": _("The columns are not those of the bank’s profile."),
        "empty": _("It has no lines."),
        "group-status": _("It is a test or takes an earlier file back."),
        "interim": _("It is a report in between, not the end of a day."),
        "currency": _("It is not in dollars."),
        "no-balance": _("It has no balance."),
    }[problem]
    return _("Line %(line)s: %(said)s", line=line, said=said) if line else said


def _off_at(cents: int, line: int) -> str:
    if line:
        return _("Line %(line)s is off by %(amount)s.", line=line, amount=_signed(cents))
    return _("They are off by %(amount)s.", amount=_signed(cents))


def _not_following(facts: Mapping[str, Any]) -> str:
    if not facts["difference_cents"]:
        return _("It begins before the first day that is known, %(day)s.", day=long_date(facts["on"]))
    return _("Its opening balance is off by %(amount)s.", amount=_signed(facts["difference_cents"]))


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


FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    deposits.CountDiffers: lambda facts: _differs(str(facts["tender"]), int(facts["difference_cents"])),
    statements.FileRefused: lambda facts: _refused(str(facts["problem"]), int(facts["line"])),
    statements.StatementOff: lambda facts: _off_at(int(facts["difference_cents"]), int(facts["line"])),
    statements.DoesNotFollow: _not_following,
    statements.Contradicts: lambda facts: _(
        "%(day)s differs by %(amount)s.", day=long_date(facts["on"]), amount=_signed(facts["difference_cents"])
    ),
    statements.DoesNotTie: lambda facts: _(
        "The difference is %(amount)s.", amount=_signed(facts["difference_cents"])
    ),
    statements.Unexplained: lambda facts: _("Lines not explained: %(number)s.", number=facts["lines"]),
}
