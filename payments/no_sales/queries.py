"""Openings of a drawer without a sale, as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST = 50
_OF_DRAWER = text("""
    SELECT n.id, n.at, a.display_name AS cashier, n.reason, n.note
      FROM no_sales n JOIN actors a ON a.id = n.cashier_id
     WHERE n.drawer_id = :drawer ORDER BY n.id DESC LIMIT :most""")


@dataclass(frozen=True)
class OpenedSo:
    """One opening; ``reason`` is the city's code."""

    id: int
    at: datetime
    cashier: str
    reason: str
    note: str


def of_drawer(session: Session, drawer_id: int, most: int = MOST) -> list[OpenedSo]:
    """The last openings of a drawer without a sale, the newest first. One statement."""
    return [OpenedSo(*row) for row in session.execute(_OF_DRAWER, {"drawer": drawer_id, "most": most})]
