"""The exceptions queue as people work it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.customer_accounts.models import CustomerAccount
from accounts.exceptions.models import ExceptionLine


@dataclass(frozen=True)
class OpenLine:
    """A line that nobody has closed yet."""

    id: int
    kind: str
    subject: str
    evidence: dict[str, object]
    suggestion: str
    customer_account_id: int | None
    reference: str | None
    opened_at: datetime


def open_lines(session: Session, kind: str | None = None, *, limit: int = 500) -> list[OpenLine]:
    """Open lines, oldest first; of one kind, if asked."""
    query = (
        select(
            ExceptionLine.id, ExceptionLine.kind, ExceptionLine.subject, ExceptionLine.evidence,
            ExceptionLine.suggestion, ExceptionLine.customer_account_id, CustomerAccount.reference,
            ExceptionLine.opened_at,
        )
        .outerjoin(CustomerAccount, CustomerAccount.id == ExceptionLine.customer_account_id)
        .where(ExceptionLine.closed_at.is_(None))
        .order_by(ExceptionLine.id)
        .limit(limit)
    )  # fmt: skip
    if kind is not None:
        query = query.where(ExceptionLine.kind == kind)
    return [OpenLine(*row) for row in session.execute(query)]
