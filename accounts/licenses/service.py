"""Assess license terms: tax, State fee, late penalties; take declarations; make paid terms active."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.assessments import service as assessments
from accounts.assessments.rules import charge_of
from accounts.assessments.service import Assessed, Progress, batches, lock_accounts, raise_assessed
from accounts.charges.rules import NewCharge
from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.licenses.rules import DueTerm, renewal_opens, term_dates, term_lines
from accounts.money import ZERO, Money, total
from accounts.pricing.facts import FactMissing

_DUE = text("""
    SELECT t.id, t.customer_account_id, l.license_class, t.starts_on, t.expires_on,
           EXISTS (SELECT FROM license_terms b
                    WHERE b.customer_account_id = t.customer_account_id AND b.starts_on < t.starts_on)
           OR coalesce(l.started_on < t.starts_on, false), d.gross_receipts_cents, d.version
      FROM license_terms t
      JOIN licenses l ON l.customer_account_id = t.customer_account_id
      JOIN customer_accounts a ON a.id = l.customer_account_id
      LEFT JOIN LATERAL (SELECT gross_receipts_cents, version FROM license_declarations
                          WHERE term_id = t.id ORDER BY version DESC LIMIT 1) d ON true
     WHERE t.state = 'due' AND a.system_of_record = 'ventanilla' AND a.status = 'open' AND l.ceased_on IS NULL
       AND (CAST(:terms AS bigint[]) IS NULL OR t.id = ANY (:terms))
       AND NOT EXISTS (SELECT FROM charges c WHERE c.source_system = 'ventanilla'
                          AND c.source_key = 'license-term/' || t.id || '/1')
     ORDER BY t.customer_account_id, t.id""")
_DECLARE = text("""
    INSERT INTO license_declarations (term_id, version, gross_receipts_cents, employees)
    SELECT x.term, 1 + coalesce((SELECT max(version) FROM license_declarations d WHERE d.term_id = x.term), 0),
           x.cents, x.employees
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (term bigint, cents bigint, employees bigint)""")
_ACTIVATE = text("""
    UPDATE license_terms t SET state = 'active'
     WHERE state = 'due'
       AND EXISTS (SELECT FROM charges c WHERE c.source_system = 'ventanilla'
                      AND c.source_key = 'license-term/' || t.id || '/1')
       AND NOT EXISTS (SELECT FROM charges c
                        WHERE c.customer_account_id = t.customer_account_id AND c.open_cents > 0)
    RETURNING t.id""")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a business declares for a term. Confidential."""

    term_id: int
    gross_receipts: Money | None
    employees: int | None = None


@dataclass(frozen=True)
class Renewals:
    """What an assessment did. ``undeclared`` terms wait for a declaration."""

    terms: int = 0
    amount: Money = ZERO
    undeclared: int = 0
    penalties: Assessed = field(default_factory=Assessed)

    @property
    def everything(self) -> Money:
        return self.amount + self.penalties.amount


def declare(session: Session, declared: Sequence[Declared]) -> None:
    """Step: keep declarations, each as the next version of its term's."""
    rows = [
        {"term": d.term_id, "cents": d.gross_receipts.cents if d.gross_receipts else None, "employees": d.employees}
        for d in declared
    ]
    if rows:
        session.execute(_DECLARE, {"rows": json.dumps(rows)})


def assess_renewals(
    sessions: Sessions, ruling: RulingCity, on: date, actor_id: int, *, progress: Progress | None = None
) -> Renewals:
    """Use case: raise tax and State fee of terms that are ``due`` and whose renewal is open on a day, then the
    penalties of those that are late. A term is assessed once, and each stage of a penalty once.
    """
    policy = ruling.city.license_policy(on)
    with reading(sessions) as session:
        due = [term for term in _due(session) if renewal_opens(policy, term) <= on]
    done, terms, amount, undeclared = 0, 0, ZERO, 0
    for batch in batches(due):
        with transaction(sessions) as session:
            charges, assessed = _assess(session, ruling, batch, on, actor_id)
        done, terms = done + len(batch), terms + assessed
        amount, undeclared = amount + total(c.amount for c in charges), undeclared + len(batch) - assessed
        if progress:
            progress(done, len(due))
    penalties = assessments.assess_penalties(sessions, ruling, "license", on, actor_id)
    return Renewals(terms, amount, undeclared, penalties)


def activate_paid_terms(sessions: Sessions) -> int:
    """Use case: terms that were assessed and whose account owes nothing become active; how many did."""
    with transaction(sessions) as session:
        return len(session.execute(_ACTIVATE).all())


def _due(session: Session, terms: Sequence[int] | None = None) -> list[DueTerm]:
    rows = session.execute(_DUE, {"terms": None if terms is None else list(terms)})
    return [DueTerm(*(*term, None if cents is None else Money(cents), version)) for *term, cents, version in rows]


def _assess(
    session: Session, ruling: RulingCity, batch: Sequence[DueTerm], on: date, actor_id: int
) -> tuple[list[NewCharge], int]:
    lock_accounts(session, [term.customer_account_id for term in batch], on)
    charges: list[NewCharge] = []
    assessed = 0
    # Read again under lock: another run may have assessed some of them meanwhile.
    for term in _due(session, [term.id for term in batch]):
        try:
            charges += _charges(ruling, term, on)
            assessed += 1
        except FactMissing:
            continue
    if charges:
        source = Source("license-terms", charges[0].source_key or "", "raise")
        raise_assessed(
            session, ruling.city, charges, source=source, kind="license-terms", effective_on=on, actor_id=actor_id
        )
    return charges, assessed


def _charges(ruling: RulingCity, term: DueTerm, on: date) -> list[NewCharge]:
    dates = term_dates(ruling.city.license_policy(term.starts_on), term, on)
    return [
        charge_of(
            ruling.city,
            ruling.release_id,
            term.customer_account_id,
            line,
            dates,
            source_key=f"license-term/{term.id}/{number}",
        )
        for number, line in enumerate(term_lines(ruling.city, term), start=1)
    ]
