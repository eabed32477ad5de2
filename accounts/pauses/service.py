"""Steps that begin and end pauses, for the features whose matters ask for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.pauses.models import AccountPause, AccountPauseEnd
from accounts.pauses.rules import NewPause

_LOCK = text("SELECT id FROM customer_accounts WHERE id = :account FOR UPDATE")


def begin_pause(session: Session, new: NewPause, *, actor_id: int | None, now: datetime) -> int:
    """Step: something stands still on an account from now on; the pause's id. The account is locked, so that a run
    that assesses penalties sees the pause or is done before it."""
    session.execute(_LOCK, {"account": new.account_id})
    kind, cause = new.cause
    pause = AccountPause(
        customer_account_id=new.account_id, stops=new.stops.value, reason=new.reason, words=new.words,
        authority=new.authority, cause_kind=kind, cause_id=cause, since_on=new.since_on, until_on=new.until_on,
        actor_id=actor_id, at=now,
    )  # fmt: skip
    session.add(pause)
    session.flush()
    until = new.until_on.isoformat() if new.until_on else None
    audit.record(
        session, "pause-begun", subject=("account", new.account_id), actor_id=actor_id, stops=new.stops.value,
        reason=new.reason, since=new.since_on.isoformat(), until=until,
    )  # fmt: skip
    return pause.id


def end_pauses(
    session: Session, cause: tuple[str, int], *, on: date, why: str, actor_id: int | None, now: datetime
) -> int:
    """Step: what a matter had stopped goes on from a day on; how many pauses that were. Those that ended before, by
    themselves or by somebody, stay as they are."""
    kind, cause_id = cause
    standing = session.scalars(
        select(AccountPause)
        .where(AccountPause.cause_kind == kind, AccountPause.cause_id == cause_id)
        .where((AccountPause.until_on.is_(None)) | (AccountPause.until_on >= on))
        .order_by(AccountPause.id)
    )
    ended = 0
    for pause in standing:
        row = {"pause_id": pause.id, "ended_on": on, "why": why, "actor_id": actor_id, "at": now}
        made = session.execute(
            insert(AccountPauseEnd).values(row).on_conflict_do_nothing().returning(AccountPauseEnd.pause_id)
        )
        if made.scalar_one_or_none() is None:
            continue
        ended += 1
        audit.record(
            session, "pause-ended", subject=("account", pause.customer_account_id), actor_id=actor_id,
            stops=pause.stops, reason=why,
        )  # fmt: skip
    return ended
