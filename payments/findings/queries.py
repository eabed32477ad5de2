"""Findings as those read them whom they are not about; and declared interests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money

PAGE = 50
_COLUMNS = """f.id, f.rule, f.severity, f.subjects, f.customer_account_id, f.payment_id, f.drawer_id, f.amount_cents,
       f.happened_on, f.facts, f.authority, f.found_at, coalesce(a.reference, ''), coalesce(c.name, ''),
       coalesce((SELECT string_agg(s.display_name, ', ' ORDER BY s.display_name)
                   FROM actors s WHERE s.id = ANY (f.subjects)), '') AS people,
       coalesce(r.series || '-' || r.year || '-' || lpad(r.number::text, 6, '0'), '') AS receipt,
       coalesce((SELECT o.verdict FROM finding_outcomes o WHERE o.finding_id = f.id ORDER BY o.number DESC LIMIT 1),
                '') AS verdict"""
_FROM = """findings f LEFT JOIN customer_accounts a ON a.id = f.customer_account_id
  LEFT JOIN customers c ON c.id = a.customer_id LEFT JOIN receipts r ON r.payment_id = f.payment_id"""
_SEEN = """:me <> ALL (f.subjects) AND NOT coalesce((a.is_protected AND NOT :protected)
                                                  OR (a.is_restricted AND NOT :restricted), false)"""
_IS_OPEN = """NOT EXISTS (SELECT FROM finding_outcomes o WHERE o.finding_id = f.id AND o.verdict = 'explained')"""
_WEIGHT = "CASE f.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END"
_LIST = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
     WHERE {_SEEN} AND (({_IS_OPEN}) = :open) AND (:rule = '' OR f.rule = :rule)
     ORDER BY {_WEIGHT}, f.found_at, f.id LIMIT :most OFFSET :skipped""")  # noqa: S608 - our own parts
_COUNTS = text(f"""
    SELECT f.rule, count(*) FILTER (WHERE {_IS_OPEN}), count(*) FILTER (WHERE {_IS_OPEN} AND f.severity = 'high'),
           min(f.found_at) FILTER (WHERE {_IS_OPEN})
      FROM {_FROM} WHERE {_SEEN} GROUP BY f.rule ORDER BY f.rule""")  # noqa: S608
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE f.id = :id AND {_SEEN}")  # noqa: S608
_OUTCOMES = text("""
    SELECT o.number, o.verdict, o.reason, o.referred_to, a.display_name, o.decided_at
      FROM finding_outcomes o JOIN actors a ON a.id = o.decided_by WHERE o.finding_id = :id ORDER BY o.number""")
_INTERESTS = text("""
    SELECT i.id, i.actor_id, c.name, i.relation, i.note, b.display_name, i.declared_at, i.ended_at,
           coalesce((SELECT string_agg(x.reference, ' ' ORDER BY x.reference) FROM customer_accounts x
                      WHERE x.customer_id = c.id AND NOT ((x.is_protected AND NOT :protected)
                                                          OR (x.is_restricted AND NOT :restricted))), '')
      FROM declared_interests i JOIN customers c ON c.id = i.customer_id JOIN actors b ON b.id = i.declared_by
     WHERE i.actor_id = :actor ORDER BY i.ended_at NULLS FIRST, i.id""")


@dataclass(frozen=True)
class Eyes:
    """Who reads: nobody reads of themselves, and of a hidden account only who may see it."""

    actor_id: int
    sees_protected: bool = False
    sees_restricted: bool = False

    def values(self) -> dict[str, object]:
        return {"me": self.actor_id, "protected": self.sees_protected, "restricted": self.sees_restricted}


@dataclass(frozen=True)
class FindingView:
    """A finding with the names of what it points at. ``verdict`` is the last one, empty where there is none."""

    id: int
    rule: str
    severity: str
    subjects: tuple[int, ...]
    customer_account_id: int | None
    payment_id: int | None
    drawer_id: int | None
    amount: Money | None
    happened_on: date
    facts: Mapping[str, Any]
    authority: str
    found_at: datetime
    reference: str
    holder: str
    people: str
    receipt: str
    verdict: str

    @property
    def is_open(self) -> bool:
        return self.verdict != "explained"


@dataclass(frozen=True)
class RuleCount:
    """How many findings of a rule are open, and how many of them are of the highest severity."""

    rule: str
    open: int
    high: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What was decided of a finding, by whom and why."""

    number: int
    verdict: str
    reason: str
    referred_to: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Interest:
    """A customer whom somebody declared to be near to them; ``accounts`` are those that the reader may see."""

    id: int
    actor_id: int
    customer: str
    relation: str
    note: str
    declared_by: str
    declared_at: datetime
    ended_at: datetime | None
    accounts: str


def findings(
    session: Session, eyes: Eyes, *, rule: str = "", is_open: bool = True, page: int = 1
) -> list[FindingView]:
    """The gravest first, then the oldest; one more than a page where there is another. One statement."""
    values = {**eyes.values(), "rule": rule, "open": is_open, "most": PAGE + 1, "skipped": (page - 1) * PAGE}
    return [_view(row) for row in session.execute(_LIST, values)]


def counts(session: Session, eyes: Eyes) -> list[RuleCount]:
    """By rule. One statement."""
    return [RuleCount(*row) for row in session.execute(_COUNTS, eyes.values())]


def finding(session: Session, finding_id: int, eyes: Eyes) -> FindingView:
    """One finding; raises :class:`~accounts.errors.NotFound` also for one that is not for this reader."""
    row = session.execute(_ONE, {**eyes.values(), "id": finding_id}).one_or_none()
    if row is None:
        raise NotFound(f"no finding {finding_id}", what=str(finding_id))
    return _view(row)


def outcomes(session: Session, finding_id: int) -> list[Outcome]:
    """What was decided of it, first to last."""
    return [Outcome(*row) for row in session.execute(_OUTCOMES, {"id": finding_id})]


def interests(session: Session, actor_id: int, eyes: Eyes) -> list[Interest]:
    """What a person has declared, what stands first."""
    return [Interest(*row) for row in session.execute(_INTERESTS, {**eyes.values(), "actor": actor_id})]


def _view(row: Any) -> FindingView:
    values = list(row)
    values[3] = tuple(values[3])
    values[7] = None if values[7] is None else Money(int(values[7]))
    return FindingView(*values)
