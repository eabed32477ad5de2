"""Reports in words: their names, columns and cells, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from markupsafe import Markup

from accounts.cities.rules import City, NotInTheCity
from accounts.money import Money
from payments.reports.rules import Cadence, CellKind, Column, Filters, Report
from portal.i18n import gettext as _
from portal.i18n import locale_code, money, money_text, month_name, short_date, short_datetime
from portal.words.city_names import fund_name, till_name
from portal.words.names import person, plain

NAMES = {
    "takings": _l("Takings by code and tender"),
    "revenue": _l("Revenue by fund"),
    "drawers": _l("Drawer history"),
    "over-short": _l("Over and short"),
    "deposits": _l("Bank deposits"),
    "unmatched": _l("Bank and books: not matched"),
    "receipts": _l("Register of receipts"),
    "workload": _l("Workload"),
}
MEANINGS = {
    "takings": _l(
        "What was taken and taken back, by ledger account and tender. A payment made with several tenders is laid on "
        "its codes in their order, so both sums are exact."
    ),
    "revenue": _l("What the revenue accounts earned in these days, however it was or will be paid."),
    "drawers": _l("Each drawer whose count was accepted. Drawers that are not counted yet are not here."),
    "over-short": _l(
        "Differences of accepted counts, by cashier and month. Those that reach the City’s limits are named."
    ),
    "deposits": _l("Deposits that were sealed in these days, and when the bank’s statement shows them."),
    "unmatched": _l("Lines of the bank that nothing of ours meets, and entries of ours that the bank does not show."),
    "receipts": _l("Every receipt with its accounts, and what of it was taken back."),
    "workload": _l("Payments, calls and acts of people who work here, by the hour at city hall."),
}
COLUMNS = {
    "accepted_by": _l("Accepted by"),
    "accounts": _l("Accounts"),
    "acts": _l("Acts"),
    "amount": _l("Amount"),
    "arrived": _l("At the bank on"),
    "at_bank": _l("On the statement"),
    "bag": _l("Bag"),
    "bank": _l("Bank account of the City"),
    "batches": _l("Batches"),
    "cash": _l("Cash"),
    "channel": _l("Channel"),
    "checks": _l("Checks"),
    "closed_at": lazy_pgettext("at", "Closed"),
    "code": _l("Code"),
    "contacts": _l("Contacts"),
    "counted": _l("Counted"),
    "day": _l("Day"),
    "days": _l("Days ago"),
    "deposit": _l("Deposit"),
    "drawer": _l("Drawer"),
    "drawers": _l("Drawers"),
    "earned": _l("Earned"),
    "entries": _l("How many"),
    "float": _l("Float"),
    "fund": _l("Fund"),
    "given_back": _l("Given back"),
    "hour": _l("Hour"),
    "in_books": _l("In the books"),
    "issued_at": _l("Issued"),
    "kind": _l("Kind"),
    "largest": _l("Largest"),
    "month": _l("Month"),
    "moved": _l("Dropped and brought"),
    "name": _l("Account of the ledger"),
    "no_sales": _l("Opened without a sale"),
    "named": _l("Reaches a limit"),
    "over": _l("Over"),
    "over_short": _l("Over or short"),
    "payments": _l("Payments"),
    "person": _l("Person"),
    "postings": _l("Entries"),
    "receipt": _l("Receipt"),
    "reference": _l("Reference"),
    "short": _l("Short"),
    "side": _l("Where it stands"),
    "taken_back": lazy_pgettext("money", "Taken back"),
    "tender": _l("Tender"),
    "terminal": _l("Card terminal"),
    "till": _l("Till"),
    "voids": _l("Voids"),
}
CELLS = {
    "": "",
    "bag": _l("Bag"),
    "bank": _l("On the statement"),
    "bank-deposit": _l("Bank deposit"),
    "bank-entry": _l("Booked from the statement"),
    "bank_debit": _l("Bank account"),
    "books": _l("In the books"),
    "both": _l("Once and in the month"),
    "card": _l("Card online"),
    "cash": _l("Cash"),
    "check": _l("Check"),
    "counter": _l("Window"),
    "journal": _l("Entry by hand"),
    "gap": _l("Gap between statements"),
    "line": _l("Line of the statement"),
    "lockbox": _l("Lockbox"),
    "mail": _l("Mail"),
    "money_order": _l("Money order"),
    "month": _l("In the month"),
    "once": _l("Once"),
    "opening": _l("Before the first statement"),
    "payment": _l("Payment"),
    "payment-reversal": _l("Payment taken back"),
    "payout": _l("Payout"),
    "returned-payment": _l("Returned payment"),
    "split": _l("Several tenders"),
    "terminal": _l("Card terminal"),
    "web": _l("Online"),
}
TENDERS = ("cash", "check", "money_order", "terminal", "lockbox", "card", "bank_debit")
CADENCES = {
    Cadence.NEVER: _l("Never"),
    Cadence.DAILY: _l("Each day, once it is closed"),
    Cadence.WEEKLY: _l("Each week"),
    Cadence.MONTHLY: _l("Each month"),
}


@dataclass(frozen=True)
class Writer:
    """How cells are written for people."""

    city: City

    def cell(self, column: Column, value: Any) -> str:
        """A cell in words; money as ``$1,234.50``."""
        if value is None or value == "":
            return ""
        return _WAYS.get(column.kind, _as_it_is)(self, value)

    def shown(self, column: Column, value: Any) -> str | Markup:
        """A cell of a page: money as pages write it."""
        return money(value) if isinstance(value, Money) else self.cell(column, value)

    def bank_name(self, code: str) -> str:
        """What the city calls its account at a bank, as its rules have it now or had it last."""
        named = [account for account in self.city.bank_accounts if account.code == code]
        return named[-1].name.in_(locale_code()) if named else code

    def ledger_name(self, code: str) -> str:
        """What the city calls a ledger account; its code where the chart has it no more."""
        try:
            return self.city.ledger_account(code).name.in_(locale_code())
        except NotInTheCity:
            return code


def _as_it_is(_writer: Writer, value: Any) -> str:
    return str(value)


_WAYS: Mapping[CellKind, Callable[[Writer, Any], str]] = {
    CellKind.MONEY: lambda _writer, value: money_text(value),
    CellKind.INSTANT: lambda writer, value: short_datetime(value, writer.city.identity.time_zone),
    CellKind.MONTH: lambda _writer, value: month_name(value),
    CellKind.DAY: lambda _writer, value: short_date(value),
    CellKind.CODE: lambda _writer, value: cell_words(str(value)),
    CellKind.FUND: lambda writer, value: fund_name(str(value), writer.city),
    CellKind.BANK: lambda writer, value: writer.bank_name(str(value)),
    CellKind.TILL: lambda writer, value: till_name(str(value), writer.city),
    CellKind.PERSON: lambda _writer, value: person(str(value)),
    CellKind.LEDGER: lambda writer, value: writer.ledger_name(str(value)),
    CellKind.COUNT: lambda _writer, value: f"{value:,}" if isinstance(value, int) else str(value),
}


def cell_words(code: str) -> str:
    return str(CELLS[code]) if code in CELLS else plain(code)


def report_name(code: str) -> str:
    return str(NAMES.get(code, code))


def column_name(name: str) -> str:
    return str(COLUMNS.get(name, name))


def headings(report: Report) -> list[str]:
    """What stands above the columns."""
    return [column_name(column.name) for column in report.columns]


def chart_title(report: Report) -> str:
    """``Amount by tender``."""
    group = column_name(report.chart.by)
    return _("%(value)s by %(group)s", value=column_name(report.chart.value), group=group[:1].lower() + group[1:])


def period_words(filters: Filters) -> str:
    """The days of a report."""
    if filters.since == filters.until:
        return short_date(filters.since)
    return _("%(since)s to %(until)s", since=short_date(filters.since), until=short_date(filters.until))


def narrowed_by(filters: Filters, city: City, cashier: str) -> list[str]:
    """What the report is narrowed to, besides its days; ``cashier`` is the name of the one that the filters say."""
    line = city.revenue_lines.get(filters.line)
    found = (
        (_("Till"), till_name(filters.till, city)),
        (_("Cashier"), person(cashier or filters.cashier)),
        (_("Tender"), cell_words(filters.tender)),
        (_("Fund"), fund_name(filters.fund, city)),
        (_("Revenue line"), line.name.in_(locale_code()) if line else filters.line),
    )
    return [f"{label}: {value}" for label, value in found if value]
