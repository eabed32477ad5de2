"""Prove the books (rule 9 of the house): every check is a statement over whole tables that returns only violators.

Each statement sees one snapshot, so that a check is exact even while payments come in. Violations are sentences
in the language of the house; the command ``ventanilla verify`` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.verification import (
    banked,
    books,
    closings,
    decided,
    guards,
    journal_exports,
    owed,
    paid,
    paid_out,
    promised,
    receipts,
    recomputed,
    returned,
    seals,
    searches,
    unknown,
)
from portal.verification.questions import ROLES, Question

MOST = 100
"""Violators named per check; a check with more has gone so wrong that names do not help."""

QUESTIONS: tuple[Question, ...] = (
    *books.QUESTIONS,
    *owed.QUESTIONS,
    *paid.QUESTIONS,
    *returned.QUESTIONS,
    *paid_out.QUESTIONS,
    *banked.QUESTIONS,
    *unknown.QUESTIONS,
    *receipts.QUESTIONS,
    *promised.QUESTIONS,
    *decided.QUESTIONS,
    *searches.QUESTIONS,
    *journal_exports.QUESTIONS,
    *closings.QUESTIONS,
    *guards.QUESTIONS,
)


@dataclass(frozen=True)
class Check:
    """One thing proved: its name, what was counted, and what contradicts it (empty: proved)."""

    name: str
    figure: str
    violations: list[str]


def verify(session: Session, *, head: str = "", recompute: bool = False) -> list[Check]:
    """All checks, in reading order. Only reads; run it as the application's role, whose rights it also checks.

    ``head``: the head of the chain of seals as it was noted earlier, which must still be a part of it. ``recompute``:
    work out again all lines that we assessed, not only the newest.
    """
    checks = [_asked(session, question) for question in QUESTIONS]
    checks.append(Check(recomputed.NAME, *recomputed.violations(session, everything=recompute, most=MOST)))
    checks.append(Check(closings.NAME, closings.figure(session), closings.violations(session, MOST)))
    return [*checks, Check(seals.NAME, seals.figure(session), seals.violations(session, head)[:MOST])]


def _asked(session: Session, question: Question) -> Check:
    parameters = dict(question.parameters)
    counted = f"WITH {ROLES} SELECT f FROM ({question.figure}) AS counted (f)"  # noqa: S608 - our own
    found = f"WITH {ROLES} SELECT v FROM ({question.violators}) AS found (v) ORDER BY v LIMIT {MOST}"  # noqa: S608
    figure = session.execute(text(counted), parameters).scalar_one()
    return Check(question.name, str(figure), list(session.scalars(text(found), parameters)))
