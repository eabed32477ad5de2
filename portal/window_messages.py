"""Refusals at the window as sentences: drawers, sales, and payments taken back. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.errors import DomainError
from payments.collisions.rules import PageStillOpen, PaidOnline
from payments.drawers.rules import (
    ChecksDiffer,
    CountIsStale,
    DifferenceNotExplained,
    DrawerNotOpen,
    FloatNotRight,
    FloatsDiffer,
    NotCounted,
    NothingCounted,
    NotYourDrawer,
    OneDrawerEach,
    ReasonNeeded,
    TillInUse,
    UnknownDenomination,
)
from payments.no_sales.rules import NoSuchReason
from payments.pay_links.rules import AskedTwice, LinkCanceled, LinkOver, LinkPaid, NothingAsked, TooManyAsked
from payments.returned_payments.rules import (
    AgainTooLate,
    AgainTooOften,
    DayNotPossible,
    LookedElsewhere,
    MissingMoney,
    NoSuchReturn,
    NotAgain,
    NotReturnable,
    StillHere,
)
from payments.reversals.rules import AlreadyTakenBack, NotAtTheWindow, PartlyGone, TookTheMoney
from payments.sales.rules import (
    AmountMissing,
    ChangeFromCash,
    DrawerFull,
    NoAccountNamed,
    NotAllItems,
    NotHeldUp,
    NothingToTake,
    NotMadeOutToTheCity,
    NotPaidInFull,
    PaidMeanwhile,
    PaysInCashOnly,
    PriceIsFixed,
    ProjectNeeded,
    SaleChanged,
    SaleIsOver,
    TenderIncomplete,
)
from portal.i18n import gettext as _
from portal.i18n import long_date, money_text

WINDOW: dict[type[DomainError], Callable[[], str]] = {
    UnknownDenomination: lambda: _("Check how many there are of each note and coin."),
    DrawerNotOpen: lambda: _("This drawer is not open, so nothing goes in or out of it. No money was lost."),
    NotYourDrawer: lambda: _("A drawer belongs to one cashier, and this one is a colleague’s."),
    TillInUse: lambda: _("A colleague has this till open. Choose another one."),
    OneDrawerEach: lambda: _("You have a drawer open already. Close it before you open another."),
    FloatNotRight: lambda: _("The float does not come to what a drawer begins with. Count again."),
    FloatsDiffer: lambda: _("The two counts of the float are not the same. Count it together."),
    NothingCounted: lambda: _("Enter how many there are of each note and coin."),
    NotCounted: lambda: _("This count does not wait for anybody any more. Look at the drawer again."),
    DifferenceNotExplained: lambda: _("The difference is above the city’s limit. Say how it came about."),
    CountIsStale: lambda: _("A sale was voided after this count. Reject it, and have the drawer counted again."),
    ChecksDiffer: lambda: _(
        "The checks are not those that were taken. Find the one that is missing or was not entered, then count again."
    ),
    ReasonNeeded: lambda: _("Say why in a few words."),
    NothingToTake: lambda: _("There is nothing in this sale yet."),
    NotPaidInFull: lambda: _("What was handed over does not come to what is due."),
    ChangeFromCash: lambda: _("Change is given for cash only. Take a check for the exact amount."),
    TenderIncomplete: lambda: _("Something of what was handed over is missing: its number, bank or card."),
    NotMadeOutToTheCity: lambda: _("A check must be made out to the City. Ask for another way to pay."),
    ProjectNeeded: lambda: _("Choose a project for this item."),
    PriceIsFixed: lambda: _("The city has set the price of this item."),
    NotAllItems: lambda: _("An item of this sale is not sold today."),
    AmountMissing: lambda: _("Enter an amount above zero on every line."),
    DrawerFull: lambda: _("The drawer would hold too much cash. Drop some into the vault first. Nothing was taken."),
    PaysInCashOnly: lambda: _(
        "No check can be taken for this account. Take cash, a money order or a card, or ask a supervisor."
    ),
    NoAccountNamed: lambda: _("Choose the account that your word is for."),
    NotHeldUp: lambda: _("Nothing holds up this account in this sale now. Look at the sale again."),
    SaleIsOver: lambda: _("This sale is over. Nothing was taken twice."),
    NoSuchReason: lambda: _("Choose a reason from the list. Nothing was opened."),
    PaidMeanwhile: lambda: _(
        "Somebody has paid since this page was shown: less is owed now. Look at the amounts again. Nothing was taken."
    ),
    PaidOnline: lambda: _("This was just paid online. Nothing was taken here. See below what is still owed."),
    PageStillOpen: lambda: _(
        "The payment page for the same could not be closed, so it may still be paid online. Nothing was taken."
    ),
    SaleChanged: lambda: _("This sale was changed on another screen. Look at it again. Nothing was taken."),
    AlreadyTakenBack: lambda: _("This payment was taken back before. Nothing was done twice."),
    TookTheMoney: lambda: _("Whoever took the money does not void it. Ask a supervisor."),
    NotAtTheWindow: lambda: _("This payment was not taken by a person, so it is not voided here."),
    PartlyGone: lambda: _("A part of this payment is not there any more. See where it went before you take it back."),
    NotReturnable: lambda: _("A bank sends back checks and money orders. Cash and cards do not come back this way."),
    StillHere: lambda: _("It is in a drawer that is not closed, so no bank has seen it. Void the payment instead."),
    NoSuchReturn: lambda: _("Choose a reason from the list."),
    DayNotPossible: lambda: _("That cannot be the day. Check the date on the bank’s advice."),
    LookedElsewhere: lambda: _("Something changed after you looked. Nothing was done. Look again, then go on."),
    MissingMoney: lambda: _(
        "A part of it is not where it was put any more. Nothing was posted; it stands in the exceptions now."
    ),
    NotAgain: lambda: _("What comes back for this reason is not presented again."),
    AgainTooOften: lambda: _("It was presented again as often as the banks’ rules allow."),
    AgainTooLate: lambda: _("The time in which it may be presented again is over."),
    NothingAsked: lambda: _("Enter an amount for one account at least."),
    TooManyAsked: lambda: _("That is more accounts than one link takes."),
    AskedTwice: lambda: _("An account stands there twice. Enter it once, with the whole amount."),
    LinkOver: lambda: _("The time of this link is over. Nobody was charged."),
    LinkCanceled: lambda: _("This link was canceled. Nobody was charged."),
    LinkPaid: lambda: _("This link was paid before. Nothing was charged twice."),
}
WINDOW_FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    MissingMoney: lambda facts: _("%(amount)s is missing.", amount=money_text(facts["missing"])),
    FloatNotRight: lambda facts: _("A drawer begins with %(amount)s.", amount=money_text(facts["float"])),
    DifferenceNotExplained: lambda facts: _("The limit is %(amount)s.", amount=money_text(facts["limit"])),
    DrawerFull: lambda facts: _("The limit is %(amount)s.", amount=money_text(facts["limit"])),
    PriceIsFixed: lambda facts: _("It costs %(amount)s.", amount=money_text(facts["price"])),
    PaidOnline: lambda facts: _("%(amount)s came in online.", amount=money_text(facts["amount"])),
    PaysInCashOnly: lambda facts: _("That holds until %(day)s.", day=long_date(facts["until"])),
}
