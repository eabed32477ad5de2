"""Notes and contacts of an account, newest first; follow-ups that are due, by person and by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission

PAGE = 25
_NOTES = """
    SELECT n.id, n.customer_account_id, n.text, n.author_id, a.display_name, n.at, coalesce(p.is_pinned, false),
           coalesce(pa.display_name, ''), p.at
      FROM account_notes n
      JOIN actors a ON a.id = n.author_id
      LEFT JOIN LATERAL (SELECT is_pinned, actor_id, at FROM note_pins WHERE note_id = n.id
                          ORDER BY id DESC LIMIT 1) p ON true
      LEFT JOIN actors pa ON pa.id = p.actor_id
     WHERE n.customer_account_id = ANY (:accounts)"""
_NOTES_PAGE = text(f"{_NOTES} AND (CAST(:before AS bigint) IS NULL OR n.id < :before) ORDER BY n.id DESC LIMIT :most")
_PINNED = text(f"{_NOTES} AND p.is_pinned ORDER BY p.at DESC, n.id DESC")
_CONTACTS = text("""
    SELECT c.id, c.customer_account_id, c.channel, c.direction, c.topic, c.verified_by, c.outcome, c.language,
           c.spoke_with, c.text, c.actor_id, a.display_name, c.at
      FROM contacts c JOIN actors a ON a.id = c.actor_id
     WHERE c.customer_account_id = ANY (:accounts) AND (CAST(:before AS bigint) IS NULL OR c.id < :before)
     ORDER BY c.id DESC LIMIT :most""")
_FOLLOW_UPS = """
    SELECT f.id, f.kind, f.customer_account_id, ca.reference, f.contact_id, f.follows_id, f.due_on, f.for_actor_id,
           coalesce(w.display_name, ''), f.for_division, f.text, f.actor_id, m.display_name, f.at,
           coalesce(e.how, ''), coalesce(e.outcome, ''), coalesce(d.display_name, ''), e.at
      FROM follow_ups f
      JOIN actors m ON m.id = f.actor_id
      LEFT JOIN actors w ON w.id = f.for_actor_id
      LEFT JOIN customer_accounts ca ON ca.id = f.customer_account_id
      LEFT JOIN follow_up_ends e ON e.follow_up_id = f.id
      LEFT JOIN actors d ON d.id = e.actor_id"""
_VISIBLE = """
       AND (ca.id IS NULL OR ((:protected OR NOT ca.is_protected) AND (:restricted OR NOT ca.is_restricted)))"""
_DUE = text(f"""{_FOLLOW_UPS}
     WHERE e.follow_up_id IS NULL AND f.due_on <= :through
       AND (CAST(:since AS date) IS NULL OR f.due_on >= :since)
       AND (CAST(:mine AS bigint) IS NULL OR f.for_actor_id = :mine OR f.for_division = ANY (:divisions))
       AND (CAST(:day AS date) IS NULL OR (f.due_on, f.id) > (:day, :after)) {_VISIBLE}
     ORDER BY f.due_on, f.id LIMIT :most""")
_OF_ACCOUNT = text(f"{_FOLLOW_UPS} WHERE f.customer_account_id = ANY (:accounts) ORDER BY f.id DESC LIMIT :most")
_ONE = text(f"{_FOLLOW_UPS} WHERE f.id = :id {_VISIBLE}")
_COUNTS = text(f"""
    SELECT count(*) FILTER (WHERE f.due_on < :today), count(*) FILTER (WHERE f.due_on = :today),
           count(*) FILTER (WHERE f.due_on <= :today AND f.for_actor_id = :me)
      FROM follow_ups f
      LEFT JOIN customer_accounts ca ON ca.id = f.customer_account_id
     WHERE f.due_on <= :today AND NOT EXISTS (SELECT FROM follow_up_ends e WHERE e.follow_up_id = f.id)
           {_VISIBLE}""")  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Note:
    """A note and who last pinned it or took it down (empty: nobody yet)."""

    id: int
    account_id: int
    text: str
    author_id: int
    author: str
    at: datetime
    is_pinned: bool
    pinned_by: str
    pinned_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A contact; codes are the desk policy's of its day."""

    id: int
    account_id: int
    channel: str
    direction: str
    topic: str
    verified_by: str
    outcome: str
    language: str
    spoke_with: str
    text: str
    actor_id: int
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpEntry:
    """Something to do, or done: ``how`` is empty while it is open, else ``done`` or ``handed-on``."""

    id: int
    kind: str
    account_id: int | None
    reference: str | None
    contact_id: int | None
    follows_id: int | None
    due_on: date
    for_actor_id: int | None
    for_actor: str
    for_division: str
    text: str
    actor_id: int
    actor: str
    at: datetime
    how: str
    outcome: str
    ended_by: str
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return not self.how


