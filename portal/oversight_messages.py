"""Refusals of findings, declared interests and reports, as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts.errors import DomainError
from payments.findings.rules import AboutYourself, FindingEnded
from payments.reports.rules import BlindCount, NobodyToMail, PeriodRunsBackward
from portal.i18n import gettext as _

OVERSIGHT: Mapping[type[DomainError], Callable[[], str]] = {
    AboutYourself: lambda: _("This is about you. A colleague has to work it."),
    FindingEnded: lambda: _("Somebody explained this while you had it open. Their words are below."),
    BlindCount: lambda: _(
        "A drawer of yours is not counted and accepted yet, so its day stays hidden from you. Choose earlier days."
    ),
    PeriodRunsBackward: lambda: _("The last day is before the first, or more than ten years after it."),
    NobodyToMail: lambda: _("Say when it is mailed and to whom, or neither."),
}
