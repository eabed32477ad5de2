"""Refusals about linked and shared accounts as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.account_links.rules import (
    InvitationOver,
    MayNotShare,
    NoSuchRight,
    OwnInvitation,
    TooManyInvitations,
    TooManyLinks,
)
from accounts.account_lists.rules import NothingPasted, TooManyLines
from accounts.errors import DomainError
from portal.i18n import gettext as _

LINKS: dict[type[DomainError], Callable[[], str]] = {
    InvitationOver: lambda: _(
        "This invitation was used, taken back, or is too old. Ask for a new one from whoever sent it."
    ),
    MayNotShare: lambda: _("Only a person who proved that the account is theirs can share it."),
    NoSuchRight: lambda: _("Choose at least that the person may see the account."),
    OwnInvitation: lambda: _("You have this account already."),
    TooManyInvitations: lambda: _("Too many invitations of this account wait for an answer. Take one back first."),
    NothingPasted: lambda: _("Paste your list, or choose a file."),
    TooManyLines: lambda: _("The list is too long to be looked at at once."),
    TooManyLinks: lambda: _("This is more accounts than one sign-in can hold."),
}
LINK_FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    TooManyInvitations: lambda facts: _("At most %(most)s wait at once.", most=facts["most"]),
    TooManyLines: lambda facts: _("Send at most %(most)s lines, then the rest.", most=facts["most"]),
    TooManyLinks: lambda facts: _("It can hold %(most)s.", most=facts["most"]),
}
