"""What only one kind of account has, in rows of a description list."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask_babel import pgettext

from accounts.cities.rules import City
from portal.account_files.kinds import CitationFile, KindFile, LicenseFile, TermFile, UtilityFile
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, long_datetime, money_text, number_text, short_date
from portal.staff.file_words import period_text, service_text, term_state_text

Row = dict[str, str]


def kind_facts(kind: KindFile, city: City) -> list[Row]:
    """The few that fit on the first page."""
    if kind.utility:
        return list(_utility(kind.utility))
    if kind.license:
        return list(_license(kind.license, city))
    if kind.citation:
        return list(citation_rows(kind.citation, city))
    return []


def _utility(found: UtilityFile) -> Iterator[Row]:
    taken = [service_text(one.service) for one in found.services if one.until_on is None]
    if taken:
        yield {"term": _("Services"), "value": ", ".join(dict.fromkeys(taken))}
    for meter in found.meters[:1]:
        yield {"term": _("Meter"), "value": meter.serial}
    for read in found.reads[:1]:
        value = _("%(value)s %(unit)s on %(date)s", value=number_text(read.value), unit=read.unit,
                  date=short_date(read.read_on))  # fmt: skip
        yield {"term": _("Last read"), "value": f"{value} ({read_kind(read.kind)})"}
    used = [one.used for one in found.use[:2]]
    if used and used[0] is not None:
        yield {"term": _("Water used"), "value": use_text(used[0], used[1] if len(used) > 1 else None)}


def use_text(used: Decimal, before: Decimal | None) -> str:
    """``14 CCF, 3 more than on the bill before``."""
    amount = _("%(amount)s CCF", amount=number_text(used))
    if before is None or before == used:
        return amount
    change = number_text(abs(used - before))
    if used > before:
        return _("%(amount)s, %(change)s more than on the bill before", amount=amount, change=change)
    return _("%(amount)s, %(change)s less than on the bill before", amount=amount, change=change)


def read_kind(kind: str) -> str:
    """How it is known what a meter showed."""
    known = {
        "actual": _("read"), "estimated": _("estimated"), "customer": _("read by the customer"),
        "final": _("final read"), "reread": _("read again"),
    }  # fmt: skip
    return known.get(kind, kind)


def _license(found: LicenseFile, city: City) -> Iterator[Row]:
    yield {"term": _("Business"), "value": found.business_name}
    yield {"term": _("Kind of business"), "value": class_text(found.license_class, city)}
    for term in found.terms[:1]:
        yield {"term": _("License year"), "value": period_text(term.starts_on, term.expires_on)}
        yield {"term": _("License status"), "value": term_state_text(term.state)}
        yield {"term": _("Declared"), "value": declared_text(term)}


def class_text(code: str, city: City) -> str:
    """A class of licenses as the city names it."""
    return next((one.name.in_(locale_code()) for one in city.license_classes if one.code == code), code)


def declared_text(term: TermFile) -> str:
    """What was declared for a license year; confidential, so that most readers learn only that it was."""
    if term.version is None:
        return _("Nothing yet")
    if term.gross_receipts is None and term.employees is None:
        return _("Yes; the figures are confidential")
    said = []
    if term.gross_receipts is not None:
        said.append(_("Gross receipts %(amount)s", amount=money_text(term.gross_receipts)))
    if term.employees is not None:
        said.append(_("Employees: %(count)s", count=number_text(term.employees)))
    return " · ".join(said)


def citation_rows(found: CitationFile, city: City) -> Iterator[Row]:
    """All of a citation."""
    yield {"term": _("Written on"), "value": long_datetime(found.issued_at, city.identity.time_zone)}
    yield {"term": _("For"), "value": city.violation(found.violation).in_(locale_code())}
    yield {"term": _("Code"), "value": found.violation_code}
    for label, value in (
        (pgettext("citation", "Where"), found.location),
        (_("Plate"), f"{found.plate_state} {found.plate}".strip()),
        (_("Vehicle"), found.make),
        (_("Written by"), found.agency),
    ):
        if value:
            yield {"term": label, "value": value}


def license_rows(found: LicenseFile, city: City) -> Iterator[Row]:
    """All of a license but its years."""
    yield {"term": _("Business"), "value": found.business_name}
    yield {"term": _("Kind of business"), "value": class_text(found.license_class, city)}
    for label, value in (
        (_("What it does"), found.business_type),
        (_("NAICS"), found.naics),
        (_("Began on"), long_date(found.started_on) if found.started_on else ""),
        (_("Ended on"), long_date(found.ceased_on) if found.ceased_on else ""),
    ):
        if value:
            yield {"term": label, "value": value}
