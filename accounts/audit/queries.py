"""Reading the audit: of a record, of a person, of an act; newest first, page by page.

Who may not see protected or restricted accounts sees that something was done to one, by whom and when; not to which
one, nor what it says of it. Features above are known here by the columns of their tables only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from accounts.audit.models import AuditEntry
from accounts.audit.rules import SEEN

PAGE = 50
_ABOVE = MetaData()
_ACTORS = Table("actors", _ABOVE, Column("id", BigInteger), Column("handle", Text), Column("display_name", Text))
_ABOUT = _ACTORS.alias("about")
_ACCOUNTS = Table(
    "customer_accounts", _ABOVE, Column("id", BigInteger), Column("reference", Text),
    Column("customer_id", BigInteger), Column("is_protected", Boolean), Column("is_restricted", Boolean),
)  # fmt: skip
_THEIRS = _ACCOUNTS.alias("theirs")
_NUMBER = case((AuditEntry.subject_id.regexp_match("^[0-9]{1,18}$"), cast(AuditEntry.subject_id, BigInteger)))


class Sees(TypedDict, total=False):
    """What the reader may see; without a word: neither."""

    sees_protected: bool
    sees_restricted: bool


@dataclass(frozen=True)
class Entry:
    """A line. ``actor`` is a handle, empty where nobody was signed in; ``details`` as written.

    ``reference`` is the number of the account that it is about, ``about`` the name of the person. Of a line that
    ``is_hidden`` from the reader nothing is there but who did what and when.
    """

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    actor_name: str
    act: str
    subject_kind: str
    subject_id: str
    details: dict[str, object]
    reference: str
    about: str
    is_hidden: bool

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
    through: int | None = None
    """No line that is newer than this one (its id)."""


@dataclass(frozen=True)
class Page:
    """Lines, newest first, and the key of the next page (``before``), if there is one."""

    entries: tuple[Entry, ...]
    next_before: int | None = None


def entries(
    session: Session,
    wanted: Wanted,
    *,
    before: int | None = None,
    limit: int = PAGE,
    **sees: Unpack[Sees],
) -> Page:
    """Lines that fit; pages hang on the id, so that new lines shift none."""
    query = _fitting(wanted, _read()).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    eyes = {"protected": sees.get("sees_protected", False), "restricted": sees.get("sees_restricted", False)}
    rows = session.execute(query, eyes)
    found = [_entry(row) for row in rows]
    return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def how_many(session: Session, wanted: Wanted) -> int:
    """How many lines fit."""
    return int(session.scalar(_fitting(wanted, select(func.count()).select_from(AuditEntry))) or 0)


def newest(session: Session) -> int:
    """The id of the newest line; 0 where there is none."""
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def entries_of(
    session: Session,
    subjects: Sequence[tuple[str, object]],
    wanted: Wanted | None = None,
    *,
    before: int | None = None,
    limit: int = PAGE,
    **sees: Unpack[Sees],
) -> Page:
    """What was done to these records; looks are left out unless ``wanted`` names acts."""
    wanted = replace(wanted or Wanted(), subjects=tuple(subjects))
    if not wanted.acts:
        wanted = replace(wanted, not_acts=(*wanted.not_acts, SEEN))
    return entries(session, wanted, before=before, limit=limit, **sees)


def who_has_seen(
    session: Session,
    account_id: int,
    *,
    before: int | None = None,
    limit: int = PAGE,
    **sees: Unpack[Sees],
) -> Page:
    """Who opened a page of this account, which and why."""
    wanted = Wanted(subjects=(("account", account_id),), acts=(SEEN,))
    return entries(session, wanted, before=before, limit=limit, **sees)


def by_actor(
    session: Session,
    actor_id: int,
    wanted: Wanted | None = None,
    *,
    before: int | None = None,
    limit: int = PAGE,
    **sees: Unpack[Sees],
) -> Page:
    """What one person did, saw, searched and took out."""
    return entries(session, replace(wanted or Wanted(), actor_id=actor_id), before=before, limit=limit, **sees)


def _read() -> Any:
    """Columns of :class:`Entry`, in its order."""
    hides = _hides(_ACCOUNTS)
    hidden = or_(
        func.coalesce(hides, false()),
        and_(
            AuditEntry.subject_kind == "customer", exists().where(_THEIRS.c.customer_id == _NUMBER, _hides(_THEIRS))
        ),
    )
    return (
        select(
            AuditEntry.id, AuditEntry.at, AuditEntry.actor_id, func.coalesce(_ACTORS.c.handle, ""),
            func.coalesce(_ACTORS.c.display_name, ""), AuditEntry.act, AuditEntry.subject_kind, AuditEntry.subject_id,
            AuditEntry.details, func.coalesce(_ACCOUNTS.c.reference, ""), func.coalesce(_ABOUT.c.display_name, ""),
            hidden,
        )
        .select_from(AuditEntry)
        .outerjoin(_ACTORS, _ACTORS.c.id == AuditEntry.actor_id)
        .outerjoin(_ACCOUNTS, and_(AuditEntry.subject_kind == "account", _ACCOUNTS.c.id == _NUMBER))
        .outerjoin(_ABOUT, and_(AuditEntry.subject_kind == "actor", _ABOUT.c.id == _NUMBER))
    )  # fmt: skip


def _hides(accounts: Any) -> Any:
    return or_(
        and_(accounts.c.is_protected, ~bindparam("protected", type_=Boolean)),
        and_(accounts.c.is_restricted, ~bindparam("restricted", type_=Boolean)),
    )


def _entry(row: Any) -> Entry:
    found = Entry(*row)
    return replace(found, subject_id="", details={}, reference="") if found.is_hidden else found


def _fitting(wanted: Wanted, query: Any) -> Any:
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
    if wanted.through is not None:
        query = query.where(AuditEntry.id <= wanted.through)
    return query
