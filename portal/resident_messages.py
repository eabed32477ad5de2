"""Refusals of residents' sign-ins as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable

from accounts.errors import DomainError
from portal.i18n import gettext as _
from portal.identity.residents.rules import (
    BeginAgain,
    EmailTaken,
    IdentityTaken,
    LastWayIn,
    LinkOver,
    NoEmailYet,
    NoSecondStep,
    NotAtTheCounter,
    NotLetIn,
    PasskeyRefused,
    RecoveryOver,
    SameEmail,
    SamePerson,
    TooManyMails,
    TooManyPasskeys,
    TooManyTries,
    WrongCode,
)

RESIDENTS: dict[type[DomainError], Callable[[], str]] = {
    NotLetIn: lambda: _(
        "That did not fit. Check your e-mail address and your password. Or let us send you a link to sign in with."
    ),
    TooManyTries: lambda: _("There were too many tries. Wait fifteen minutes, then try again."),
    TooManyMails: lambda: _("We have sent several messages already. Wait fifteen minutes, then ask again."),
    LinkOver: lambda: _("This link is not good any more. Ask for a new one."),
    BeginAgain: lambda: _("That took too long. Sign in again from the beginning."),
    EmailTaken: lambda: _("This address has a sign-in of its own. It cannot be used for another one."),
    LastWayIn: lambda: _("You could not sign in any more without this. Add an e-mail address or a passkey first."),
    SameEmail: lambda: _("That is the address that you have already."),
    NoEmailYet: lambda: _("Add an e-mail address first. You type it before the password."),
    IdentityTaken: lambda: _("That belongs to another sign-in here. Sign in with it to use that one."),
    NoSecondStep: lambda: _("Set up an authenticator app or a passkey first."),
    PasskeyRefused: lambda: _("The passkey did not fit, or it took too long. Try again, or sign in another way."),
    TooManyPasskeys: lambda: _("You have as many passkeys as there can be. Remove one first."),
    NotAtTheCounter: lambda: _("Only an account holder who has an e-mail address here can be known at the counter."),
    RecoveryOver: lambda: _("This is decided, stopped or too old already. Look at the account again."),
    SamePerson: lambda: _("You asked for this. A colleague has to decide it."),
    WrongCode: lambda: _("That is not the code of this app. Check the time on your phone, then try the next code."),
}
