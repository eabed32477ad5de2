"""License accounts for their page: business, class, terms, what is asked for them. One statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from accounts.assessments.queries import LINES, AssessedLine, latest, lines_of
from accounts.customer_accounts.queries import HEAD, HEAD_NAMES, HEAD_OF, AccountHead, head_of
from accounts.database import Reader, query

_LICENSE = query(
    f"""
    SELECT {HEAD}, l.business_name, l.license_class, l.business_type, l.started_on, l.ceased_on,
           (SELECT json_agg(t ORDER BY t.starts_on DESC)
              FROM (SELECT id, starts_on, expires_on, state FROM license_terms
                     WHERE customer_account_id = a.id) t),
           {LINES}
      FROM {HEAD_OF}
      JOIN licenses l ON l.customer_account_id = a.id
     WHERE a.id = :account""",  # noqa: S608 - our own columns
    *HEAD_NAMES, "business_name", "license_class", "business_type", "started_on", "ceased_on", "terms", "lines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermDetails:
    """A license year and where it stands. What was declared for it is confidential and not here."""

    id: int
    starts_on: date
    expires_on: date
    state: str


@dataclass(frozen=True, slots=True)
class LicenseDetails:
    """What the page of a license shows besides its balance. ``license_class`` is a code of the city."""

    head: AccountHead
    business_name: str
    license_class: str
    business_type: str
    started_on: date | None
    ceased_on: date | None
    terms: tuple[TermDetails, ...]
    """Newest first."""
    lines: tuple[AssessedLine, ...]

    @property
    def term(self) -> TermDetails | None:
        """The newest term."""
        return self.terms[0] if self.terms else None

    @property
    def expires_on(self) -> date | None:
        """Until when the license holds: the end of its newest active term."""
        return next((term.expires_on for term in self.terms if term.state == "active"), None)


def license_details(session: Reader, account_id: int) -> LicenseDetails | None:
    """Details of an account; nothing, if it is none of licenses. One statement."""
    row = session.execute(_LICENSE, {"account": account_id}).one_or_none()
    return _details(row) if row else None


def bill_lines(session: Session, account_id: int, limit: int = 50) -> Sequence[AssessedLine]:
    """The newest lines of an account, with their working. One statement."""
    return latest(session, account_id, limit)


def _details(row: Sequence[Any]) -> LicenseDetails:
    *license_, terms, lines = row[len(HEAD_NAMES) :]
    return LicenseDetails(*(head_of(row), *license_, tuple(_term(term) for term in terms or []), lines_of(lines)))


def _term(row: Mapping[str, Any]) -> TermDetails:
    return TermDetails(
        row["id"], date.fromisoformat(row["starts_on"]), date.fromisoformat(row["expires_on"]), row["state"]
    )
