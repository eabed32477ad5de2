"""Close a business day: prove it, write its packet and seal it, all in the one transaction that locks it.

The proof is asked by ``accounts.seals`` when the day is locked FOR UPDATE: what it reads can no longer change, and
what it writes (the packet) is there before the parts of the day are hashed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.actors.models import Actor
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions
from accounts.seals import service as seals
from accounts.seals.canonical import Part
from accounts.seals.rules import Obstacle
from accounts.seals.service import Closed, Closing, Proof
from accounts.staff.rules import Authority, Permission
from payments.closings import positions, sections
from payments.closings.models import ClosingPacket
from payments.closings.rules import Proof as Found
from payments.closings.rules import prove

FORM = 1
"""Version of the packet's content."""


def proof_of(city: City) -> Proof:
    """What ``accounts.seals`` asks before it closes a day: obstacles, or none and the packet is written."""

    def proof(session: Session, closing: Closing) -> Sequence[Obstacle]:
        found = prove(positions.positions(session, city, closing.day))
        if found.balances:
            _write_packet(session, closing, found)
        return found.obstacles

    return proof


def close(
    sessions: Sessions,
    by: Authority,
    city: City,
    parts: Sequence[Part],
    day: date,
    *,
    clock: Clock,
    swept_through: datetime | None,
) -> Closed:
    """Use case: a person closes every day through ``day`` that is over, swept and balanced, in order.

    A day is over at the end of its last hour at city hall: people pay online until then, and that money is the day's.
    Raises ``NotAllowed``. What keeps a day open is in the answer.
    """
    by.must(Permission.DAYS_CLOSE)
    return seals.close_days(
        sessions, parts, clock=clock, swept_through=swept_through, handle=by.handle, until=day, proof=proof_of(city)
    )  # fmt: skip


def canonical(content: Mapping[str, Any]) -> str:
    """JSON with its keys in order and no spaces: one content, one text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _write_packet(session: Session, closing: Closing, found: Found) -> None:
    handle = session.get_one(Actor, closing.actor_id).handle
    content = canonical(
        {
            "form": FORM,
            "day": closing.day.isoformat(),
            "closed_by": handle,
            "closed_at": closing.now.isoformat(),
            "held": sections.held(session, closing.day, closing.day)[closing.day],
            "rows": [
                {"place": row.place, "name": row.name, "ledger": row.ledger.cents, "stated": row.stated.cents}
                for row in found.rows
            ],
            "differences": [
                {"code": one.code, "place": one.place, "cents": one.amount.cents, "facts": dict(one.facts)}
                for one in found.differences
            ],
            "exceptions": sections.open_exceptions(session),
        }
    )
    digest = hashlib.sha256(content.encode()).hexdigest()
    session.add(
        ClosingPacket(
            day=closing.day, content=content, sha256=digest, made_at=closing.now, actor_id=closing.actor_id
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, "day-closed", subject=("business_day", closing.day), actor_id=closing.actor_id, packet=digest
    )
    kill_points.reached("closings.packet")
