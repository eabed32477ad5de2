"""The exceptions queue as people work it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from accounts.actors.models import Actor
from accounts.customer_accounts.models import CustomerAccount
from accounts.errors import NotFound
from accounts.exceptions.models import ExceptionLine
from accounts.exceptions.rules import respond_by


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
    opened_at: datetime
    owner: str
    closed_at: datetime | None
    closed_by: str
    closing_note: str

    @property
    def respond_by(self) -> datetime:
        """The end of its clock."""
        return respond_by(self.kind, self.opened_at)


def open_lines(session: Session, kind: str | None = None, *, limit: int = 500) -> list[QueuedLine]:
    """Open lines, oldest first; of one kind, if asked."""
    query = _lines().where(ExceptionLine.closed_at.is_(None)).order_by(ExceptionLine.id).limit(limit)
    if kind is not None:
        query = query.where(ExceptionLine.kind == kind)
    return [QueuedLine(*row) for row in session.execute(query)]


def line(session: Session, line_id: int) -> QueuedLine:
    """One line, open or closed; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_lines().where(ExceptionLine.id == line_id)).one_or_none()
    if row is None:
        raise NotFound(f"no exception {line_id}")
    return QueuedLine(*row)


def _lines() -> Any:
    owner, closer = aliased(Actor), aliased(Actor)
    return (
        select(
            ExceptionLine.id, ExceptionLine.kind, ExceptionLine.subject, ExceptionLine.evidence,
            ExceptionLine.suggestion, ExceptionLine.customer_account_id, CustomerAccount.reference,
            ExceptionLine.opened_at, func.coalesce(owner.handle, ""), ExceptionLine.closed_at,
            func.coalesce(closer.handle, ""), ExceptionLine.closing_note,
        )
        .outerjoin(CustomerAccount, CustomerAccount.id == ExceptionLine.customer_account_id)
        .outerjoin(owner, owner.id == ExceptionLine.owner_id)
        .outerjoin(closer, closer.id == ExceptionLine.closed_by)
    )  # fmt: skip
