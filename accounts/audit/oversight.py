"""What an auditor looks for: searches that found nothing, and looks at accounts after which nothing was done.

A look is *idle* when the person who looked did nothing with the account or its customer on that day: no contact, no
note, no act. Many have good reasons (a call that was cut off); a person with very many, or one account again and
again, is worth a question. Days are those of the city's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Unpack

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.audit.queries import Sees
from accounts.audit.rules import SEARCHED, SEEN

PAGE = 50
OVERSEEING = ("audit_account",)
"""Pages on which looking is the work."""
_DAY = "(at AT TIME ZONE :zone)::date"
_LOOKS = f"""
    WITH looks AS (
      SELECT actor_id, subject_id, {_DAY} AS day, count(*) AS looks, max(id) AS last_id
        FROM audit_entries
       WHERE act = :seen AND at >= :since AND at < :until AND actor_id IS NOT NULL
         AND details ->> 'page' <> ALL (:overseeing)
         AND (CAST(:who AS bigint) IS NULL OR actor_id = :who)
       GROUP BY actor_id, subject_id, day),
    deeds AS MATERIALIZED (
      SELECT DISTINCT actor_id, subject_kind, subject_id, {_DAY} AS day
        FROM audit_entries
       WHERE act <> :seen AND subject_kind IN ('account', 'customer') AND at >= :since AND at < :until),
    judged AS (
      SELECT l.*, a.id AS account_id, a.reference, c.name AS holder,
             coalesce((a.is_protected AND NOT :protected) OR (a.is_restricted AND NOT :restricted), false)
               AS is_hidden,
             d.actor_id IS NULL AND k.actor_id IS NULL AS is_idle
        FROM looks l
        LEFT JOIN customer_accounts a
               ON a.id = CASE WHEN l.subject_id ~ '^[0-9]{{1,18}}$' THEN l.subject_id::bigint END
        LEFT JOIN deeds d ON (d.actor_id, d.day, d.subject_kind, d.subject_id)
                             = (l.actor_id, l.day, 'account', l.subject_id)
        LEFT JOIN deeds k ON (k.actor_id, k.day, k.subject_kind, k.subject_id)
                             = (l.actor_id, l.day, 'customer', a.customer_id::text)
        LEFT JOIN customers c ON c.id = a.customer_id)"""  # noqa: S608 - our own words
_BY_PERSON = text(f"""{_LOOKS}
    SELECT j.actor_id, r.display_name, count(*), count(*) FILTER (WHERE j.is_idle)
      FROM judged j JOIN actors r ON r.id = j.actor_id
     GROUP BY j.actor_id, r.display_name
    HAVING count(*) FILTER (WHERE j.is_idle) > 0
     ORDER BY 4 DESC, 2 LIMIT :most""")  # noqa: S608
_IDLE = text(f"""{_LOOKS}
    SELECT j.last_id, j.day, j.actor_id, r.display_name, j.looks,
           CASE WHEN j.is_hidden THEN '' ELSE coalesce(j.reference, '') END,
           CASE WHEN j.is_hidden THEN '' ELSE coalesce(j.holder, '') END, j.is_hidden
      FROM judged j JOIN actors r ON r.id = j.actor_id
     WHERE j.is_idle AND (CAST(:before AS bigint) IS NULL OR j.last_id < :before)
     ORDER BY j.last_id DESC LIMIT :most""")  # noqa: S608
_SEARCHES = text("""
    SELECT e.id, e.at, e.actor_id, coalesce(r.display_name, ''), coalesce(e.details ->> 'asked', '')
      FROM audit_entries e LEFT JOIN actors r ON r.id = e.actor_id
     WHERE e.act = :act AND e.details ->> 'found' = '0' AND e.at >= :since
       AND (CAST(:before AS bigint) IS NULL OR e.id < :before)
     ORDER BY e.id DESC LIMIT :most""")


@dataclass(frozen=True)
class Period:
    """From an instant (included) to another (not), counted in days of a time zone."""

    since: datetime
    until: datetime
    time_zone: str


@dataclass(frozen=True)
class Looker:
    """How many accounts a person looked at (an account on a day counts once), and of how many nothing came."""

    actor_id: int
    name: str
    accounts: int
    idle: int


@dataclass(frozen=True)
class IdleLook:
    """An account that somebody looked at on a day and did nothing with. Without its number where it is hidden."""

    last_id: int
    day: date
    actor_id: int
    name: str
    looks: int
    reference: str
    holder: str
    is_hidden: bool


@dataclass(frozen=True)
class IdleLooks:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    looks: tuple[IdleLook, ...]
    next_before: int | None


@dataclass(frozen=True)
class EmptySearch:
    """A search that found nothing, as it was typed."""

    id: int
    at: datetime
    actor_id: int | None
    name: str
    asked: str


@dataclass(frozen=True)
class EmptySearches:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    searches: tuple[EmptySearch, ...]
    next_before: int | None


def lookers(session: Session, period: Period, *, limit: int = PAGE) -> list[Looker]:
    """People by how many idle looks they had, most first. One statement."""
    rows = session.execute(
        _BY_PERSON, {**_asked(period, None), "protected": False, "restricted": False, "most": limit}
    )
    return [Looker(*row) for row in rows]


def idle_looks(
    session: Session,
    period: Period,
    *,
    actor_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
    **sees: Unpack[Sees],
) -> IdleLooks:
    """Accounts that people (or one person) looked at for nothing. One statement."""
    values = {
        **_asked(period, actor_id),
        "protected": sees.get("sees_protected", False),
        "restricted": sees.get("sees_restricted", False),
        "before": before,
        "most": limit + 1,
    }
    found = [IdleLook(*row) for row in session.execute(_IDLE, values)]
    return IdleLooks(tuple(found[:limit]), found[limit - 1].last_id if len(found) > limit else None)


def empty_searches(
    session: Session, since: datetime, *, before: int | None = None, limit: int = PAGE
) -> EmptySearches:
    """Searches for accounts that found nothing. One statement."""
    values = {"act": SEARCHED, "since": since, "before": before, "most": limit + 1}
    found = [EmptySearch(*row) for row in session.execute(_SEARCHES, values)]
    return EmptySearches(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def _asked(period: Period, actor_id: int | None) -> dict[str, Any]:
    return {
        "seen": SEEN,
        "since": period.since,
        "until": period.until,
        "zone": period.time_zone,
        "overseeing": list(OVERSEEING),
        "who": actor_id,
    }
