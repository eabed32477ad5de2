"""Drawers of one cashier, and floats that wait for a second person: what a cashier's own page lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_OF_CASHIER = text("""
    SELECT d.id, d.till, d.kind, d.business_day, d.state, d.opened_at,
           (SELECT v.verdict FROM drawer_verdicts v JOIN drawer_counts c ON c.id = v.count_id
             WHERE v.drawer_id = d.id ORDER BY c.number DESC LIMIT 1) AS verdict
      FROM drawers d WHERE d.cashier_id = :cashier AND d.kind = 'counter' ORDER BY d.id DESC LIMIT :most""")
_FLOATS = text("""
    SELECT d.id, d.till, a.display_name AS cashier, d.opened_at
      FROM drawers d JOIN actors a ON a.id = d.cashier_id
     WHERE d.state = 'float' AND d.cashier_id <> :me ORDER BY d.id""")


@dataclass(frozen=True)
class OwnDrawer:
    """A drawer as its cashier's list has it. ``verdict`` is the last one, empty before any."""

    id: int
    till: str
    kind: str
    business_day: date
    state: str
    opened_at: datetime
    verdict: str


@dataclass(frozen=True)
class WaitingFloat:
    """A float that somebody else has to count; how much it came to is not told."""

    id: int
    till: str
    cashier: str
    opened_at: datetime


def of_cashier(session: Session, cashier_id: int, most: int = 8) -> list[OwnDrawer]:
    """The last drawers of a cashier, the newest first."""
    return [
        OwnDrawer(row.id, row.till, row.kind, row.business_day, row.state, row.opened_at, row.verdict or "")
        for row in session.execute(_OF_CASHIER, {"cashier": cashier_id, "most": most})
    ]


def waiting_floats(session: Session, me: int) -> list[WaitingFloat]:
    """Floats of others that wait for a second count."""
    return [WaitingFloat(*row) for row in session.execute(_FLOATS, {"me": me})]
