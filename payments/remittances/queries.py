"""Batches that were made, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.remittances.models import Remittance, RemittanceLine
from payments.remittances.rules import RemittedLine


@dataclass(frozen=True)
class SentBatch:
    """A numbered batch for one source system."""

    id: int
    source_system: str
    number: int
    made_at: datetime
    line_count: int
    total: Money
    sha256: str
    acknowledged_at: datetime | None
    acknowledgement: str


_BATCH = (
    Remittance.id, Remittance.source_system, Remittance.number, Remittance.made_at, Remittance.line_count,
    Remittance.total_cents, Remittance.sha256, Remittance.acknowledged_at, Remittance.acknowledgement,
)  # fmt: skip


def batches(session: Session, source_system: str | None = None) -> list[SentBatch]:
    """All batches, the newest first; of one source system, if asked."""
    query = select(*_BATCH).order_by(Remittance.id.desc())
    if source_system is not None:
        query = query.where(Remittance.source_system == source_system)
    return [SentBatch(*row) for row in session.execute(query)]


def batch(session: Session, source_system: str, number: int) -> SentBatch:
    """One batch; raises :class:`~accounts.errors.NotFound`."""
    query = select(*_BATCH).where(Remittance.source_system == source_system, Remittance.number == number)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"no batch {number} for {source_system}")
    return SentBatch(*row)


def lines(session: Session, remittance_id: int) -> list[RemittedLine]:
    """The lines of a batch, in order."""
    line = RemittanceLine
    rows = session.execute(
        select(
            line.line_no, line.allocation_id, line.source_account, line.source_charge, line.amount_cents,
            line.paid_on, line.receipt,
        )
        .where(line.remittance_id == remittance_id)
        .order_by(line.line_no)
    )  # fmt: skip
    return [RemittedLine(*row) for row in rows]
