"""Refusals of journal exports and of the close as sentences. Read by ``portal.messages``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.errors import DomainError
from payments.closings.queries import PacketChanged
from payments.journal_exports.rules import (
    AnsweredBefore,
    BadAnswer,
    DayNotClosed,
    ExportChanged,
    NotBalanced,
    NothingToExport,
)
from payments.journal_exports.writing import TooWide
from portal.i18n import gettext as _
from portal.i18n import long_date, money_text

ACCOUNTING: dict[type[DomainError], Callable[[], str]] = {
    NothingToExport: lambda: _("Every journal of the closed days was exported before."),
    DayNotClosed: lambda: _("Journals are exported of closed days only. Choose an earlier day."),
    NotBalanced: lambda: _(
        "The two sides of a fund differ, so nothing was exported. Run the proof of the books first."
    ),
    TooWide: lambda: _("A value is wider than its column, so nothing was exported. The layout has to change."),
    BadAnswer: lambda: _(
        "This is not an acknowledgement that can be read. Each line says batch, status, reference, message."
    ),
    AnsweredBefore: lambda: _("This batch was accepted before, and this file says otherwise. Nothing was changed."),
    PacketChanged: lambda: _("The stored packet is not what was written. Run the proof of the books."),
    ExportChanged: lambda: _("The stored file is not the one that was sent. Run the proof of the books."),
}
ACCOUNTING_FACTS: dict[type[DomainError], Callable[[Mapping[str, Any]], str]] = {
    NotBalanced: lambda facts: _(
        "Fund %(fund)s of %(day)s is off by %(amount)s.",
        fund=facts["fund"],
        day=long_date(facts["day"]),
        amount=money_text(facts["off"]),
    ),
    BadAnswer: lambda facts: _("Look at line %(line)s of the file.", line=facts["line"]),
}
