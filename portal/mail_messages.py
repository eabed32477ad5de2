"""Refusals of mail, lockboxes, suspense, turn-ins and paper receipts as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import ngettext

from accounts.errors import DomainError
from payments.lockboxes.rules import FileRefused, NotHeld
from payments.mail_batches.rules import (
    BundleIsFull,
    BundleWorked,
    ControlMissing,
    NoMoneyExpected,
    NotByMail,
    NothingExplained,
    NotReceivedYet,
    NotRouted,
    NotTied,
    NotWorkedHere,
    PostDated,
    PostmarkNotTaken,
)
from payments.manual_receipts.rules import (
    BadBook,
    BookKnown,
    NotInTheBook,
    NotYourBook,
    NumberUsed,
    WrittenLater,
)
from payments.suspense.rules import (
    AlreadyTakenBack,
    BadRouting,
    MoreThanInSuspense,
    NothingToKnowItBy,
    NotInSuspense,
    RuleWithdrawn,
)
from payments.turn_ins.rules import CountsDiffer, NotATurnIn, SheetDiffers, SheetIncomplete
from portal.i18n import gettext as _
from portal.i18n import long_date, money_text

MAIL: dict[type[DomainError], Callable[[], str]] = {
    ControlMissing: lambda: _("Count the remittances and add them up before you log the bundle."),
    NoMoneyExpected: lambda: _("There is no money in mail of this kind. Log the money as a bundle of its own."),
    NotRouted: lambda: _("Say who deals with it: a person or a division."),
    NotReceivedYet: lambda: _("Mail is logged when it has come. Check the day and the time."),
    PostmarkNotTaken: lambda: _("That postmark cannot be right: it is after the mail came, or too long before."),
    PostDated: lambda: _("The check is dated on a later day. It cannot be taken. Send it back."),
    NotTied: lambda: _("The bundle is not what was added up. Explain the difference before you count it."),
    NothingExplained: lambda: _("Say how many remittances, and how much."),
    NotWorkedHere: lambda: _("This bundle is not being entered. Begin with it first."),
    BundleWorked: lambda: _("A colleague is entering this bundle."),
    BundleIsFull: lambda: _("As many remittances as were counted are entered. Check the count before you go on."),
    NotByMail: lambda: _("By mail come checks, money orders and cash. Choose one of them."),
    FileRefused: lambda: _("The file was refused. Nothing of it was posted. Ask the bank for a new one."),
    NotHeld: lambda: _("This item does not wait any more. Somebody dealt with it before."),
    NotInSuspense: lambda: _("Nothing of this payment is in suspense any more."),
    MoreThanInSuspense: lambda: _("Less of this payment is in suspense. Check the amount."),
    AlreadyTakenBack: lambda: _("This was taken back before. Nothing was done twice."),
    NothingToKnowItBy: lambda: _("The check says nothing by which the next one could be known."),
    RuleWithdrawn: lambda: _("Somebody withdrew this rule before you did."),
    BadRouting: lambda: _("That is not the routing number of a bank. Check its nine digits."),
    SheetDiffers: lambda: _("The sheet does not add up. Check its lines, its cash and its checks together."),
    CountsDiffer: lambda: _("You counted something else than the sheet says. Count again together."),
    NotATurnIn: lambda: _("Departments do not bring money for that. Choose another line."),
    SheetIncomplete: lambda: _("Enter the department and the name of whoever brought the money."),
    BadBook: lambda: _("Check the book: its code, its first and its last number, a thousand at most."),
    BookKnown: lambda: _("A book of that code was issued before."),
    NotInTheBook: lambda: _("The book does not have that number."),
    NumberUsed: lambda: _("That number was entered or voided before. Nothing was done twice."),
    NotYourBook: lambda: _("This book was issued to somebody else. Ask them or a supervisor."),
    WrittenLater: lambda: _("It cannot have been written on that day. Check the day on the paper."),
}


def _of_file(facts: Mapping[str, Any]) -> str:
    """What is wrong with a lockbox file, and where."""
    why = {
        "ends-early": _("The file ends before its last record."),
        "record": _("A record is not where it belongs."),
        "batch": _("A record names another batch than the one it stands in."),
        "batch-twice": _("A batch comes twice."),
        "item-order": _("The items of a batch are not in order."),
        "amount": _("An item has no amount."),
        "overflow": _("An overflow record does not belong to the item before it."),
        "split": _("The parts of a check do not come to the check."),
        "count": _("A count does not tie."),
        "total": _("A total does not tie."),
        "records": _("The number of records does not tie."),
        "field": _("A field cannot be read."),
        "changed": _("The file changed while it was read."),
    }.get(str(facts["why"]), "")
    return " ".join(filter(None, [_("Line %(line)s.", line=facts["line"]), why]))


def _off(facts: Mapping[str, Any]) -> str:
    return ngettext(
        "Missing: %(num)s remittance, %(amount)s.", "Missing: %(num)s remittances, %(amount)s.", facts["count"],
        amount=money_text(facts["cents"]),
    )  # fmt: skip


MAIL_FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    FileRefused: _of_file,
    NotTied: _off,
    PostDated: lambda facts: _("It is dated %(day)s.", day=long_date(facts["on"])),
    PostmarkNotTaken: lambda facts: _("The City takes postmarks of the last %(days)s days.", days=facts["days"]),
    MoreThanInSuspense: lambda facts: _("%(amount)s of it is there.", amount=money_text(facts["there"])),
    SheetDiffers: lambda facts: _(
        "The sheet says %(sheet)s, there is %(counted)s.",
        sheet=money_text(facts["sheet"]), counted=money_text(facts["counted"]),
    ),
    NotInTheBook: lambda facts: _("It goes from %(first)s to %(last)s.", first=facts["first"], last=facts["last"]),
}  # fmt: skip
