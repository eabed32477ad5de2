"""Citations for their page: what was cited, when and where, and what is open. Two statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.assessments.queries import AssessedLine, latest, lines_by_account
from accounts.citations.models import Citation


@dataclass(frozen=True, slots=True)
class CitationDetails:
    """What the page of a citation shows besides its balance. The plate is a proof and is not here."""

    customer_account_id: int
    issued_at: datetime
    violation_code: str
    violation: str
    location: str
    make: str
    agency: str
    lines: tuple[AssessedLine, ...]


def citation_details(session: Session, account_ids: Collection[int]) -> dict[int, CitationDetails]:
    """Details by account, in two statements."""
    rows = session.scalars(select(Citation).where(Citation.customer_account_id.in_(account_ids))).all()
    charges = lines_by_account(session, account_ids)
    return {
        row.customer_account_id: CitationDetails(
            customer_account_id=row.customer_account_id,
            issued_at=row.issued_at,
            violation_code=row.violation_code,
            violation=row.violation,
            location=row.location,
            make=row.make,
            agency=row.agency,
            lines=charges.get(row.customer_account_id, ()),
        )
        for row in rows
    }


def bill_lines(session: Session, account_id: int, limit: int = 50) -> Sequence[AssessedLine]:
    """The newest lines of an account, with their working. One statement."""
    return latest(session, account_id, limit)
