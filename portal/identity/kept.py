"""What was typed is never lost: a form is kept for its person when the session ran out, or they left in mid-form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from accounts.database import Sessions, reading, transaction
from portal.card_numbers import contains_pan
from portal.identity.models import KeptForm
from portal.identity.vault import Unreadable, Vault

KEPT_FOR = timedelta(hours=24)
_MOST_FIELDS, _MOST_CHARACTERS = 60, 20_000
_NEVER_KEPT = ("csrf_token", "password", "code")


@dataclass(frozen=True)
class Kept:
    """A form as it was typed, and when."""

    fields: Mapping[str, str]
    kept_at: datetime


def keep(
    sessions: Sessions, vault: Vault, actor_id: int, path: str, fields: Mapping[str, str], *, now: datetime
) -> bool:
    """Use case: keep what a person typed on a page, instead of what was kept before; nothing if nothing was typed.

    Tokens, passwords, codes and anything like a card number are left out.
    """
    worth = {
        name: value
        for name, value in list(fields.items())[:_MOST_FIELDS]
        if value.strip() and not name.startswith(_NEVER_KEPT) and not contains_pan(value)
    }
    if not worth or sum(map(len, worth.values())) > _MOST_CHARACTERS:
        return False
    written = {"fields": vault.lock_fields(worth), "kept_at": now}
    with transaction(sessions) as session:
        session.execute(
            insert(KeptForm)
            .values(actor_id=actor_id, path=path, **written)
            .on_conflict_do_update(index_elements=["actor_id", "path"], set_=written)
        )
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


def forget_old(sessions: Sessions, now: datetime) -> int:
    """Use case: remove what nobody came back for."""
    with transaction(sessions) as session:
        old = delete(KeptForm).where(KeptForm.kept_at <= now - KEPT_FOR).returning(KeptForm.path)
        return len(session.execute(old).all())
