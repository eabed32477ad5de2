"""Refusals of billing runs and meter exchanges as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import ngettext

from accounts.bill_printings.rules import (
    AlreadyBegun,
    FileChanged,
    FileLost,
    ListChanged,
    NothingToPrint,
    NotMadeYet,
    NotPosted,
    PrintingMovedOn,
)
from accounts.billing_runs.rules import (
    CannotAccept,
    NeedsAReason,
    NotCorrectable,
    NothingToBill,
    NotInThatState,
    NotInThisRun,
    OwnRun,
    PeriodNotOver,
    ReadStands,
    RunChanged,
    StillHeld,
)
from accounts.errors import DomainError
from accounts.utilities.exchanges import ExchangeInThePast, NoMeterToExchange, ReasonForExchange, SerialTaken
from portal.i18n import gettext as _
from portal.i18n import long_date

BILLING: Mapping[type[DomainError], Callable[[], str]] = {
    NotInThatState: lambda: _("The run has moved on, so this cannot be done now. Look at where it stands."),
    StillHeld: lambda: _("Bills of this run still wait for somebody. Work them first, or leave them out."),
    NothingToBill: lambda: _("No bill is ready in this run."),
    OwnRun: lambda: _("You made, reviewed, or worked this run. Another person has to approve it."),
    RunChanged: lambda: _("Somebody worked on this meanwhile. Nothing was done. Look at it again."),
    CannotAccept: lambda: _("There is no bill to accept here. Enter a read, or leave the account out."),
    ReadStands: lambda: _("The meter was read on that day. Enter a reread, or leave the account out."),
    NotInThisRun: lambda: _("Choose a meter that stands at this address, and a day of the billing period."),
    PeriodNotOver: lambda: _("Bills are made when their period is over. Choose an earlier day for the bills."),
    NotCorrectable: lambda: _("This bill cannot be made anew: it is not ours, or it was corrected before."),
    NeedsAReason: lambda: _("Say why in a few words."),
    NotPosted: lambda: _("Bills are printed once their run is posted."),
    AlreadyBegun: lambda: _("The printing of this run has begun already. Each bill is printed once."),
    NothingToPrint: lambda: _("No bill of this run goes on paper."),
    PrintingMovedOn: lambda: _("The printing has moved on, so this cannot be done now. Look at where it stands."),
    ListChanged: lambda: _(
        "The list is another one than you saw: somebody chose otherwise meanwhile. Look at it again."
    ),
    FileLost: lambda: _(
        "This file is not in the folder as it was made. It is being made again from the frozen list, and must come "
        "out the same. Wait a moment and look again."
    ),
    NotMadeYet: lambda: _("This file is still being made. Wait a moment and look again."),
    FileChanged: lambda: _("A file made again is not the one that was kept. Tell whoever runs the portal."),
    NoMeterToExchange: lambda: _("No such meter stands at this address. Check the number."),
    ExchangeInThePast: lambda: _("The meter was read or set after that day, or the day has not come yet."),
    ReasonForExchange: lambda: _("Say why in a few words."),
    SerialTaken: lambda: _("A meter with that number is known already. Check the number."),
}
BILLING_FACTS: Mapping[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    StillHeld: lambda facts: ngettext("%(num)s bill is held.", "%(num)s bills are held.", facts["held"]),
    PeriodNotOver: lambda facts: _("The period ends on %(day)s.", day=long_date(facts["last"])),
}
