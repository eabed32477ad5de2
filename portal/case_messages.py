"""Refusals about requests and their papers as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.cases import rules
from accounts.cases.asking import NotForThisAccount
from accounts.documents.rules import (
    NothingSent,
    NotTaken,
    TooLarge,
    TooManyFiles,
    TooManyPixels,
    Unreadable,
)
from accounts.errors import DomainError
from accounts.pauses.rules import EndsBeforeItBegins
from accounts.refunds.rules import MoneyOnItsWay, NoCredit, OwesMore
from accounts.requests.guest_links import AsksSignedIn
from accounts.requests.guests import TakesASignIn
from accounts.requests.rules import NoMeteredCharge, NothingToCorrect, NotTheOpenedOne, OpenedByHand
from portal.i18n import gettext as _
from portal.i18n import long_date, money_text

_MEGABYTE = 1_000_000
CASES: dict[type[DomainError], Callable[[], str]] = {
    rules.NotNow: lambda: _("That cannot be done with this request any more. Look at where it stands."),
    rules.ChangedMeanwhile: lambda: _(
        "Somebody did something to this request while you had it open. Nothing was saved. Look at it again."
    ),
    rules.AnswerMissing: lambda: _("A question is not answered yet. Go back to it with “Change an answer”."),
    rules.BadAnswer: lambda: _("This cannot be the answer. Check what you wrote."),
    rules.PaperMissing: lambda: _("A document is missing. Add it, then go on."),
    rules.SignOffMissing: lambda: _("Somebody has to sign off before it is decided."),
    rules.SignOffRefused: lambda: _("A sign-off says no, so it cannot be granted."),
    rules.NothingSaid: lambda: _("Write a few words."),
    rules.TooLate: lambda: _("The time to appeal this bill is over. You can still ask a question about it."),
    rules.TooSoon: lambda: _("This was asked for on this account not long ago."),
    rules.OpenAlready: lambda: _("The same is being asked for on this account already."),
    TakesASignIn: lambda: _("For this, sign in first and add the account to your list."),
    AsksSignedIn: lambda: _("Whoever asked for this has signed in. There is no link to end."),
    NotForThisAccount: lambda: _("This request is not for an account of this kind."),
    NothingSent: lambda: _("Choose a file."),
    NotTaken: lambda: _(
        "We take PDF files and photos in JPEG, PNG or HEIC. This is neither, or it does more than show a page."
    ),
    TooLarge: lambda: _("The file is too large."),
    TooManyFiles: lambda: _("No more files can be added to this request."),
    TooManyPixels: lambda: _("The picture is too large. Take it with fewer pixels."),
    Unreadable: lambda: _("The photo cannot be opened. Take it again."),
    EndsBeforeItBegins: lambda: _("The last day is before the first. Check both dates."),
    NoCredit: lambda: _("The account does not have that much credit."),
    OwesMore: lambda: _("The account owes money. Its credit goes there first."),
    MoneyOnItsWay: lambda: _("A payment is on its way to this account. Decide when it has arrived."),
    OpenedByHand: lambda: _(
        "No service is known at this address. Open the account on its own page, then enter its number here."
    ),
    NotTheOpenedOne: lambda: _("No utility account with this number was opened since the request came in."),
    NothingToCorrect: lambda: _("Say which charge is corrected, by how much, and why."),
    NoMeteredCharge: lambda: _("These bills have no line for metered water, so there is nothing to credit."),
}  # fmt: skip
CASE_FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    rules.OpenAlready: lambda facts: _("It has the number %(number)s.", number=facts["number"]),
    rules.TooLate: lambda facts: _("The last day was %(day)s.", day=long_date(facts["last_day"])),
    rules.TooSoon: lambda facts: _("You can ask again from %(day)s on.", day=long_date(facts["again_on"])),
    TooLarge: lambda facts: _("The limit is %(megabytes)s MB.", megabytes=facts["most"] // _MEGABYTE),
    TooManyFiles: lambda facts: _("The limit is %(most)s.", most=facts["most"]),
    NoCredit: lambda facts: _("Its credit is %(amount)s.", amount=money_text(facts["credit"])),
    OwesMore: lambda facts: _("It owes %(amount)s.", amount=money_text(facts["owed"])),
}
