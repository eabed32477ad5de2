"""A bill that explains itself: each line with its reads, use, tiers, rates, days and authority, in one language.

The page of a guest and of a resident show it, and the PDF prints it. Of lines that another office works out, what it
told us is shown, and nothing is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup
from pydantic import ValidationError

from accounts.adjustments.queries import changed_by
from accounts.assessments.queries import AssessedLine
from accounts.billing_runs.queries import Correction, corrections
from accounts.cities.rules import City
from accounts.customer_accounts.queries import AccountHead
from accounts.customer_accounts.rules import shown
from accounts.database import Reader
from accounts.explanations.words import READ_KINDS
from accounts.money import ZERO, Money, total
from accounts.pricing.registers import MeterUse
from accounts.utilities.histories import ByMonth, usage_of_each
from accounts.utilities.queries import BillDetails, UtilityDetails
from portal import charts
from portal.account_details import Reason, in_language, origin_of, reason_of, records_of
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, month_name, number_text, short_date
from portal.scan_lines import line_of

MONTHS = 12
PENALTY = "penalty"


@dataclass(frozen=True)
class LineView:
    """A line of a bill. ``reads`` and ``reasons`` are of lines that we worked out, ``origin`` and ``records`` of the
    others."""

    charge_id: int
    description: str
    amount: Money
    open: Money
    reads: tuple[str, ...]
    reasons: tuple[Reason, ...]
    rules: tuple[str, ...]
    """Authority and days of each version of the rate."""
    origin: str
    records: tuple[dict[str, str], ...]
    added_on: date
    authority: str


@dataclass(frozen=True)
class MonthView:
    """A month beside the same one last year, as people read it; empty where no read says."""

    label: str
    used: Decimal | None
    last_year: Decimal | None
    said: str
    said_last_year: str


@dataclass(frozen=True)
class BillView:
    """A bill in the words of one language."""

    id: int
    number: str
    account: str
    head: AccountHead
    period: str
    billed_on: date
    due_on: date
    amount: Money
    open: Money
    lines: tuple[LineView, ...]
    added: tuple[LineView, ...]
    """What was added to it later: penalties."""
    sums: tuple[tuple[str, Money], ...]
    """How what it asked became what is still to pay, in words; empty where the two are one, or nothing is."""
    months: tuple[MonthView, ...]
    chart: Markup
    scan_line: str
    replaced_by: str
    """The number of the bill that was made in its place; empty for one that stands."""
    replaces: str


def bill_view(session: Reader, city: City, details: UtilityDetails, bill: BillDetails, today: date) -> BillView:
    """A bill of a utility account, one of its ``details``. Two statements, three where something was done to it."""
    facts = bill_facts(session, [(details.head, bill)])[bill.id]
    return bill_of(facts, city, today, changed=changed_of(session, bill))


def changed_of(session: Reader, bill: BillDetails) -> Money:
    """What corrections made of a bill, more or less. No statement, where nothing was done to it."""
    if not _added_to(bill) and bill.open in {bill.amount, ZERO}:
        return ZERO
    return changed_by(session, [line.charge_id for line in bill.lines])


def _added_to(bill: BillDetails) -> list[AssessedLine]:
    return [line for line in bill.lines if line.kind == PENALTY]


@dataclass(frozen=True)
class BillFacts:
    """What is known of a bill, in no language yet."""

    head: AccountHead
    bill: BillDetails
    used: ByMonth
    linked: tuple[Correction, ...]


def bill_facts(session: Reader, bills: Sequence[tuple[AccountHead, BillDetails]]) -> dict[int, BillFacts]:
    """By bill; each of another account. Two statements, however many there are."""
    used = usage_of_each(session, {head.id: bill.period_to or bill.billed_on for head, bill in bills})
    linked = corrections(session, [bill.id for _, bill in bills])
    return {
        bill.id: BillFacts(
            head, bill, used[head.id], tuple(one for one in linked if bill.id in {one.old_bill_id, one.new_bill_id})
        )
        for head, bill in bills
    }


def bill_of(
    facts: BillFacts, city: City, today: date, *, changed: Money = ZERO, open_: Money | None = None
) -> BillView:
    """The bill in the reader's language; ``open_`` is what was to pay of it, where that was frozen.

    ``changed`` is what corrections made of it.
    """
    head, bill, linked = facts.head, facts.bill, facts.linked
    months = _months(facts.used, bill.period_to or bill.billed_on)
    left = bill.open if open_ is None else open_
    added = tuple(_line(line, city) for line in _added_to(bill))
    return BillView(
        id=bill.id,
        number=bill.number,
        account=shown(head.reference),
        head=head,
        period=_days(bill),
        billed_on=bill.billed_on,
        due_on=bill.due_on,
        amount=bill.amount,
        open=left,
        lines=tuple(_line(line, city) for line in bill.lines if line.kind != PENALTY),
        added=added,
        sums=_sums(bill.amount, added, changed, left),
        months=months,
        chart=_chart(months),
        scan_line=line_of(city, head.reference, left, bill.due_on, today),
        replaced_by=_other(linked, bill.id, is_old=True),
        replaces=_other(linked, bill.id, is_old=False),
    )


def _other(linked: Sequence[Correction], bill_id: int, *, is_old: bool) -> str:
    for one in linked:
        if is_old and one.old_bill_id == bill_id and one.new_bill_id is not None:
            return one.new_number
        if not is_old and one.new_bill_id == bill_id:
            return one.old_number
    return ""


def _sums(asked: Money, added: Sequence[LineView], changed: Money, left: Money) -> tuple[tuple[str, Money], ...]:
    """This bill + what was added - what was taken off - what was paid = what is still to pay."""
    if not added and left in {asked, ZERO}:
        return ()
    paid = total([asked, changed, *(line.amount for line in added)]) - left
    steps = [(_added(line), line.amount) for line in added]
    if changed:
        steps.append((_("Added by a correction") if changed.cents > 0 else _("Taken off by a correction"), changed))
    if paid:
        steps.append((_("Paid so far"), Money(-paid.cents)))
    return ((_("This bill"), asked), *steps, (_("Still to pay"), left))


def _added(line: LineView) -> str:
    said = _("Added on %(date)s: %(what)s", date=long_date(line.added_on), what=line.description)
    return f"{said} ({line.authority})" if line.authority else said


def _days(bill: BillDetails) -> str:
    if bill.period_from is None or bill.period_to is None:
        return ""
    return _("%(first)s to %(last)s", first=long_date(bill.period_from), last=long_date(bill.period_to))


def _line(line: AssessedLine, city: City) -> LineView:
    inputs = line.working.get("inputs") or {}
    return LineView(
        charge_id=line.charge_id,
        description=in_language(line.description),
        amount=line.amount,
        open=line.open,
        reads=tuple(_read(read) for read in inputs.get("reads") or ()) if isinstance(inputs, dict) else (),
        reasons=tuple(reason_of(step) for step in line.working.get("steps", ())),
        rules=tuple(_rule(version) for version in line.working.get("versions", ())),
        origin=origin_of(line, city),
        records=records_of(line.working.get("imported") or {}),
        added_on=line.billed_on,
        authority="; ".join(version["authority"] for version in line.working.get("versions", ())),
    )


def _read(kept: object) -> str:
    """``Meter M-7: 100 on 10/13/2026, 112 on 11/12/2026 (estimated): 12 CCF.``"""
    try:
        use = MeterUse.model_validate(kept)
    except ValidationError:
        return ""
    how = READ_KINDS.get(use.current.kind)
    return _(
        "Meter %(meter)s: %(before)s on %(first)s, %(now)s on %(last)s (%(how)s). That is %(used)s CCF.",
        meter=use.meter, before=number_text(Decimal(use.previous.value)), first=short_date(use.previous.on),
        now=number_text(Decimal(use.current.value)), last=short_date(use.current.on),
        how=how.in_(locale_code()) if how else use.current.kind, used=number_text(use.ccf.normalize()),
    )  # fmt: skip


def _rule(version: dict[str, str]) -> str:
    since = long_date(date.fromisoformat(version["valid_from"]))
    if until := version.get("valid_to"):
        days = {"first": since, "last": long_date(date.fromisoformat(until))}
        return _("%(authority)s, in force from %(first)s to %(last)s", authority=version["authority"], **days)
    return _("%(authority)s, in force since %(first)s", authority=version["authority"], first=since)


def _months(used: ByMonth, until: date) -> tuple[MonthView, ...]:
    """The twelve months up to a day, from the first of which there is a read; nothing where there is none."""
    shown_months = []
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(until.year * 12 + until.month - 1 - back, 12)
        now, before = used.get((year, month + 1)), used.get((year - 1, month + 1))
        label = month_name(date(year, month + 1, 1))
        shown_months.append(
            MonthView(
                label, now.ccf if now else None, before.ccf if before else None,
                _used(now.ccf if now else None), _used(before.ccf if before else None),
            )
        )  # fmt: skip
    known = [place for place, month in enumerate(shown_months) if (month.used, month.last_year) != (None, None)]
    return tuple(shown_months[known[0] :]) if any(month.used is not None for month in shown_months) else ()


def _used(ccf: Decimal | None) -> str:
    return _("%(amount)s CCF", amount=number_text(ccf.normalize())) if ccf is not None else ""


def _chart(months: tuple[MonthView, ...]) -> Markup:
    drawn = [
        charts.Pair(month.label, int((month.used or 0) * 1000), int((month.last_year or 0) * 1000), month.said,
                    month.said_last_year)
        for month in months
    ]  # fmt: skip
    summary = _(
        "Water used each month; the lighter bar is the same month a year before. The table below says the same."
    )
    return charts.pairs(_("Your use by month"), summary, drawn, name="use-by-month")
