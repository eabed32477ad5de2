"""Every report there is, by its code, in the order in which they are listed."""

from __future__ import annotations

from accounts.errors import NotFound
from payments.reports.of_banking import DEPOSITS, UNMATCHED
from payments.reports.of_drawers import DRAWERS, OVER_SHORT
from payments.reports.of_money import RECEIPTS, REVENUE, TAKINGS
from payments.reports.of_work import WORKLOAD
from payments.reports.rules import Report

REPORTS: dict[str, Report] = {
    report.code: report for report in (TAKINGS, REVENUE, DRAWERS, OVER_SHORT, DEPOSITS, UNMATCHED, RECEIPTS, WORKLOAD)
}


def report_of(code: str) -> Report:
    """The report of that code; raises :class:`~accounts.errors.NotFound`."""
    if code not in REPORTS:
        raise NotFound(f"no report {code!r}", what=code)
    return REPORTS[code]
