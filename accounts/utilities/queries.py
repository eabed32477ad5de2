"""Utility accounts for their page: services, bills with lines and usage, meter reads. One statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.assessments.queries import COLUMNS, LINES, AssessedLine, latest, lines_of
from accounts.customer_accounts.queries import HEAD, HEAD_NAMES, HEAD_OF, AccountHead, head_of
from accounts.database import Reader, query
from accounts.money import Money, total

MOST_BILLS = 13
"""A year of monthly bills, and the one of the same month last year."""

_ACCOUNT = query(
    f"""
    SELECT {HEAD}, u.cycle, u.customer_class, coalesce(p.dwelling_units, 1),
           (SELECT json_agg(s ORDER BY s.id) FROM utility_services s WHERE s.customer_account_id = a.id),
           (SELECT json_agg(b ORDER BY b.billed_on DESC, b.id DESC)
              FROM (SELECT id, number, period_from, period_to, billed_on, due_on, delinquent_on FROM bills
                     WHERE customer_account_id = a.id ORDER BY billed_on DESC, id DESC LIMIT :most) b),
           {LINES}
      FROM {HEAD_OF}
      JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.id = :account""",  # noqa: S608 - our own columns
    *HEAD_NAMES, "cycle", "customer_class", "dwelling_units", "services", "bills", "lines",
)  # fmt: skip
_BILLS = query(
    f"""
    SELECT {HEAD}, json_build_object(
               'id', b.id, 'number', b.number, 'period_from', b.period_from, 'period_to', b.period_to,
               'billed_on', b.billed_on, 'due_on', b.due_on, 'delinquent_on', b.delinquent_on),
           (SELECT json_agg(json_build_array({COLUMNS}) ORDER BY id) FROM charges
             WHERE bill_id = b.id AND (:with_later OR kind <> 'penalty'))
      FROM bills b JOIN {HEAD_OF} ON a.id = b.customer_account_id
     WHERE b.id = ANY (:bills)""",  # noqa: S608 - our own columns
    *HEAD_NAMES, "bill", "lines",
)  # fmt: skip
_STANDING = query(
    """
    SELECT m.serial, m.size, m.unit, m.dials, r.read_on, r.value
      FROM meters m
      LEFT JOIN LATERAL (SELECT read_on, value FROM meter_reads WHERE meter_id = m.id AND read_on <= :on
                          ORDER BY read_on DESC, id DESC LIMIT 1) r ON true
     WHERE m.premises_id = :premises AND m.installed_on <= :on AND (m.removed_on IS NULL OR m.removed_on > :on)
     ORDER BY m.installed_on DESC, m.id DESC LIMIT 1""",
    "serial", "size", "unit", "dials", "read_on", "value",
)  # fmt: skip
_STANDING_OF = query(
    """
    SELECT m.serial, m.size, m.unit, m.dials, r.read_on, r.value
      FROM customer_accounts a
      JOIN meters m ON m.premises_id = a.premises_id
      LEFT JOIN LATERAL (SELECT read_on, value FROM meter_reads WHERE meter_id = m.id AND read_on <= :on
                          ORDER BY read_on DESC, id DESC LIMIT 1) r ON true
     WHERE a.id = :account AND m.installed_on <= :on AND (m.removed_on IS NULL OR m.removed_on > :on)
     ORDER BY m.installed_on DESC, m.id DESC LIMIT 1""",
    "serial", "size", "unit", "dials", "read_on", "value",
)  # fmt: skip
_READS = text("""
    SELECT a.id, m.serial, m.size, m.unit, r.read_on, r.value, r.kind
      FROM customer_accounts a
      JOIN meters m ON m.premises_id = a.premises_id
      JOIN LATERAL (SELECT read_on, value, kind FROM meter_reads
                     WHERE meter_id = m.id AND (a.opened_on IS NULL OR read_on >= a.opened_on)
                       AND (a.closed_on IS NULL OR read_on <= a.closed_on)
                     ORDER BY read_on DESC, id DESC LIMIT :most) r ON true
     WHERE a.id = ANY (:accounts)
     ORDER BY a.id, r.read_on DESC, m.serial""")


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """A service as taken; ``until_on`` is the first day without it."""

    service: str
    rate_code: str
    quantity: int
    since_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class MeterReadDetails:
    """What a meter showed, in its own unit."""

    serial: str
    size: str
    unit: str
    read_on: date
    value: int
    kind: str


@dataclass(frozen=True, slots=True)
class StandingMeter:
    """The meter of a place, and what it showed last, if it was ever read."""

    serial: str
    size: str
    unit: str
    dials: int
    read_on: date | None
    value: int | None


@dataclass(frozen=True, slots=True)
class BillDetails:
    """A bill with its lines; penalties that it earned later are among them."""

    id: int
    number: str
    period_from: date | None
    period_to: date | None
    billed_on: date
    due_on: date
    delinquent_on: date
    lines: tuple[AssessedLine, ...]

    @property
    def amount(self) -> Money:
        """What the bill asked when it was made."""
        return total(line.amount for line in self.lines if line.kind != "penalty")

    @property
    def open(self) -> Money:
        return total(line.open for line in self.lines)

    @property
    def usage(self) -> Decimal | None:
        """Water used in the period, in CCF; none where the bill has no line for it (nothing used, or no meter)."""
        for line in self.lines:
            used = _facts(line).get("usage")
            if line.revenue_line == "water" and used is not None:
                return Decimal(str(used))
        return None


@dataclass(frozen=True, slots=True)
class UtilityDetails:
    """What the page of a utility account shows besides its balance. Bills are newest first."""

    head: AccountHead
    cycle: str
    customer_class: str
    dwelling_units: int
    services: tuple[ServiceDetails, ...]
    bills: tuple[BillDetails, ...]
    other_lines: tuple[AssessedLine, ...]
    """Charges on no bill (balances brought forward, fees), and what is open of bills older than those here."""

    @property
    def current_bill(self) -> BillDetails | None:
        return self.bills[0] if self.bills else None

    @property
    def bill_before(self) -> BillDetails | None:
        return self.bills[1] if len(self.bills) > 1 else None

    @property
    def usage_change(self) -> Decimal | None:
        """CCF more (or less) than in the bill before; none where one of the two is not known."""
        bills = self.bills[:2]
        used = [bill.usage for bill in bills if bill.usage is not None]
        return used[0] - used[1] if len(used) == 2 else None


def utility_details(session: Reader, account_id: int) -> UtilityDetails | None:
    """Details of an account; nothing, if it is none of utilities. One statement, however many bills there are.

    It asks for one id, not for a list: PostgreSQL plans a list anew each time, which takes as long as reading.
    """
    row = session.execute(_ACCOUNT, {"account": account_id, "most": MOST_BILLS}).one_or_none()
    return _details(row) if row else None


def bills_on_paper(
    session: Reader, bill_ids: Collection[int], *, with_later: bool = False
) -> dict[int, tuple[AccountHead, BillDetails]]:
    """Bills, each with its account: as they were issued, or ``with_later`` what they earned since. One statement."""
    rows = session.execute(_BILLS, {"bills": list(bill_ids), "with_later": with_later})
    return {row.bill["id"]: (head_of(row), _bill(row.bill, lines_of(row.lines))) for row in rows}


def meter_reads(session: Session, account_ids: Collection[int]) -> dict[int, tuple[MeterReadDetails, ...]]:
    """The newest reads of the meters of each account, newest first. One statement; the account's page has no use for
    them."""
    reads: dict[int, list[MeterReadDetails]] = defaultdict(list)
    for account_id, *read in session.execute(_READS, {"accounts": list(account_ids), "most": MOST_BILLS}):
        reads[account_id].append(MeterReadDetails(*read))
    return {account_id: tuple(found) for account_id, found in reads.items()}


def standing_meter(session: Reader, premises_id: int, on: date) -> StandingMeter | None:
    """The meter that stands at a place on a day. One statement."""
    row = session.execute(_STANDING, {"premises": premises_id, "on": on}).one_or_none()
    return StandingMeter(*row) if row else None


def meter_of(session: Reader, account_id: int, on: date) -> StandingMeter | None:
    """The meter that stands at the place of an account on a day. One statement."""
    row = session.execute(_STANDING_OF, {"account": account_id, "on": on}).one_or_none()
    return StandingMeter(*row) if row else None


def bill_lines(session: Session, account_id: int, limit: int = 50) -> Sequence[AssessedLine]:
    """The newest lines of an account, with their working. One statement."""
    return latest(session, account_id, limit)


def _details(row: Sequence[Any]) -> UtilityDetails:
    cycle, customer_class, units, services, bills, lines = row[len(HEAD_NAMES) :]
    shown = {bill["id"] for bill in bills or []}
    by_bill: dict[int | None, list[AssessedLine]] = defaultdict(list)
    for line in lines_of(lines):
        by_bill[line.bill_id if line.bill_id in shown else None].append(line)
    return UtilityDetails(
        head=head_of(row),
        cycle=cycle,
        customer_class=customer_class,
        dwelling_units=units,
        services=tuple(_service(service) for service in services or []),
        bills=tuple(_bill(bill, by_bill[bill["id"]]) for bill in bills or []),
        other_lines=tuple(by_bill[None]),
    )


def _service(row: Mapping[str, Any]) -> ServiceDetails:
    return ServiceDetails(
        row["service"], row["rate_code"], row["quantity"], _day(row["since_on"]), _maybe_day(row["until_on"])
    )


def _bill(row: Mapping[str, Any], lines: Sequence[AssessedLine]) -> BillDetails:
    return BillDetails(
        id=row["id"],
        number=row["number"],
        period_from=_maybe_day(row["period_from"]),
        period_to=_maybe_day(row["period_to"]),
        billed_on=_day(row["billed_on"]),
        due_on=_day(row["due_on"]),
        delinquent_on=_day(row["delinquent_on"]),
        lines=tuple(lines),
    )


def _facts(line: AssessedLine) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = line.working.get("inputs", {}).get("facts", {})
    return facts


def _day(text_: str) -> date:
    return date.fromisoformat(text_)


def _maybe_day(text_: str | None) -> date | None:
    return date.fromisoformat(text_) if text_ else None
