"""What only one kind of account has: services, meters and use; terms and what was declared; what was cited where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money

MOST_READS = 13
_UTILITY = text("""
    SELECT u.cycle, u.route, u.customer_class, coalesce(p.dwelling_units, 1),
           (SELECT jsonb_agg(jsonb_build_array(service, rate_code, quantity, since_on, until_on)
                             ORDER BY until_on IS NOT NULL, id)
              FROM utility_services WHERE customer_account_id = a.id),
           (SELECT jsonb_agg(jsonb_build_array(m.serial, m.size, m.unit, m.installed_on, m.removed_on)
                             ORDER BY m.removed_on IS NOT NULL, m.id)
              FROM meters m WHERE m.premises_id = a.premises_id),
           (SELECT jsonb_agg(r) FROM (
                   SELECT m.serial, m.unit, r.read_on, r.value, r.kind
                     FROM meters m JOIN meter_reads r ON r.meter_id = m.id
                    WHERE m.premises_id = a.premises_id AND (a.opened_on IS NULL OR r.read_on >= a.opened_on)
                      AND (a.closed_on IS NULL OR r.read_on <= a.closed_on)
                    ORDER BY r.read_on DESC, r.id DESC LIMIT :most) AS r),
           (SELECT jsonb_agg(b) FROM (
                   SELECT b.period_from, b.period_to, b.billed_on,
                          (SELECT max((c.working -> 'inputs' -> 'facts' ->> 'usage')::numeric)::text
                             FROM charges c WHERE c.bill_id = b.id AND c.revenue_line = 'water') AS used
                     FROM bills b WHERE b.customer_account_id = a.id
                    ORDER BY b.billed_on DESC, b.id DESC LIMIT :most) AS b)
      FROM customer_accounts a
      JOIN utility_accounts u ON u.customer_account_id = a.id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE a.id = :account""")
_LICENSE = text("""
    SELECT l.business_name, l.license_class, l.business_type, l.naics, l.started_on, l.ceased_on,
           (SELECT jsonb_agg(jsonb_build_array(t.starts_on, t.expires_on, t.state, d.version, d.declared_at,
                             CASE WHEN :confidential THEN d.gross_receipts_cents END,
                             CASE WHEN :confidential THEN d.employees END) ORDER BY t.starts_on DESC)
              FROM license_terms t
              LEFT JOIN LATERAL (SELECT * FROM license_declarations
                                  WHERE term_id = t.id ORDER BY version DESC LIMIT 1) d ON true
             WHERE t.customer_account_id = l.customer_account_id)
      FROM licenses l WHERE l.customer_account_id = :account""")
_CITATION = text("""
    SELECT issued_at, violation_code, violation, location, plate_state, plate, make, agency
      FROM citations WHERE customer_account_id = :account""")


@dataclass(frozen=True, slots=True)
class Service:
    """A service as taken; ``until_on`` is the first day without it."""

    service: str
    rate_code: str
    quantity: int
    since_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class MeterHere:
    """A meter of the premises."""

    serial: str
    size: str
    unit: str
    installed_on: date
    removed_on: date | None


@dataclass(frozen=True, slots=True)
class ReadHere:
    """What a meter showed, in its own unit, and how that is known."""

    serial: str
    unit: str
    read_on: date
    value: int
    kind: str


@dataclass(frozen=True, slots=True)
class UseOfBill:
    """Water of a billing period in CCF; none where the bill has no line for it."""

    period_from: date | None
    period_to: date | None
    billed_on: date
    used: Decimal | None


@dataclass(frozen=True, slots=True)
class UtilityFile:
    """Services, meters, the newest reads and the use by bill, each newest first."""

    cycle: str
    route: str
    customer_class: str
    dwelling_units: int
    services: tuple[Service, ...]
    meters: tuple[MeterHere, ...]
    reads: tuple[ReadHere, ...]
    use: tuple[UseOfBill, ...]


@dataclass(frozen=True, slots=True)
class TermFile:
    """A license year. What was declared for it has values only for those who may see it."""

    starts_on: date
    expires_on: date
    state: str
    version: int | None
    """Of the declaration; none: nothing was declared."""
    declared_at: datetime | None
    gross_receipts: Money | None
    employees: int | None


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A business and its license years, newest first. ``license_class`` is a code of the city."""

    business_name: str
    license_class: str
    business_type: str
    naics: str
    started_on: date | None
    ceased_on: date | None
    terms: tuple[TermFile, ...]


@dataclass(frozen=True, slots=True)
class CitationFile:
    """A citation as written."""

    issued_at: datetime
    violation_code: str
    violation: str
    location: str
    plate_state: str
    plate: str
    make: str
    agency: str


@dataclass(frozen=True, slots=True)
class KindFile:
    """One of the three; none, where the account came without details."""

    utility: UtilityFile | None = None
    license: LicenseFile | None = None
    citation: CitationFile | None = None
    sees_confidential: bool = field(default=False)


def kind_file(session: Session, account_id: int, kind: str, *, sees_confidential: bool) -> KindFile:
    """The details of an account's kind. One statement."""
    asked = {"account": account_id}
    if kind == "utility":
        row = session.execute(_UTILITY, {**asked, "most": MOST_READS}).one_or_none()
        return KindFile(utility=_utility(row)) if row else KindFile()
    if kind == "license":
        row = session.execute(_LICENSE, {**asked, "confidential": sees_confidential}).one_or_none()
        return KindFile(license=_license(row), sees_confidential=sees_confidential) if row else KindFile()
    row = session.execute(_CITATION, asked).one_or_none()
    return KindFile(citation=CitationFile(*row)) if row else KindFile()


def _utility(row: Sequence[Any]) -> UtilityFile:
    cycle, route, customer_class, units, services, meters, reads, use = row
    return UtilityFile(
        cycle=cycle,
        route=route,
        customer_class=customer_class,
        dwelling_units=units,
        services=tuple(Service(*(*what, _day(since), _maybe(until))) for *what, since, until in services or ()),
        meters=tuple(MeterHere(*(*what, _day(since), _maybe(until))) for *what, since, until in meters or ()),
        reads=tuple(_read(one) for one in reads or ()),
        use=tuple(_use(one) for one in use or ()),
    )


def _read(one: Mapping[str, Any]) -> ReadHere:
    return ReadHere(one["serial"], one["unit"], _day(one["read_on"]), one["value"], one["kind"])


def _use(one: Mapping[str, Any]) -> UseOfBill:
    used = Decimal(one["used"]) if one["used"] is not None else None
    return UseOfBill(_maybe(one["period_from"]), _maybe(one["period_to"]), _day(one["billed_on"]), used)


def _license(row: Sequence[Any]) -> LicenseFile:
    *facts, terms = row
    return LicenseFile(*(*facts, tuple(_term(*term) for term in terms or ())))


def _term(starts_on: str, expires_on: str, state: str, version: int | None, *declared: Any) -> TermFile:
    declared_at, cents, employees = declared
    at = datetime.fromisoformat(declared_at) if declared_at else None
    receipts = None if cents is None else Money(cents)
    return TermFile(_day(starts_on), _day(expires_on), state, version, at, receipts, employees)


def _day(written: str) -> date:
    return date.fromisoformat(written)


def _maybe(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
