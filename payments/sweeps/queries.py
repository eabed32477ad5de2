"""What sweeps have found, for the close of a day, the status and the next sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.sweeps.models import SweepRun


@dataclass(frozen=True)
class LastSweep:
    """The newest finished sweep of a kind."""

    kind: str
    started_at: datetime
    finished_at: datetime
    clean: bool
    found: dict[str, object]


def clean_through(session: Session) -> datetime | None:
    """All money that moved before this moment is in the books or in the exceptions queue; None: never swept clean.

    The start of the newest clean frequent sweep: it read the processor's events up to then and found nothing left.
    """
    return session.scalar(
        select(func.max(SweepRun.started_at)).where(SweepRun.kind == "frequent", SweepRun.clean.is_(True))
    )


def events_read_through(session: Session) -> datetime | None:
    """Up to when the processor's list of events has been read."""
    return session.scalar(select(func.max(SweepRun.events_through)))


def last_sweep(session: Session, kind: str) -> LastSweep | None:
    """The newest sweep of a kind that came to its end, if there was any."""
    run = session.scalar(
        select(SweepRun)
        .where(SweepRun.kind == kind, SweepRun.finished_at.is_not(None))
        .order_by(SweepRun.started_at.desc())
        .limit(1)
    )
    if run is None or run.finished_at is None:
        return None
    return LastSweep(run.kind, run.started_at, run.finished_at, bool(run.clean), run.found)
