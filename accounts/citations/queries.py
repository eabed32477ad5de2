"""Citations for their page: what was cited, when and where, and what is open. One statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.assessments.queries import LINES, AssessedLine, latest, lines_of
from accounts.customer_accounts.queries import HEAD, HEAD_NAMES, HEAD_OF, AccountHead, head_of
from accounts.database import Reader, query

_CITATION = query(
    f"""
    SELECT {HEAD}, t.issued_at, t.violation_code, t.violation, t.location, t.make, t.agency, {LINES}
      FROM {HEAD_OF}
      JOIN citations t ON t.customer_account_id = a.id
     WHERE a.id = :account""",  # noqa: S608 - our own columns
    *HEAD_NAMES, "issued_at", "violation_code", "violation", "location", "make", "agency", "lines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CitationDetails:
    """What the page of a citation shows besides its balance. The plate is a proof and is not here."""

    head: AccountHead
    issued_at: datetime
    violation_code: str
    violation: str
    location: str
    make: str
    agency: str
    lines: tuple[AssessedLine, ...]


def citation_details(session: Reader, account_id: int) -> CitationDetails | None:
    """Details of an account; nothing, if it is none of citations. One statement."""
    row = session.execute(_CITATION, {"account": account_id}).one_or_none()
    return CitationDetails(*(head_of(row), *row[len(HEAD_NAMES) : -1], lines_of(row[-1]))) if row else None


def bill_lines(session: Session, account_id: int, limit: int = 50) -> Sequence[AssessedLine]:
    """The newest lines of an account, with their working. One statement."""
    return latest(session, account_id, limit)
