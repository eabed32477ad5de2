"""Refusals of choices of messages as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable

from accounts.errors import DomainError
from accounts.message_choices.rules import (
    AlreadyPaperless,
    BadLevel,
    BadQuietHours,
    ChoicesMoved,
    MustBeTold,
    NobodyAsked,
    NoNumber,
    NotPaperless,
    OfferOver,
    WrongCode,
)
from portal.i18n import gettext as _

NOTICES: dict[type[DomainError], Callable[[], str]] = {
    AlreadyPaperless: lambda: _("The bills of this account come without paper already."),
    BadLevel: lambda: _("Enter a number above zero, or leave it empty."),
    BadQuietHours: lambda: _("Choose quiet hours that end in the morning and begin in the evening."),
    ChoicesMoved: lambda: _("Somebody changed these choices meanwhile. Look at them again."),
    MustBeTold: lambda: _("This message protects you, so we send it some way. Choose one."),
    NoNumber: lambda: _("Confirm your number before you choose text messages."),
    NobodyAsked: lambda: _("Say who asked for it, and whether they came or called."),
    NotPaperless: lambda: _("The bills of this account come on paper already."),
    OfferOver: lambda: _("This was asked for too long ago, or taken back. Call us, and we send it again."),
    WrongCode: lambda: _("That is not the code, or it is too old. Check it, or ask for a new one."),
}
