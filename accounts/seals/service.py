"""Close business days, one after the other, and seal each in the transaction that closes it.

Locks: the day FOR UPDATE (every posting into it holds it FOR SHARE until it commits), then the table of days
against new ones, for half a second, so that of a posting which opens a day and this, this one gives way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.actors.service import SYSTEM, actor_id
from accounts.audit import AuditEntry, record
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.ledger.models import BusinessDay
from accounts.seals import queries
from accounts.seals.canonical import FORM, Part
from accounts.seals.models import DaySeal
from accounts.seals.rules import DayNotSealed, Obstacle, Seal, sealed, why_not_close

MOST = 400
"""Days closed in one run; the next run goes on."""
_GIVE_WAY = text("SET LOCAL lock_timeout = '500ms'")
"""Less than the second after which the database would look for two that wait for each other, and end one."""
_NO_NEW_DAYS = text("LOCK TABLE business_days IN SHARE ROW EXCLUSIVE MODE")
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True)
class Closing:
    """A day that is about to be closed: by whom, and when."""

    day: date
    now: datetime
    actor_id: int


Proof = Callable[[Session, Closing], Sequence[Obstacle]]
"""Asked inside the closing transaction, when nothing can enter the day any more. It says what keeps the day open;
where nothing does, it writes down what belongs to the day's end, which the seal then covers."""


@dataclass(frozen=True)
class Waiting:
    """The next day that is not closed, and why it may not be yet. ``obstacles``: what the proof said."""

    day: date
    reasons: tuple[str, ...]
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True)
class Closed:
    """What a run did: seals laid, in order, and what is waited for (nothing: no day in the books, or more to do)."""

    seals: tuple[Seal, ...] = ()
    waiting: Waiting | None = None

    def last_line(self) -> str:
        """For the log: the head leaves the machine with it."""
        said = f"closed: {len(self.seals)} days"
        return f"{said}, head {self.seals[-1].name}" if self.seals else said


def close_days(
    sessions: Sessions,
    parts: Sequence[Part],
    *,
    clock: Clock,
    swept_through: datetime | None,
    handle: str = SYSTEM,
    most: int = MOST,
    until: date | None = None,
    proof: Proof | None = None,
) -> Closed:
    """Use case, one transaction a day: close every day that may be closed, in order; stop at the first that may not.

    ``swept_through``: the moment up to which the sweep has found everything settled; ``until``: no day after it;
    ``proof``: what else must hold (:data:`Proof`). A run that is ended half-way leaves whole days behind; two at once
    take turns.
    """
    done: list[Seal] = []
    while len(done) < most:
        try:
            with transaction(sessions) as session:
                if until is not None and (queries.next_day(session) or until) > until:
                    return Closed(tuple(done))
                outcome = close_next_day(
                    session, parts, clock=clock, swept_through=swept_through, handle=handle, proof=proof
                )
        except DayNotSealed:
            continue
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                raise
            with transaction(sessions) as session:
                day = queries.next_day(session)
            return Closed(tuple(done), Waiting(day, ("somebody is posting right now",)) if day else None)
        if not isinstance(outcome, Seal):
            return Closed(tuple(done), outcome)
        done.append(outcome)
    return Closed(tuple(done))


def close_next_day(
    session: Session,
    parts: Sequence[Part],
    *,
    clock: Clock,
    swept_through: datetime | None,
    handle: str = SYSTEM,
    proof: Proof | None = None,
) -> Seal | Waiting | None:
    """Step: close and seal the day after the last seal, or say why not; nothing when the books hold no day yet.

    Raises :class:`~accounts.seals.rules.DayNotSealed` when another closer was first, and ``OperationalError`` (lock
    not available) when a posting holds the day for too long.
    """
    day = queries.next_day(session)
    if day is None:
        return None
    reasons = _why_not(session, day, clock, swept_through)
    if reasons:
        return Waiting(day, reasons)
    _lock(session, day)
    if queries.next_day(session) != day:
        raise DayNotSealed(f"{day} is not the next day any more")
    if reasons := _why_not(session, day, clock, swept_through):
        return Waiting(day, reasons)
    closing = Closing(day, clock.now(), actor_id(session, handle))
    if proof and (obstacles := tuple(proof(session, closing))):
        return Waiting(day, tuple(map(str, obstacles)), obstacles)
    session.execute(update(BusinessDay).where(BusinessDay.day == day).values(state="closed"))
    kill_points.reached("seals.closed")
    return _seal(session, closing, parts)


def _why_not(session: Session, day: date, clock: Clock, swept_through: datetime | None) -> tuple[str, ...]:
    state = session.scalar(select(BusinessDay.state).where(BusinessDay.day == day))
    before = session.scalar(
        select(AuditEntry.id)
        .where(
            AuditEntry.act == queries.SEALED,
            AuditEntry.subject_kind == "business_day",
            AuditEntry.subject_id == str(day),
        )
        .limit(1)
    )
    return why_not_close(
        day,
        today=clock.today(),
        swept_through=clock.day_of(swept_through) if swept_through else None,
        closed=state == "closed",
        sealed_before=before is not None,
    )


def _lock(session: Session, day: date) -> None:
    """From here on nothing enters the day, and no day is opened before it; a day without any posting gets its row."""
    found = session.scalar(select(BusinessDay.day).where(BusinessDay.day == day).with_for_update())
    if found is None:
        try:
            session.execute(insert(BusinessDay).values(day=day).on_conflict_do_nothing())
        except IntegrityError as error:
            raise DayNotSealed(f"another closer sealed {day} or a later day meanwhile") from error
        session.execute(select(BusinessDay.day).where(BusinessDay.day == day).with_for_update())
    session.execute(_GIVE_WAY)
    session.execute(_NO_NEW_DAYS)


def _seal(session: Session, closing: Closing, parts: Sequence[Part]) -> Seal:
    day, now, doer = closing.day, closing.now, closing.actor_id
    held = queries.parts_of(session, parts, day, day)[day]
    seal = sealed(day, held, queries.last_seal(session), form=FORM, sealed_at=now, actor_id=doer)
    session.add(DaySeal(**{**vars(seal), "parts": {name: dict(vars(part)) for name, part in seal.parts.items()}}))
    session.flush()
    record(session, queries.SEALED, subject=("business_day", day), actor_id=doer, chained=seal.chained.hex())
    kill_points.reached("seals.sealed")
    return seal
