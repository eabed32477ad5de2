"""Steps and use cases of the exceptions queue; the same (kind, subject) is one line, however often it is seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import actor_id
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, DomainError, NotFound
from accounts.exceptions.models import ExceptionLine
from accounts.exceptions.rules import STRANGE_MONEY

_OPEN = text("""
    INSERT INTO exception_lines (kind, subject, evidence, suggestion, customer_account_id, closing_note)
    SELECT x.kind, x.subject, x.evidence, x.suggestion, x.customer_account_id, ''
      FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS x (kind text, subject text, evidence jsonb,
           suggestion text, customer_account_id bigint)
     WHERE NOT (x.kind = ANY (:strange) AND EXISTS (
                SELECT FROM exception_lines e WHERE e.kind = ANY (:strange) AND e.subject = x.subject))
        ON CONFLICT (kind, subject) DO NOTHING""")


class NoReason(DomainError):
    """An act that must be explained came without a word."""


@dataclass(frozen=True)
class NewException:
    """What does not fit, with its evidence. ``subject`` names the thing; with ``kind`` it is unique."""

    kind: str
    subject: str
    evidence: dict[str, object]
    suggestion: str = ""
    customer_account_id: int | None = None


def open_exceptions(session: Session, lines: Sequence[NewException]) -> None:
    """Step: open lines; those that were opened before, closed or not, stay as they are."""
    if lines:
        values = {"lines": json.dumps([asdict(line) for line in lines]), "strange": list(STRANGE_MONEY)}
        session.execute(_OPEN, values)


def open_exception(
    session: Session,
    kind: str,
    subject: str,
    evidence: dict[str, object],
    suggestion: str = "",
    *,
    customer_account_id: int | None = None,
) -> int:
    """Step: open one line, or find it open (or closed) already; returns its id."""
    open_exceptions(session, [NewException(kind, subject, evidence, suggestion, customer_account_id)])
    kinds = STRANGE_MONEY if kind in STRANGE_MONEY else (kind,)
    return session.scalars(
        select(ExceptionLine.id).where(ExceptionLine.kind.in_(kinds), ExceptionLine.subject == subject)
    ).one()


def take(sessions: Sessions, line_id: int, handle: str) -> None:
    """Use case: somebody takes a line on. Raises :class:`NotFound`, or :class:`Conflict` if it is closed."""
    with transaction(sessions) as session:
        line, actor = _open_line(session, line_id), actor_id(session, handle)
        audit.record(session, "exception-taken", subject=("exception", line_id), actor_id=actor, before=line.owner_id)
        line.owner_id = actor


def close(sessions: Sessions, line_id: int, handle: str, note: str, now: datetime) -> None:
    """Use case: a named person says how a line ended; it stays to be read, and is never opened again.

    Raises :class:`NotFound`, :class:`Conflict` if somebody closed it before, :class:`NoReason` without a note.
    """
    if not note.strip():
        raise NoReason("say what was done about it")
    with transaction(sessions) as session:
        line, actor = _open_line(session, line_id), actor_id(session, handle)
        line.closed_at, line.closed_by, line.closing_note = now, actor, note.strip()
        audit.record(session, "exception-closed", subject=("exception", line_id), actor_id=actor, kind=line.kind)


def _open_line(session: Session, line_id: int) -> ExceptionLine:
    line = session.scalar(select(ExceptionLine).where(ExceptionLine.id == line_id).with_for_update())
    if line is None:
        raise NotFound(f"no exception {line_id}")
    if line.closed_at is not None:
        raise Conflict(f"exception {line_id} is closed")
    return line
