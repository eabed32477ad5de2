"""Days as people look at them: open or closed, by whom, and the packet of each, checked against its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.actors.models import Actor
from accounts.errors import DomainError, NotFound
from accounts.money import Money
from payments.closings import sections
from payments.closings.models import ClosingPacket

_DAYS = text("""
    SELECT d.day, d.state, s.sealed_at, a.display_name, encode(s.chained, 'hex') AS seal, p.sha256,
           (SELECT count(*) FROM drawers w WHERE w.business_day = d.day)::bigint AS drawers,
           (SELECT count(*) FROM drawers w
             WHERE w.business_day = d.day AND w.state <> 'closed')::bigint AS open_drawers,
           (SELECT coalesce(sum(y.amount_cents + y.fee_cents), 0)
              FROM payments y WHERE y.business_day = d.day)::bigint AS taken
      FROM business_days d LEFT JOIN day_seals s ON s.day = d.day LEFT JOIN actors a ON a.id = s.actor_id
      LEFT JOIN closing_packets p ON p.day = d.day
     WHERE CAST(:before AS date) IS NULL OR d.day < :before ORDER BY d.day DESC LIMIT :most""")
DAYS_AT_ONCE = 31
_LABELS = (
    "kind", "account", "fund", "line", "item", "project", "drawer", "till", "batch", "receipt", "deposit", "payout",
    "series", "year",
)  # fmt: skip
"""What names a row of a section."""


class PacketChanged(DomainError):
    """The stored packet is not what was written: run ``ventanilla verify``. ``facts["day"]``."""


@dataclass(frozen=True)
class DayLine:
    """A business day in a list. ``taken``: all payments of the day, fees included."""

    day: date
    state: str
    sealed_at: datetime | None
    closed_by: str
    seal: str
    packet: str
    """SHA-256 of its packet; empty where it has none (days closed before there were packets)."""
    drawers: int
    open_drawers: int
    taken: Money


@dataclass(frozen=True)
class Packet:
    """A packet that is what its hash says."""

    day: date
    content: dict[str, Any]
    text: str
    sha256: str
    made_at: datetime
    made_by: str


def days(session: Session, before: date | None = None, most: int = 40) -> list[DayLine]:
    """Days of the books, the newest first, from before a day."""
    return [
        DayLine(row.day, row.state, row.sealed_at, row.display_name or "", row.seal or "", row.sha256 or "",
                row.drawers, row.open_drawers, Money(row.taken))
        for row in session.execute(_DAYS, {"before": before, "most": most})
    ]  # fmt: skip


def day(session: Session, asked: date) -> DayLine:
    """One day; raises :class:`~accounts.errors.NotFound`."""
    found = days(session, asked + timedelta(days=1), 1)
    if not found or found[0].day != asked:
        raise NotFound(f"the books hold no {asked}")
    return found[0]


def packet(session: Session, asked: date) -> Packet:
    """The packet of a day; raises :class:`~accounts.errors.NotFound`, or :class:`PacketChanged`."""
    row = session.execute(
        select(ClosingPacket, Actor.display_name)
        .join(Actor, Actor.id == ClosingPacket.actor_id)
        .where(ClosingPacket.day == asked)
    ).one_or_none()
    if row is None:
        raise NotFound(f"{asked} has no packet")
    stored, name = row
    if hashlib.sha256(stored.content.encode()).hexdigest() != stored.sha256:
        raise PacketChanged(f"the packet of {asked} is not what was written", day=asked)
    return Packet(asked, json.loads(stored.content), stored.content, stored.sha256, stored.made_at, name)


def packet_problems(session: Session) -> Iterator[str]:
    """Every packet whose totals are not those of the books now, and in what; reads the packets in windows."""
    known = session.execute(select(ClosingPacket.day).order_by(ClosingPacket.day)).scalars().all()
    for start in range(0, len(known), DAYS_AT_ONCE):
        window = known[start : start + DAYS_AT_ONCE]
        now = sections.held(session, window[0], window[-1])
        for asked in window:
            try:
                was = packet(session, asked).content
            except PacketChanged as changed:
                yield str(changed)
                continue
            for said in _differs(was.get("held", {}), json.loads(json.dumps(now[asked], default=str))):
                yield f"packet of {asked}: {said}"


def _differs(was: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """By section and row, what the packet says and what the books say."""
    for name, before in was.items():
        after = now.get(name, [])
        if len(before) != len(after):
            yield f"{name} has {len(before)} rows, the books have {len(after)}"
            continue
        for one, other in zip(before, after, strict=True):
            yield from _row_differs(name, one, other)


def _row_differs(name: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    label = " ".join(str(one[key]) for key in _LABELS if key in one)
    for key in sorted(set(one) | set(other)):
        if one.get(key) != other.get(key):
            yield f"{name} {label}: {key} is {_short(one.get(key))}, the books have {_short(other.get(key))}"


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= 120 else said[:117] + "..."
