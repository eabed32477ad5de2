"""Steps that put a line into the exceptions queue; the same (kind, subject) is one line, however often it is seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.exceptions.models import ExceptionLine

_OPEN = text("""
    INSERT INTO exception_lines (kind, subject, evidence, suggestion, customer_account_id, closing_note)
    SELECT x.kind, x.subject, x.evidence, x.suggestion, x.customer_account_id, ''
      FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS x (kind text, subject text, evidence jsonb,
           suggestion text, customer_account_id bigint)
        ON CONFLICT (kind, subject) DO NOTHING""")


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
        session.execute(_OPEN, {"lines": json.dumps([asdict(line) for line in lines])})


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
    return session.scalars(
        select(ExceptionLine.id).where(ExceptionLine.kind == kind, ExceptionLine.subject == subject)
    ).one()
