"""What drawers hold, which are open, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.drawers.rules import Contents, Found

_CONTENTS = text("""
    SELECT d.id, d.float_cents, coalesce(m.change, 0) AS change, coalesce(t.cash, 0) AS cash,
           coalesce(m.gone, 0) AS gone, coalesce(t.checks, 0) AS checks, coalesce(t.checks_count, 0) AS checks_count,
           coalesce(t.terminal, 0) AS terminal
      FROM drawers d
      LEFT JOIN LATERAL (
           SELECT sum(p.amount_cents) FILTER (WHERE p.kind = 'cash') AS cash,
                  sum(p.amount_cents) FILTER (WHERE p.kind IN ('check', 'money_order')) AS checks,
                  count(*) FILTER (WHERE p.kind IN ('check', 'money_order')) AS checks_count,
                  sum(p.amount_cents) FILTER (WHERE p.kind = 'terminal') AS terminal
             FROM payment_tenders p
            WHERE p.drawer_id = d.id
              AND NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = p.id AND r.kind = 'void')) t ON true
      LEFT JOIN LATERAL (
           SELECT sum(v.cash_cents) FILTER (WHERE v.kind = 'change') AS change,
                  -sum(v.cash_cents) FILTER (WHERE v.kind <> 'change') AS gone
             FROM drawer_movements v WHERE v.drawer_id = d.id) m ON true
     WHERE d.id = ANY (:ids)""")
_DRAWERS = """
    SELECT d.id, d.kind, d.till, d.series, d.business_day, d.cashier_id, a.display_name AS cashier, d.state,
           d.float_cents, d.control_cents, d.control_count, d.verified_by, v.display_name AS verifier, d.opened_at,
           d.counted_at, d.closed_at, d.version
      FROM drawers d JOIN actors a ON a.id = d.cashier_id LEFT JOIN actors v ON v.id = d.verified_by
     WHERE {} ORDER BY d.id DESC LIMIT :most"""
_ONE = text(_DRAWERS.format("d.id = :id"))
_MINE = text(_DRAWERS.format("d.cashier_id = :cashier AND d.kind = :kind AND d.state IN ('float', 'open')"))
_UNFINISHED = text(_DRAWERS.format("d.state <> 'closed'"))
_RECENT = text(_DRAWERS.format("(CAST(:before AS bigint) IS NULL OR d.id < :before)"))
_COUNTS = text("""
    SELECT c.id, c.drawer_id, c.number, c.counted_by, a.display_name AS counter, c.counted_at, c.denominations,
           c.cash_cents, c.checks_count, c.checks_cents, c.terminal_cents, c.expected,
           v.verdict, v.decided_at, v.reason, b.display_name AS decider
      FROM drawer_counts c JOIN actors a ON a.id = c.counted_by
      LEFT JOIN drawer_verdicts v ON v.count_id = c.id LEFT JOIN actors b ON b.id = v.decided_by
     WHERE c.drawer_id = :drawer ORDER BY c.number""")
_MOVEMENTS = text("""
    SELECT m.id, m.kind, m.cash_cents, m.denominations, a.display_name AS actor, w.display_name AS witness, m.at,
           m.note
      FROM drawer_movements m JOIN actors a ON a.id = m.actor_id LEFT JOIN actors w ON w.id = m.witness_id
     WHERE m.drawer_id = :drawer ORDER BY m.id""")


@dataclass(frozen=True)
class DrawerView:
    """A drawer without what is in it: this may be shown while it is counted."""

    id: int
    kind: str
    till: str
    series: str
    business_day: date
    cashier_id: int
    cashier: str
    state: str
    float: Money
    control: Money | None
    control_count: int
    verified_by: int | None
    verifier: str
    opened_at: datetime
    counted_at: datetime | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True)
class CountView:
    """A committed count, with what the books said then, and what was decided."""

    id: int
    drawer_id: int
    number: int
    counted_by: int
    counter: str
    counted_at: datetime
    denominations: Mapping[int, int]
    checks_count: int
    expected_checks_count: int
    expected: Mapping[str, int]
    """What the books said when it was committed (``Contents.as_expected``)."""
    found: Found
    verdict: str
    """Empty while it waits."""
    decider: str
    decided_at: datetime | None
    reason: str

    @property
    def are_checks_there(self) -> bool:
        """Are the checks those that were taken, by sum and number? A count of others cannot be accepted."""
        return not self.found.difference.checks and self.checks_count == self.expected_checks_count


@dataclass(frozen=True)
class MovementView:
    """Cash that went in or out without a sale; ``cash`` is signed, into the drawer positive."""

    id: int
    kind: str
    cash: Money
    denominations: Mapping[int, int]
    actor: str
    witness: str
    at: datetime
    note: str


def contents(session: Session, drawer_ids: Collection[int]) -> dict[int, Contents]:
    """What drawers hold by the books, in one statement. Never for a page on which one of them is counted."""
    rows = session.execute(_CONTENTS, {"ids": list(drawer_ids)})
    return {
        row.id: Contents(
            float=Money(row.float_cents),
            change=Money(int(row.change)),
            cash_taken=Money(int(row.cash)),
            left=Money(int(row.gone)),
            checks=Money(int(row.checks)),
            checks_count=row.checks_count,
            terminal=Money(int(row.terminal)),
        )
        for row in rows
    }


def drawer(session: Session, drawer_id: int) -> DrawerView | None:
    """One drawer."""
    row = session.execute(_ONE, {"id": drawer_id, "most": 1}).one_or_none()
    return _drawer(row) if row else None


def drawer_of(session: Session, cashier_id: int, kind: str = "counter") -> DrawerView | None:
    """The drawer that a cashier has open, or whose float waits for a second person."""
    row = session.execute(_MINE, {"cashier": cashier_id, "kind": kind, "most": 1}).one_or_none()
    return _drawer(row) if row else None


def unfinished(session: Session, most: int = 200) -> list[DrawerView]:
    """Every drawer that is not closed, the newest first."""
    return [_drawer(row) for row in session.execute(_UNFINISHED, {"most": most})]


def history(session: Session, before: int | None = None, most: int = 50) -> list[DrawerView]:
    """Drawers, the newest first, from below an id."""
    return [_drawer(row) for row in session.execute(_RECENT, {"before": before, "most": most})]


def counts(session: Session, drawer_id: int) -> list[CountView]:
    """Every count of a drawer with its verdict, the first one first."""
    return [_count(row) for row in session.execute(_COUNTS, {"drawer": drawer_id})]


def movements(session: Session, drawer_id: int) -> list[MovementView]:
    """What went in and out of a drawer without a sale."""
    return [
        MovementView(
            row.id, row.kind, Money(row.cash_cents), _denominations(row.denominations), row.actor, row.witness or "",
            row.at, row.note,
        )
        for row in session.execute(_MOVEMENTS, {"drawer": drawer_id})
    ]  # fmt: skip


def _drawer(row: Any) -> DrawerView:
    return DrawerView(
        id=row.id,
        kind=row.kind,
        till=row.till,
        series=row.series,
        business_day=row.business_day,
        cashier_id=row.cashier_id,
        cashier=row.cashier,
        state=row.state,
        float=Money(row.float_cents),
        control=None if row.control_cents is None else Money(row.control_cents),
        control_count=row.control_count,
        verified_by=row.verified_by,
        verifier=row.verifier or "",
        opened_at=row.opened_at,
        counted_at=row.counted_at,
        closed_at=row.closed_at,
        version=row.version,
    )


def _count(row: Any) -> CountView:
    expected = row.expected
    return CountView(
        id=row.id,
        drawer_id=row.drawer_id,
        number=row.number,
        counted_by=row.counted_by,
        counter=row.counter,
        counted_at=row.counted_at,
        denominations=_denominations(row.denominations),
        checks_count=row.checks_count,
        expected_checks_count=expected["checks_count"],
        expected=expected,
        found=Found(
            cash=Money(row.cash_cents),
            own=Money(expected["own"]),
            expected_cash=Money(expected["cash"]),
            checks=Money(row.checks_cents),
            expected_checks=Money(expected["checks"]),
            terminal=Money(row.terminal_cents),
            expected_terminal=Money(expected["terminal"]),
        ),
        verdict=row.verdict or "",
        decider=row.decider or "",
        decided_at=row.decided_at,
        reason=row.reason or "",
    )


def _denominations(stored: Mapping[str, int]) -> dict[int, int]:
    return {int(value): number for value, number in stored.items()}
