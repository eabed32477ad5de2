"""Reading the audit: of a record, of a person, of an act; newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import column, func, select, table, tuple_
from sqlalchemy.orm import Session

from accounts.audit.models import AuditEntry
from accounts.audit.rules import SEEN

PAGE = 50
_ACTORS = table("actors", column("id"), column("handle"), column("display_name"))
"""A feature above: known here by its columns only."""


@dataclass(frozen=True)
class Entry:
    """A line. ``actor`` is a handle, empty where nobody was signed in; ``details`` as written."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    actor_name: str
    act: str
    subject_kind: str
    subject_id: str
    details: dict[str, object]

    @property
    def reason(self) -> str:
        return str(self.details.get("reason") or "")

    @property
    def before(self) -> object:
        return self.details.get("before")

    @property
    def after(self) -> object:
        return self.details.get("after")


@dataclass(frozen=True)
class Wanted:
    """Which lines. What is empty or none does not choose. ``since`` is included, ``until`` is not."""

    subjects: tuple[tuple[str, object], ...] = ()
    """(Kind, id): an account's page asks for the account and its customer."""
    actor_id: int | None = None
    acts: tuple[str, ...] = ()
    not_acts: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Lines, newest first, and the key of the next page (``before``), if there is one."""

    entries: tuple[Entry, ...]
    next_before: int | None = None


def entries(session: Session, wanted: Wanted, *, before: int | None = None, limit: int = PAGE) -> Page:
    """Lines that fit; pages hang on the id, so that new lines shift none."""
    query = _fitting(wanted).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    found = [Entry(*row) for row in session.execute(query)]
    return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def entries_of(
    session: Session,
    subjects: Sequence[tuple[str, object]],
    wanted: Wanted | None = None,
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> Page:
    """What was done to these records; looks are left out unless ``wanted`` names acts."""
    wanted = replace(wanted or Wanted(), subjects=tuple(subjects))
    if not wanted.acts:
        wanted = replace(wanted, not_acts=(*wanted.not_acts, SEEN))
    return entries(session, wanted, before=before, limit=limit)


def who_has_seen(session: Session, account_id: int, *, before: int | None = None, limit: int = PAGE) -> Page:
    """Who opened a page of this account, which and why."""
    wanted = Wanted(subjects=(("account", account_id),), acts=(SEEN,))
    return entries(session, wanted, before=before, limit=limit)


def by_actor(
    session: Session, actor_id: int, wanted: Wanted | None = None, *, before: int | None = None, limit: int = PAGE
) -> Page:
    """What one person did, saw, searched and took out."""
    return entries(session, replace(wanted or Wanted(), actor_id=actor_id), before=before, limit=limit)


def _fitting(wanted: Wanted) -> Any:
    query: Any = select(
        AuditEntry.id, AuditEntry.at, AuditEntry.actor_id, func.coalesce(_ACTORS.c.handle, ""),
        func.coalesce(_ACTORS.c.display_name, ""), AuditEntry.act, AuditEntry.subject_kind, AuditEntry.subject_id,
        AuditEntry.details,
    ).outerjoin_from(AuditEntry, _ACTORS, _ACTORS.c.id == AuditEntry.actor_id)  # fmt: skip
    if wanted.subjects:
        named = [(kind, str(id_)) for kind, id_ in wanted.subjects]
        query = query.where(tuple_(AuditEntry.subject_kind, AuditEntry.subject_id).in_(named))
    if wanted.actor_id is not None:
        query = query.where(AuditEntry.actor_id == wanted.actor_id)
    if wanted.acts:
        query = query.where(AuditEntry.act.in_(wanted.acts))
    if wanted.not_acts:
        query = query.where(AuditEntry.act.not_in(wanted.not_acts))
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query
