"""Days of the tests of seals, and what is posted into them."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.ledger.service import post
from accounts.money import Money
from accounts.seals.queries import broken_days
from accounts.seals.service import Closed, close_days
from portal.sealing import PARTS
from tests.factories import DAY

TUESDAY = DAY
WEDNESDAY, THURSDAY, FRIDAY = (DAY + timedelta(days=later) for later in (1, 2, 3))
_serial = itertools.count(1)


def transfer(session: Session, on: date, cents: int, *, memo: str = "") -> int:
    """A journal of two postings in the general fund; its id."""
    return post(
        session,
        JournalDraft(
            "transfer",
            Source("test", f"transfer-{next(_serial)}", "post"),
            on,
            actor_id(session, "staff:rosa"),
            (Line("100-4210", "100", Money(cents)), Line("100-4220", "100", Money(-cents))),
            memo=memo,
        ),
    )


def close_all(sessions: Sessions, clock: FixedClock) -> Closed:
    """The nightly close, after a sweep that found everything settled until now."""
    return close_days(sessions, PARTS, clock=clock, swept_through=clock.now())


def broken(sessions: Sessions) -> list[tuple[date, str]]:
    """Each broken day and what is wrong with it, the first one first."""
    with reading(sessions) as session:
        return [(day.day, "; ".join(day.problems)) for day in broken_days(session, PARTS)]
