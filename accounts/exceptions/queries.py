"""The exceptions queue as people work it off: by clock, by kind, by who has it; closed lines stay to be read.

A line about an account that is protected or restricted is not there for those who may not see the account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.exceptions.rules import OTHERS_WITHIN, RESPOND_WITHIN, THE_MACHINE, respond_by
from accounts.staff.rules import Authority, Permission

PAGE = 50
_LINES = """
    SELECT e.id, e.kind, e.subject, e.evidence, e.suggestion, e.customer_account_id, a.reference,
           coalesce(a.kind, ''), coalesce(c.name, ''), e.opened_at, e.owner_id, coalesce(o.handle, ''),
           coalesce(o.display_name, ''), e.closed_at, coalesce(d.handle, ''), coalesce(d.display_name, ''),
           e.closing_note
      FROM exception_lines e
      LEFT JOIN customer_accounts a ON a.id = e.customer_account_id
      LEFT JOIN customers c ON c.id = a.customer_id
      LEFT JOIN actors o ON o.id = e.owner_id
      LEFT JOIN actors d ON d.id = e.closed_by"""
_VISIBLE = "(a.id IS NULL OR ((:protected OR NOT a.is_protected) AND (:restricted OR NOT a.is_restricted)))"
_CLOCK = """({0}.opened_at
             + make_interval(secs => coalesce((CAST(:within AS jsonb) ->> {0}.kind)::int, :others)))"""
_DUE = _CLOCK.format("e")
_CHOSEN = f"""{_VISIBLE} AND (CAST(:kind AS text) IS NULL OR e.kind = :kind)
       AND (CAST(:owner AS bigint) IS NULL OR e.owner_id = :owner) AND (NOT :nobodys OR e.owner_id IS NULL)"""
_OPEN = text(f"""{_LINES}
     WHERE e.closed_at IS NULL AND {_CHOSEN} AND (CAST(:late_at AS timestamptz) IS NULL OR {_DUE} < :late_at)
       AND (CAST(:after AS bigint) IS NULL OR ({_DUE}, e.id)
            > (SELECT {_CLOCK.format("x")}, x.id FROM exception_lines x WHERE x.id = :after))
     ORDER BY {_DUE}, e.id LIMIT :most""")  # noqa: S608 - our own words
_CLOSED = text(f"""{_LINES}
     WHERE e.closed_at IS NOT NULL AND {_CHOSEN}
       AND (CAST(:after AS bigint) IS NULL OR (e.closed_at, e.id)
            < (SELECT x.closed_at, x.id FROM exception_lines x WHERE x.id = :after))
     ORDER BY e.closed_at DESC, e.id DESC LIMIT :most""")  # noqa: S608
_ONE = text(f"{_LINES} WHERE e.id = :id AND {_VISIBLE}")
_COUNTS = text(f"""
    SELECT e.kind, count(*), count(*) FILTER (WHERE {_DUE} < :now), count(*) FILTER (WHERE e.owner_id = :me),
           count(*) FILTER (WHERE e.owner_id IS NULL)
      FROM exception_lines e LEFT JOIN customer_accounts a ON a.id = e.customer_account_id
     WHERE e.closed_at IS NULL AND {_VISIBLE}
     GROUP BY e.kind ORDER BY min({_DUE}), e.kind""")  # noqa: S608
_CLOCKS: dict[str, object] = {
    "within": json.dumps({kind: round(within.total_seconds()) for kind, within in RESPOND_WITHIN.items()}),
    "others": round(OTHERS_WITHIN.total_seconds()),
}


@dataclass(frozen=True)
class QueuedLine:
    """A line as it stands; ``owner`` and ``closed_by`` are handles of actors, empty while there is none."""

    id: int
    kind: str
    subject: str
    evidence: dict[str, object]
    suggestion: str
    customer_account_id: int | None
    reference: str | None
    account_kind: str
    holder: str
    opened_at: datetime
    owner_id: int | None
    owner: str
    owner_name: str
    closed_at: datetime | None
    closed_by: str
    closer_name: str
    closing_note: str

    @property
    def respond_by(self) -> datetime:
        """The end of its clock."""
        return respond_by(self.kind, self.opened_at)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_late(self, now: datetime) -> bool:
        """Whether its clock ran out while nobody closed it."""
        return self.is_open and self.respond_by < now


@dataclass(frozen=True)
class Wanted:
    """Which lines. What is empty does not choose; ``late_at``: only those whose clock is over by then (open ones)."""

    kind: str | None = None
    owner_id: int | None = None
    nobodys: bool = False
    late_at: datetime | None = None
    closed: bool = False


@dataclass(frozen=True)
class LinesPage:
    """Open lines by clock, closed ones newest first; ``next_after`` is the key of the next page, if there is one."""

    lines: tuple[QueuedLine, ...]
    next_after: int | None


@dataclass(frozen=True)
class KindCount:
    """Open lines of a kind: all, late, this person's, nobody's."""

    kind: str
    open: int
    late: int
    mine: int
    nobodys: int


def lines(
    session: Session, by: Authority, wanted: Wanted | None = None, *, after: int | None = None, limit: int = PAGE
) -> LinesPage:
    """A page of lines that this person may see. One statement."""
    chosen = wanted or Wanted()
    values = {
        "kind": chosen.kind,
        "owner": chosen.owner_id,
        "nobodys": chosen.nobodys,
        "after": after,
        "most": limit + 1,
        **_sight(by),
    }
    if chosen.closed:
        rows = session.execute(_CLOSED, values)
    else:
        rows = session.execute(_OPEN, {**values, "late_at": chosen.late_at, **_CLOCKS})
    found = [QueuedLine(*row) for row in rows]
    return LinesPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def open_lines(session: Session, kind: str | None = None, *, limit: int = 500) -> list[QueuedLine]:
    """Open lines by clock, of one kind, if asked: all that there are, for the machine that holds the database."""
    return list(lines(session, THE_MACHINE, Wanted(kind), limit=limit).lines)


def line(session: Session, line_id: int, by: Authority) -> QueuedLine:
    """One line, open or closed; raises :class:`~accounts.errors.NotFound`, also where its account is hidden."""
    row = session.execute(_ONE, {"id": line_id, **_sight(by)}).one_or_none()
    if row is None:
        raise NotFound(f"no exception {line_id} for {by.handle}")
    return QueuedLine(*row)


def counts(session: Session, by: Authority, now: datetime) -> list[KindCount]:
    """What is open by kind, the kind with the earliest clock first. One statement."""
    values = {"now": now, "me": by.actor_id, **_sight(by), **_CLOCKS}
    return [KindCount(*row) for row in session.execute(_COUNTS, values)]


def _sight(by: Authority) -> Mapping[str, Any]:
    return {"protected": by.may(Permission.PROTECTED_SEE), "restricted": by.may(Permission.RESTRICTED_SEE)}
