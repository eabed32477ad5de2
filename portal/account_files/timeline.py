"""Everything that ever happened on an account, newest first, page by page, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.audit import SEEN
from portal.account_files.timeline_sql import TIMELINE

PAGE = 40
SHOWS = ("money", "talk", "changes", "looks")
"""What may be chosen: money; what was said and sent; what was changed, asked and decided; who looked."""
TOLD_BETTER = (
    "act-approved", "act-done-alone", "act-proposed", "act-rejected", "act-stale", "act-withdrawn",
    "contact-logged", "customer-change-asked", "customer-change-withdrawn", "customer-changed",
    "customers-merged", "follow-up-added", "follow-up-done", "follow-up-handed-on", "mail-came-back",
    "merger-undone", "note-added", "receipt-sent-again", "returned-mail-mistake", "returned-mail-new-address",
    "returned-mail-not-needed", "returned-mail-re-mailed", "returned-mail-visited",
)  # fmt: skip
"""Audit lines of acts that have a row of their own, with more in it."""
_TIMELINE = text(TIMELINE)


class Key(NamedTuple):
    """Where a page ends and the next begins."""

    at: datetime
    place: int
    id: int


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. ``facts`` are those of its kind (``timeline_sql``); where there is a ``day``, no more is known."""

    at: datetime
    day: date | None
    place: int
    id: int
    kind: str
    actor: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    events: tuple[Happened, ...]
    next_before: Key | None


def timeline_of(
    session: Session,
    account_id: int,
    shown: Collection[str],
    *,
    sees_protected: bool,
    sees_restricted: bool,
    before: Key | None = None,
    limit: int = PAGE,
) -> TimelinePage:
    """One page of what happened on an account; ``shown`` are some of :data:`SHOWS`.

    What touches an account or a person that the reader may not see is left out.
    """
    at, place, id_ = before or (None, 0, 0)
    values = {
        "account": account_id, "shown": list(shown), "before": at, "place": place, "id": id_, "most": limit + 1,
        "seen": SEEN, "told": list(TOLD_BETTER), "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    found = [Happened(*row) for row in session.execute(_TIMELINE, values)]
    last = found[limit - 1] if len(found) > limit else None
    return TimelinePage(tuple(found[:limit]), Key(last.at, last.place, last.id) if last else None)
