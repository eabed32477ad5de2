"""Billing runs as pages show them: the list, one with its counts and totals, what it holds, and one bill of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.database import Reader, query
from accounts.errors import NotFound
from accounts.money import Money, total
from accounts.pricing.proration import Period
from accounts.pricing.registers import MeterUse

_RUN = """
    SELECT r.id, r.cycle, r.period_from, r.period_to, r.bill_date, r.due_on, r.state, r.reason, r.corrects_bill_id,
           b.number, a.reference, m.display_name, r.made_at, v.display_name, r.reviewed_at, p.display_name,
           r.approved_at, r.posted_at, r.made_by, r.reviewed_by,
           (SELECT jsonb_object_agg(state, n) FROM (
               SELECT state, count(*) AS n FROM billing_items WHERE run_id = r.id GROUP BY state) s),
           (SELECT jsonb_agg(jsonb_build_array(revenue_line, fund, lines, amount_cents) ORDER BY fund, revenue_line)
              FROM billing_totals WHERE run_id = r.id AND lines > 0)
      FROM billing_runs r
      JOIN actors m ON m.id = r.made_by
      LEFT JOIN actors v ON v.id = r.reviewed_by
      LEFT JOIN actors p ON p.id = r.approved_by
      LEFT JOIN bills b ON b.id = r.corrects_bill_id
      LEFT JOIN customer_accounts a ON a.id = b.customer_account_id"""
_SEEN = "(:sees_protected OR NOT a.is_protected) AND (:sees_restricted OR NOT a.is_restricted)"
_LIST = text(f"{_RUN} ORDER BY r.id DESC OFFSET :skip LIMIT :most")
_ONE = text(f"{_RUN} WHERE r.id = :run")
_PROBLEMS = text("""
    SELECT problem, count(*) FROM billing_items, unnest(problems) AS problem
     WHERE run_id = :run AND state = 'held' GROUP BY 1 ORDER BY 2 DESC, 1""")
_ITEM = """
    SELECT a.id, a.reference, c.name, coalesce(p.address, ''), i.state, i.problems, i.evidence, i.used, i.total_cents,
           i.resolution, i.reason, w.display_name, i.worked_at, i.version, i.lines, b.number
      FROM billing_items i
      JOIN customer_accounts a ON a.id = i.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
      LEFT JOIN actors w ON w.id = i.worked_by
      LEFT JOIN bills b ON b.id = i.bill_id"""
_ITEMS = text(f"""{_ITEM}
     WHERE i.run_id = :run AND i.state = :state AND a.id > :after AND {_SEEN}
       AND (:problem = '' OR :problem = ANY (i.problems))
     ORDER BY a.id LIMIT :most""")
_BILL = text(f"{_ITEM} WHERE i.run_id = :run AND a.id = :account AND {_SEEN}")
_CYCLES = text("SELECT DISTINCT cycle FROM utility_accounts WHERE cycle <> '' ORDER BY 1")
_WAITING = text("""
    SELECT count(*) FROM customer_accounts a JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.system_of_record = 'ventanilla' AND a.status = 'open' AND (:cycle = '' OR u.cycle = :cycle)""")
_CORRECTIONS, _CORRECTION = (
    query(
        f"""
        SELECT r.id, r.state, r.corrects_bill_id, o.number, i.bill_id, n.number, r.reason
          FROM (SELECT id FROM billing_runs WHERE corrects_bill_id {which} AND state <> 'canceled'
                 UNION
                SELECT p.id FROM billing_items t JOIN billing_runs p ON p.id = t.run_id
                 WHERE t.bill_id {which} AND p.corrects_bill_id IS NOT NULL AND p.state <> 'canceled') f
          JOIN billing_runs r ON r.id = f.id
          JOIN bills o ON o.id = r.corrects_bill_id
          LEFT JOIN billing_items i ON i.run_id = r.id
          LEFT JOIN bills n ON n.id = i.bill_id
         WHERE r.corrects_bill_id {which} OR i.bill_id {which}
         ORDER BY r.id""",  # noqa: S608 - our own words
        "run_id", "state", "old_bill_id", "old_number", "new_bill_id", "new_number", "reason",
    )
    for which in ("= ANY (:bills)", "= :bill")
)  # fmt: skip
"""Of many bills, and of one: a list of ids is planned anew each time, which takes longer than reading."""


@dataclass(frozen=True, slots=True)
class ServiceTotal:
    """What a run bills for one service in one fund."""

    revenue_line: str
    fund: str
    lines: int
    amount: Money


@dataclass(frozen=True)
class RunView:
    """A run as pages show it. Names of people are empty where nobody did it yet."""

    id: int
    cycle: str
    period_from: date
    period_to: date
    bill_date: date
    due_on: date
    state: str
    reason: str
    corrects_bill_id: int | None
    corrects_number: str
    corrects_reference: str
    made_by: str
    made_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    posted_at: datetime | None
    maker_id: int
    reviewer_id: int | None
    counts: Mapping[str, int]
    totals: tuple[ServiceTotal, ...]

    def count(self, state: str) -> int:
        """How many bills are in a state."""
        return self.counts.get(state, 0)

    @property
    def amount(self) -> Money:
        """What all its bills come to."""
        return total(one.amount for one in self.totals)

    @property
    def bills(self) -> int:
        """Bills that are ready or posted."""
        return self.count("ready") + self.count("posted")

    @property
    def drafted(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class ItemView:
    """The bill of one account in a run."""

    account_id: int
    reference: str
    holder: str
    address: str
    state: str
    problems: tuple[str, ...]
    evidence: Mapping[str, Any]
    used: Decimal | None
    amount: Money
    resolution: str
    reason: str
    worked_by: str
    worked_at: datetime | None
    version: int
    lines: tuple[Mapping[str, Any], ...]
    """Empty when posted: the charges hold them then."""
    bill_number: str

    @property
    def before(self) -> Decimal | None:
        """What was used in the period to compare with."""
        before = self.evidence.get("before")
        return Decimal(before["used"]) if before else None

    @property
    def before_period(self) -> Period | None:
        """That period."""
        before = self.evidence.get("before")
        return Period(first=before["first"], last=before["last"]) if before else None

    @property
    def reads(self) -> tuple[MeterUse, ...]:
        """What the meters showed."""
        return tuple(MeterUse.model_validate(read) for read in self.evidence.get("reads") or ())

    @property
    def asked(self) -> tuple[tuple[Mapping[str, str], Money], ...]:
        """Each line by its words, and what it asks."""
        return tuple((line["description"], Money(line["cents"])) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Correction:
    """A bill that was made anew, or is being made: which, by what, and where that stands."""

    run_id: int
    state: str
    old_bill_id: int
    old_number: str
    new_bill_id: int | None
    new_number: str
    reason: str


def runs(session: Session, *, skip: int = 0, most: int = 25) -> list[RunView]:
    """The newest runs first. One statement."""
    return [_run(row) for row in session.execute(_LIST, {"skip": skip, "most": most})]


def run(session: Session, run_id: int) -> RunView:
    """A run; raises ``NotFound``. One statement."""
    row = session.execute(_ONE, {"run": run_id}).one_or_none()
    if row is None:
        raise NotFound(f"no billing run {run_id}")
    return _run(row)


def problems(session: Session, run_id: int) -> dict[str, int]:
    """How many bills each problem holds, the most first. One statement."""
    return dict(session.execute(_PROBLEMS, {"run": run_id}).all())


def items(
    session: Session,
    run_id: int,
    state: str,
    *,
    problem: str = "",
    after: int = 0,
    most: int = 25,
    sees_protected: bool,
    sees_restricted: bool,
) -> list[ItemView]:
    """Bills of a run in a state, by account. One statement."""
    asked = {
        "run": run_id, "state": state, "problem": problem, "after": after, "most": most,
        "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    return [_item(row) for row in session.execute(_ITEMS, asked)]


def item(session: Session, run_id: int, account_id: int, *, sees_protected: bool, sees_restricted: bool) -> ItemView:
    """The bill of an account in a run; raises ``NotFound``, also where the account is hidden. One statement."""
    asked = {
        "run": run_id, "account": account_id, "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    row = session.execute(_BILL, asked).one_or_none()
    if row is None:
        raise NotFound(f"no bill of account {account_id} in run {run_id}")
    return _item(row)


def cycles(session: Session) -> list[str]:
    """The cycles that accounts are billed in."""
    return list(session.scalars(_CYCLES))


def billable(session: Session, cycle: str) -> int:
    """How many accounts of ours are in a cycle."""
    return int(session.scalar(_WAITING, {"cycle": cycle}) or 0)


def corrections(session: Reader, bills: Sequence[int]) -> list[Correction]:
    """The corrections in which these bills have a part, as the old one or the new. One statement."""
    if len(bills) == 1:
        rows = session.execute(_CORRECTION, {"bill": bills[0]})
    else:
        rows = session.execute(_CORRECTIONS, {"bills": list(bills)})
    return [Correction(row[0], row[1], row[2], row[3], row[4], row[5] or "", row[6]) for row in rows]


def _run(row: Sequence[Any]) -> RunView:
    *facts, counts, totals = row
    for place in (9, 10, 13, 15):
        facts[place] = facts[place] or ""
    sums = tuple(ServiceTotal(line, fund, lines, Money(cents)) for line, fund, lines, cents in totals or ())
    return RunView(*(*facts, counts or {}, sums))


def _item(row: Sequence[Any]) -> ItemView:
    account, reference, holder, address, state, found, evidence, used, cents, *rest = row
    resolution, reason, worked_by, worked_at, version, lines, number = rest
    return ItemView(
        account, reference, holder, address, state, tuple(found), evidence, used, Money(cents), resolution, reason,
        worked_by or "", worked_at, version, tuple(lines or ()), number or "",
    )  # fmt: skip
