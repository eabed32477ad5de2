"""Steps that name an actor, making it on first sight."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts.actors.models import Actor, ActorKind

SYSTEM = "system"
"""The handle of the machine itself: settlements, imports and nightly jobs."""


def actor_id(session: Session, handle: str, kind: ActorKind = ActorKind.STAFF, name: str = "") -> int:
    """The actor's id; a new handle becomes a new actor. Two at once get the same row."""
    handle = handle.strip().lower()
    known = session.scalar(select(Actor.id).where(Actor.handle == handle))
    if known is not None:
        return known
    kind = ActorKind.SYSTEM if handle == SYSTEM else kind
    session.execute(
        insert(Actor).values(kind=kind, handle=handle, display_name=name or handle).on_conflict_do_nothing()
    )
    return session.scalars(select(Actor.id).where(Actor.handle == handle)).one()
