"""Refusals of choices of messages as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable

from accounts.errors import DomainError
from accounts.message_choices.rules import BadLevel, BadQuietHours, MustBeTold, NoNumber, NotPaperless, WrongCode
from portal.i18n import gettext as _

NOTICES: dict[type[DomainError], Callable[[], str]] = {
    BadLevel: lambda: _("Enter a number above zero, or leave it empty."),
    BadQuietHours: lambda: _("Choose quiet hours that end in the morning and begin in the evening."),
    MustBeTold: lambda: _("This message protects you, so we send it some way. Choose one."),
    NoNumber: lambda: _("Confirm your number before you choose text messages."),
    NotPaperless: lambda: _("The bills of this account come on paper already."),
    WrongCode: lambda: _("That is not the code, or it is too old. Check it, or ask for a new one."),
}
