"""One table: each refusal of the domain, as a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.adjustments.leaks import LeakNotGiven, NotMetered
from accounts.adjustments.rules import (
    LeakOfOneAccount,
    LinesDoNotSum,
    MoreThanAsked,
    NoSuchReason,
    NotWaivable,
    TakenBackBefore,
    WaivedBefore,
)
from accounts.approvals.rules import AlreadyDecided, AlreadyProposed, NotTheMaker, ReasonMissing, WorldChanged
from accounts.assessments.rules import NotOurs
from accounts.cash_only.rules import LiftedBefore, LiftNeedsAReason
from accounts.cities.desk import DocumentMissing, NotOnTheList, TooFarAhead, TooFarBack
from accounts.cities.rules import NotInTheCity
from accounts.contacts.rules import AlreadyEnded, DueInThePast, ForNobody, NothingSaid
from accounts.customer_accounts.lifecycle import (
    AlreadyClosed,
    AlreadyOpened,
    AlreadySo,
    EndsBeforeItBegins,
    NotClosed,
    PlaceMissing,
    RoleMissing,
)
from accounts.customer_accounts.scan_lines import DoesNotFit, ScanLineUnread
from accounts.customer_changes.rules import (
    AlreadyHandled,
    AlreadySettled,
    ChangedMeanwhile,
    InTheFuture,
    NothingChanges,
)
from accounts.customers.rules import BadContact, Merged
from accounts.errors import Conflict, DomainError, NotFound, SamePerson
from accounts.exceptions.rules import LineClosed, NoReason, WithAnother
from accounts.fees.rules import NotInCatalog, TooMany
from accounts.lookups.rules import NoMatch, TooManyGuesses
from accounts.mergers.rules import AlreadyMerged, DifferentKinds, MergedFurther, NotMerged, SameCustomer
from accounts.pricing.facts import NoSuchChoice
from accounts.staff.rules import NotAllowed, OverLimit
from accounts.staff.service import GrantRunsBackward, LastAdministrator, RoleHeld, UnknownRole
from accounts.utilities.starting import (
    AlreadyServed,
    BadMeter,
    BadRead,
    MeterElsewhere,
    MeterMissing,
    NotAService,
)
from payments.baskets.service import BasketFull, LessIsOwed, NothingToPay, TooLittle, TooMuch
from payments.checkout.service import EmptyBasket, MoneyOnItsWay, PaymentNotSent, QuoteChanged
from payments.gateway.base import GatewayError
from payments.moves.rules import CreditSpent, MoreThanThere, PaymentTakenBack, SameAccount
from portal import bank_messages
from portal.accounting_messages import ACCOUNTING, ACCOUNTING_FACTS
from portal.billing_messages import BILLING, BILLING_FACTS
from portal.case_messages import CASE_FACTS, CASES
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, money_text
from portal.identity.oidc import ProviderAway, ProviderRefused
from portal.identity.passwords import WeakPassword
from portal.identity.staff.invitations import InvitationOver, WrongCode, WrongPassword
from portal.identity.staff.people import BadUsername, UsernameTaken
from portal.identity.staff.signing_in import SignInRefused, TooManySignIns
from portal.identity.staff.vouching import IdentityUnknown
from portal.link_messages import LINK_FACTS, LINKS
from portal.mail_messages import MAIL, MAIL_FACTS
from portal.notice_messages import NOTICES
from portal.oversight_messages import OVERSIGHT
from portal.resident_messages import RESIDENTS
from portal.window_messages import WINDOW, WINDOW_FACTS

SENTENCES: dict[type[DomainError], Callable[[], str]] = {
    NoMatch: lambda: _(
        "We could not find a match. Check the number and the proof, then try again. If you are not sure of your "
        "number, we can send it to the contact we have."
    ),
    TooManyGuesses: lambda: _(
        "There were too many tries. Wait ten minutes, or ask us to send a code to the contact we have."
    ),
    BasketFull: lambda: _("The basket is full. Pay for what is in it first, then add more."),
    NothingToPay: lambda: _("There is nothing to pay for that choice. Choose another amount."),
    TooLittle: lambda: _("That is less than the smallest payment we can take here. Check the amount."),
    TooMuch: lambda: _("That is more than we can take at once. Check the amount."),
    EmptyBasket: lambda: _("Your basket is empty. Find an account to pay first."),
    QuoteChanged: lambda: _("The amount has changed since you opened this page. Check the new amount below."),
    LessIsOwed: lambda: _(
        "Less is owed now than you are about to pay. You have not been charged. Look at the amounts below."
    ),
    MoneyOnItsWay: lambda: _(
        "Someone else has just begun to pay for the same. You have not been charged. Look below before you go on."
    ),
    PaymentNotSent: lambda: _(
        "We could not open the payment page. You have not been charged. Wait a minute and try again."
    ),
    GatewayError: lambda: _(
        "The payment service does not answer right now. If you paid, your money is safe and will show here soon."
    ),
    SignInRefused: lambda: _("That did not fit. Check your user name, your password and the code, then try again."),
    TooManySignIns: lambda: _("There were too many tries. Wait fifteen minutes, or ask an administrator."),
    WeakPassword: lambda: _(
        "That password is too easy to guess. Use twelve characters or more, and not your name or a common phrase."
    ),
    WrongPassword: lambda: _("That is not your password. Try again."),
    WrongCode: lambda: _("The code does not fit. Wait for the next one in your app and type that."),
    InvitationOver: lambda: _("This link is over. Ask an administrator for a new one."),
    BadUsername: lambda: _("Use small letters, digits, dots and hyphens for the user name. Begin with a letter."),
    UsernameTaken: lambda: _("That user name is taken. Names are never given twice."),
    UnknownRole: lambda: _("There is no such role on that day."),
    GrantRunsBackward: lambda: _("The last day is before the first. Check both dates."),
    ProviderAway: lambda: _(
        "The other service does not answer right now. Wait a minute and try again, or sign in with your password."
    ),
    ProviderRefused: lambda: _("That sign-in did not come to its end. Begin again."),
    IdentityUnknown: lambda: _(
        "You were recognized there, but nobody has connected you here yet. Give an administrator the code below."
    ),
    RoleHeld: lambda: _("This person has that role in those days already."),
    LastAdministrator: lambda: _(
        "Nobody would be left who can manage staff. Give somebody else that role first, without an end date."
    ),
    SamePerson: lambda: _("This needs a second person. You cannot do both parts yourself."),
    NotAllowed: lambda: _("Your roles do not cover this. Ask a supervisor."),
    OverLimit: lambda: _("This is above your limit. Someone with a higher limit has to decide."),
    WorldChanged: lambda: _(
        "Something changed since this was asked for. Nothing was done. Look below, then ask anew."
    ),
    AlreadyDecided: lambda: _("Somebody decided this before you did. Nothing was done twice."),
    AlreadyProposed: lambda: _("The very same is waiting for a second person already. Look in the approvals."),
    ReasonMissing: lambda: _("Say why in a few words."),
    NotTheMaker: lambda: _("Only the person who asked for this can take it back."),
    NotOurs: lambda: _("Another system keeps this balance. Only its owner can change it."),
    NotWaivable: lambda: _("The City does not forgive charges of this kind."),
    WaivedBefore: lambda: _(
        "This account was forgiven as often as the City does. A second person may go beyond that."
    ),
    MoreThanAsked: lambda: _("The charge does not ask that much. Check the amount."),
    LinesDoNotSum: lambda: _("The lines do not add up to the amount. Check both."),
    NoSuchReason: lambda: _("Choose a reason from the list."),
    LeakNotGiven: lambda: _("The City’s rules give no credit for this leak."),
    NotMetered: lambda: _("That charge is not for measured use. A leak credit cannot be worked out on it."),
    LeakOfOneAccount: lambda: _("Choose bills of one account, and each bill once."),
    TakenBackBefore: lambda: _("That was taken back before. Make a new adjustment instead."),
    NotInCatalog: lambda: _("The counter does not post that fee on this account today."),
    TooMany: lambda: _("That is more of this fee than is posted at once. Check how many."),
    SameAccount: lambda: _("The money is on that account. Choose another one."),
    MoreThanThere: lambda: _("Less of this payment is on that account. Check the amount."),
    CreditSpent: lambda: _("A part of this payment was credit, and the credit was used. Move less."),
    PaymentTakenBack: lambda: _("This payment was taken back. There is nothing to move."),
    LiftedBefore: lambda: _("That is over already, or somebody ended it before you did."),
    LiftNeedsAReason: lambda: _("Say why in a few words."),
    LineClosed: lambda: _("Somebody closed this while you had it open. Their note is below."),
    WithAnother: lambda: _("Somebody else took this on while you had it open. Talk to them, or take it over."),
    NoReason: lambda: _("Say what was done about it."),
    NothingSaid: lambda: _("Write a few words first."),
    ForNobody: lambda: _("Say who does it: a person who works here, or a division."),
    DueInThePast: lambda: _("That day is over. Choose today or a later day."),
    AlreadyEnded: lambda: _("Somebody finished this or handed it on before you did."),
    NotOnTheList: lambda: _("Choose one from the list."),
    DocumentMissing: lambda: _("The City asks for a document for this. Choose the one that you have seen."),
    TooFarBack: lambda: _("That day is too far back. Choose a later one."),
    TooFarAhead: lambda: _("That day is too far ahead. Choose an earlier one."),
    NotInTheCity: lambda: _("The City has no such rate or class on that day. Choose another."),
    NoSuchChoice: lambda: _("The rate has no price for that size. Choose another."),
    BadContact: lambda: _("Check the name, the address, the e-mail and the telephone number."),
    Merged: lambda: _("This record was merged with another one. Work with that one."),
    NothingChanges: lambda: _("It is all as you typed it already. Nothing was changed."),
    InTheFuture: lambda: _("That day has not come yet. Choose today or an earlier day."),
    ChangedMeanwhile: lambda: _(
        "Somebody changed this customer while you had the form open. Nothing was saved. Look at what is there now."
    ),
    AlreadySettled: lambda: _("This change was made or taken back before."),
    AlreadyHandled: lambda: _("Somebody dealt with this letter before you did."),
    AlreadyClosed: lambda: _("This account is closed already."),
    AlreadyOpened: lambda: _("This form was sent before. Nothing was opened twice."),
    NotClosed: lambda: _("This account is open."),
    AlreadySo: lambda: _("The account is marked that way already."),
    EndsBeforeItBegins: lambda: _("The account was not open on that day. Check the dates."),
    RoleMissing: lambda: _("Say whether they own the place, rent it, or pay for it."),
    PlaceMissing: lambda: _("Enter the street address."),
    SameCustomer: lambda: _("This is one and the same customer."),
    DifferentKinds: lambda: _("A person and a business cannot be merged."),
    AlreadyMerged: lambda: _("One of the two was merged before. Look at both again."),
    NotMerged: lambda: _("These two are not merged, so there is nothing to take back."),
    MergedFurther: lambda: _("The customer was merged again later. Take that merger back first."),
    NotAService: lambda: _("Choose each service once, with a rate that is meant for it."),
    AlreadyServed: lambda: _("Somebody else has this service at the address. Close their account first."),
    MeterMissing: lambda: _("No meter stands at the address. Enter its number."),
    MeterElsewhere: lambda: _("That meter stands at another address, or was taken out. Check the number."),
    BadMeter: lambda: _("Check the meter: its number, its unit, its dials and its multiplier."),
    BadRead: lambda: _("The meter cannot show that. Check the digits."),
    ScanLineUnread: lambda: _("That is not the line of one of the City’s bills. Scan it again, or type the number."),
    DoesNotFit: lambda: _("That is too long for the line of the bill."),
    **WINDOW,
    **MAIL,
    **bank_messages.SENTENCES,
    **ACCOUNTING,
    **OVERSIGHT,
    **LINKS,
    **CASES,
    **NOTICES,
    **RESIDENTS,
    **BILLING,
    NotFound: lambda: _("We could not find that page."),
    Conflict: lambda: _("Something changed while you were on this page. Nothing was lost. Look again."),
}


FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    WaivedBefore: lambda facts: _("The last time was %(day)s.", day=long_date(facts["on"])),
    LeakNotGiven: lambda facts: " ".join(reason.words.in_(locale_code()) for reason in facts["reasons"]),
    MoreThanAsked: lambda facts: _("It asks %(amount)s.", amount=money_text(facts["asked"])),
    MoreThanThere: lambda facts: _("%(amount)s of it is there.", amount=money_text(facts["there"])),
    **WINDOW_FACTS,
    **MAIL_FACTS,
    **ACCOUNTING_FACTS,
    **LINK_FACTS,
    **BILLING_FACTS,
    **CASE_FACTS,
    OverLimit: lambda facts: _("Your limit is %(amount)s.", amount=money_text(facts["limit"])),
    **bank_messages.FACTS,
}
"""What a refusal knows of the case, as a second sentence."""


def sentence(error: DomainError) -> str:
    """What to tell a person about a refusal; the most exact sentence that fits, and what it knows of the case."""
    known = FACTS.get(type(error))
    said = next((SENTENCES[kind]() for kind in type(error).__mro__ if kind in SENTENCES), "")
    if not said:
        return _("That cannot be done right now. No money was lost.")
    return f"{said} {known(error.facts)}" if known and error.facts else said