@dataclass(frozen=True, slots=True)
class NotesPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    notes: tuple[Note, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    contacts: tuple[ContactEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class DuePage:
    """Longest due first; ``next_after`` is the key of the next page, if there is one."""

    follow_ups: tuple[FollowUpEntry, ...]
    next_after: tuple[date, int] | None


@dataclass(frozen=True, slots=True)
class DueCounts:
    """Open follow-ups: late ones, those of today, and this person's own of both."""

    late: int
    today: int
    mine: int


def notes(session: Session, accounts: Sequence[int], *, before: int | None = None, limit: int = PAGE) -> NotesPage:
    """Notes of accounts (of one, or of all that a customer holds), newest first."""
    values = {"accounts": list(accounts), "before": before, "most": limit + 1}
    found = [Note(*row) for row in session.execute(_NOTES_PAGE, values)]
    return NotesPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def pinned_notes(session: Session, accounts: Sequence[int]) -> list[Note]:
    """Notes that are pinned, the last pinned first: what everybody must see who opens the account."""
    return [Note(*row) for row in session.execute(_PINNED, {"accounts": list(accounts)})]


def contacts(
    session: Session, accounts: Sequence[int], *, before: int | None = None, limit: int = PAGE
) -> ContactsPage:
    """The contact log of accounts, newest first."""
    values = {"accounts": list(accounts), "before": before, "most": limit + 1}
    found = [ContactEntry(*row) for row in session.execute(_CONTACTS, values)]
    return ContactsPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def follow_ups_of(session: Session, accounts: Sequence[int], *, limit: int = 100) -> list[FollowUpEntry]:
    """Follow-ups of accounts, open and ended, newest first."""
    return [FollowUpEntry(*row) for row in session.execute(_OF_ACCOUNT, {"accounts": list(accounts), "most": limit})]


def follow_up(session: Session, by: Authority, follow_up_id: int) -> FollowUpEntry:
    """One follow-up. Raises :class:`~accounts.errors.NotFound`, also where its account is not theirs to see."""
    row = session.execute(_ONE, {"id": follow_up_id, **_sight(by)}).one_or_none()
    if row is None:
        raise NotFound(f"no follow-up {follow_up_id} for {by.handle}")
    return FollowUpEntry(*row)


def due(
    session: Session,
    by: Authority,
    *,
    through: date,
    since: date | None = None,
    everyone: bool = False,
    of_actor: int | None = None,
    divisions: Sequence[str] = (),
    after: tuple[date, int] | None = None,
    limit: int = PAGE,
) -> DuePage:
    """Open follow-ups due by a day (and not before ``since``): this person's own and those of ``divisions``, those of
    another person (``of_actor``), or everyone's.

    Those of accounts that this person may not see are left out.
    """
    values: dict[str, Any] = {
        "through": through,
        "since": since,
        "mine": None if everyone else of_actor or by.actor_id,
        "divisions": list(divisions),
        "day": after[0] if after else None,
        "after": after[1] if after else None,
        "most": limit + 1,
        **_sight(by),
    }
    found = [FollowUpEntry(*row) for row in session.execute(_DUE, values)]
    last = found[limit - 1] if len(found) > limit else None
    return DuePage(tuple(found[:limit]), (last.due_on, last.id) if last else None)


def counts(session: Session, by: Authority, today: date) -> DueCounts:
    """How many follow-ups are late and due today, of everybody, and how many of this person's. One statement."""
    row = session.execute(_COUNTS, {"today": today, "me": by.actor_id, **_sight(by)}).one()
    return DueCounts(*row)


def _sight(by: Authority) -> dict[str, bool]:
    return {"protected": by.may(Permission.PROTECTED_SEE), "restricted": by.may(Permission.RESTRICTED_SEE)}
