"""What a page tells about an account: why it owes what it owes, its bills and use, its term, its violation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import pgettext

from accounts.assessments.queries import AssessedLine
from accounts.citations.queries import CitationDetails, citation_details
from accounts.cities.rules import City
from accounts.customer_accounts.queries import AccountHead
from accounts.customer_accounts.rules import kind_of
from accounts.database import Reader
from accounts.errors import NotFound
from accounts.licenses.queries import LicenseDetails, license_details
from accounts.money import Money
from accounts.utilities.queries import BillDetails, UtilityDetails, utility_details
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, long_datetime, money_text, number_text

_MOST_BILLS = 6


@dataclass(frozen=True)
class Reason:
    """A step of how an amount was worked out, in words: ``16 CCF × $2.47``."""

    label: str
    sum: str
    amount: Money


@dataclass(frozen=True)
class OwedLine:
    """Something owed, and why: what for, since when, by which rule, step by step."""

    description: str
    due_on: date
    asked: Money
    open: Money
    reasons: tuple[Reason, ...]
    authority: str
    is_past_due: bool
    origin: str = ""
    """Of a line that was brought in: from whose records, in a sentence."""
    records: tuple[dict[str, str], ...] = ()
    """What those records say of it."""


@dataclass(frozen=True)
class Details:
    """The account, facts of it in rows of a description list, what is open and why, and past bills."""

    head: AccountHead
    facts: tuple[dict[str, str], ...]
    owed: tuple[OwedLine, ...]
    bills: tuple[BillDetails, ...] = ()
    use_note: str = ""


def details_of(session: Reader, reference: str, account_id: int, city: City, today: date) -> Details:
    """The details of the account's kind, in one statement; raises ``NotFound``."""
    kind = kind_of(reference)
    if kind == "utility" and (utility := utility_details(session, account_id)):
        return _utility(utility, city, today)
    if kind == "license" and (license_ := license_details(session, account_id)):
        return _license(license_, city, today)
    if kind == "citation" and (citation := citation_details(session, account_id)):
        return _citation(citation, city, today)
    raise NotFound(f"no {kind} account {account_id}")


def _utility(details: UtilityDetails, city: City, today: date) -> Details:
    lines = [line for bill in details.bills for line in bill.lines] + list(details.other_lines)
    bill = details.current_bill
    facts = []
    if bill:
        facts.append({"term": _("Newest bill"), "value": bill.number})
        facts.append({"term": _("Due"), "value": long_date(bill.due_on)})
        if bill.period_from and bill.period_to:
            period = _("%(first)s to %(last)s", first=long_date(bill.period_from), last=long_date(bill.period_to))
            facts.append({"term": _("For service from"), "value": period})
        if bill.usage is not None:
            facts.append({"term": _("Water used"), "value": _("%(amount)s CCF", amount=number_text(bill.usage))})
    return Details(
        details.head, tuple(facts), _owed(lines, city, today), details.bills[:_MOST_BILLS], _use_note(details)
    )


def _use_note(details: UtilityDetails) -> str:
    change = details.usage_change
    if change is None:
        return ""
    if not change:
        return _("You used as much water as the month before.")
    amount = number_text(abs(change))
    if change > 0:
        return _("You used %(amount)s CCF more water than the month before. One CCF is 748 gallons.", amount=amount)
    return _("You used %(amount)s CCF less water than the month before. One CCF is 748 gallons.", amount=amount)


def _license(details: LicenseDetails, city: City, today: date) -> Details:
    facts = []
    kinds = {kind.code: kind.name.in_(locale_code()) for kind in city.license_classes}
    if details.license_class in kinds:
        facts.append({"term": _("Kind of business"), "value": kinds[details.license_class]})
    if details.term:
        year = _(
            "%(first)s to %(last)s", first=long_date(details.term.starts_on), last=long_date(details.term.expires_on)
        )
        facts.append({"term": _("License year"), "value": year})
        facts.append({"term": _("License status"), "value": _license_states()[details.term.state]})
    return Details(details.head, tuple(facts), _owed(details.lines, city, today))


def _license_states() -> dict[str, str]:
    return {
        "due": _("Waiting for payment"),
        "active": _("Active"),
        "expired": _("Expired"),
        "revoked": _("Revoked"),
        "withdrawn": _("Withdrawn"),
    }


def _citation(details: CitationDetails, city: City, today: date) -> Details:
    facts = [
        {"term": _("Written on"), "value": long_datetime(details.issued_at, city.identity.time_zone)},
        {"term": _("For"), "value": city.violation(details.violation).in_(locale_code())},
    ]
    if details.location:
        facts.append({"term": pgettext("citation", "Where"), "value": details.location})
    return Details(details.head, tuple(facts), _owed(details.lines, city, today))


def _owed(lines: Sequence[AssessedLine], city: City, today: date) -> tuple[OwedLine, ...]:
    still_open = sorted((line for line in lines if line.open), key=lambda line: (line.due_on, line.charge_id))
    return tuple(
        OwedLine(
            description=in_language(line.description),
            due_on=line.due_on,
            asked=line.amount,
            open=line.open,
            reasons=tuple(reason_of(step) for step in line.working.get("steps", ())),
            authority="; ".join(version["authority"] for version in line.working.get("versions", ())),
            is_past_due=line.due_on < today,
            origin=origin_of(line, city),
            records=records_of(line.working.get("imported") or {}),
        )
        for line in still_open
    )


def origin_of(line: AssessedLine, city: City) -> str:
    """Where a line came from that we did not work out; nothing for one that we did."""
    if "imported" not in line.working:
        return ""
    terms = city.revenue_lines.get(line.revenue_line)
    if terms is not None and terms.is_external:
        return _("The office that keeps these records sent us this amount. We did not work it out.")
    return _("This amount was in our old records. We took it over as it was.")


def records_of(said: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """What came with a line that was brought in, and nothing else."""
    rows = []
    if said.get("key"):
        rows.append({"term": _("Number in those records"), "value": str(said["key"])})
    if said.get("how"):
        rows.append({"term": _("How it was worked out there"), "value": in_language(said["how"])})
    if said.get("authority"):
        rows.append({"term": _("Set by"), "value": str(said["authority"])})
    return tuple(rows)


def reason_of(step: Mapping[str, Any]) -> Reason:
    """A step of a working (its JSON) in the reader's language."""
    parts = []
    if step.get("quantity") is not None:
        unit = in_language(step["unit"]) if step.get("unit") else ""
        parts.append(f"{number_text(Decimal(str(step['quantity'])))} {unit}".strip())
    if step.get("rate") is not None:
        parts.append(_rate(Decimal(str(step["rate"])), percent=bool(step.get("percent"))))
    if step.get("share"):
        parts.append(in_language(step["share"]))
    return Reason(in_language(step["label"]), " × ".join(parts), Money(step["amount_cents"]))


def _rate(rate: Decimal, *, percent: bool) -> str:
    if percent:
        return f"{number_text(rate)} %"
    exact = rate.scaleb(2)
    return money_text(Money(int(exact))) if exact == exact.to_integral_value() else f"${number_text(rate)}"


def in_language(words: Mapping[str, str]) -> str:
    """Words kept by language, in the reader's or in the first there is."""
    return words.get(locale_code()) or next(iter(words.values()), "")
