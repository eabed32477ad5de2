"""What was typed is never lost: a form is kept for its person when the session ran out, or they left in mid-form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts.database import Sessions, reading, transaction
from portal.card_numbers import contains_pan
from portal.identity.staff.models import KeptForm
from portal.identity.vault import Unreadable, Vault

KEPT_FOR = timedelta(hours=24)
MOST_FORMS, MOST_FIELDS, MOST_CHARACTERS, LONGEST_PATH = 40, 120, 20_000, 200
_NEVER_KEPT = ("csrf_token", "password", "one_time_code")


@dataclass(frozen=True)
class Kept:
    """A form as it was typed, and when. A field may hold several values."""

    fields: Mapping[str, Sequence[str]]
    kept_at: datetime


def keep(
    sessions: Sessions, vault: Vault, actor_id: int, path: str, fields: Mapping[str, Sequence[str]], *, now: datetime
) -> bool:
    """Use case: keep what a person typed on a page, instead of what was kept before. Was anything kept?

    Tokens, passwords, codes and anything like a card number are left out. A form that was emptied is forgotten; what
    is no form of ours by its size leaves everything as it was. A person's oldest form makes room for a new one.
    """
    worth = {name: list(values) for name, values in fields.items() if _is_worth(name, values)}
    size = sum(len(name) + sum(map(len, values)) for name, values in worth.items())
    if len(worth) > MOST_FIELDS or size > MOST_CHARACTERS or len(path) > LONGEST_PATH or not path.isprintable():
        return False
    if not worth:
        forget(sessions, actor_id, path)
        return False
    written = {"fields": vault.lock_fields(worth), "kept_at": now}
    with transaction(sessions) as session:
        session.execute(
            insert(KeptForm)
            .values(actor_id=actor_id, path=path, **written)
            .on_conflict_do_update(index_elements=["actor_id", "path"], set_=written)
        )
        _make_room(session, actor_id)
    return True


def kept_form(sessions: Sessions, vault: Vault, actor_id: int, path: str, *, now: datetime) -> Kept | None:
    """What this person typed on this page within a day, if it was kept."""
    with reading(sessions) as session:
        row = session.execute(
            select(KeptForm.fields, KeptForm.kept_at).where(
                KeptForm.actor_id == actor_id, KeptForm.path == path, KeptForm.kept_at > now - KEPT_FOR
            )
        ).one_or_none()
    if row is None:
        return None
    try:
        return Kept(vault.open_fields(row.fields), row.kept_at)
    except Unreadable:
        return None


def forget(sessions: Sessions, actor_id: int, path: str) -> None:
    """Use case: the form was sent, or its person wants it gone."""
    with transaction(sessions) as session:
        session.execute(delete(KeptForm).where(KeptForm.actor_id == actor_id, KeptForm.path == path))


def forget_old(session: Session, now: datetime) -> int:
    """Step: remove what nobody came back for; returns how many forms that were."""
    old = delete(KeptForm).where(KeptForm.kept_at <= now - KEPT_FOR).returning(KeptForm.path)
    return len(session.execute(old).all())


def _is_worth(name: str, values: Sequence[str]) -> bool:
    return (
        any(value.strip() for value in values)
        and not name.startswith(_NEVER_KEPT)
        and not any(map(contains_pan, (name, *values)))
    )


def _make_room(session: Session, actor_id: int) -> None:
    newest = (
        select(KeptForm.path)
        .where(KeptForm.actor_id == actor_id)
        .order_by(KeptForm.kept_at.desc(), KeptForm.path)
        .limit(MOST_FORMS)
    )
    session.execute(delete(KeptForm).where(KeptForm.actor_id == actor_id, KeptForm.path.not_in(newest)))
