"""Packets of closed days: what each says it held is what the books say it held."""

from __future__ import annotations

from itertools import islice

from sqlalchemy import text
from sqlalchemy.orm import Session

from payments.closings.queries import packet_problems
from portal.verification.questions import Question

NAME = "each packet = what its day held"
_FIGURE = text("SELECT format('%s packets', count(*)) FROM closing_packets")
AUDITED = Question(
    "each packet is the one that the audit knows",
    "SELECT format('%s packets', count(*)) FROM closing_packets",
    """SELECT format('%s: %s', coalesce(p.day, CAST(e.subject_id AS date)),
                     CASE WHEN p.day IS NULL THEN 'its packet is gone; the audit knows it'
                          WHEN e.id IS NULL THEN 'it has a packet that the audit does not know'
                          ELSE 'its packet is another than the audit''s' END)
         FROM closing_packets p
         FULL JOIN (SELECT * FROM audit_entries WHERE act = 'day-closed' AND subject_kind = 'business_day') e
              ON e.subject_id = p.day::text
        WHERE e.details ->> 'packet' IS DISTINCT FROM p.sha256""",
)
QUESTIONS = (AUDITED,)


def figure(session: Session) -> str:
    """How many there are."""
    return str(session.execute(_FIGURE).scalar_one())


def violations(session: Session, most: int) -> list[str]:
    """The first ``most`` differences."""
    return list(islice(packet_problems(session), most))
