"""Keep a report with its filters, end one, and note that the link of a period was mailed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor, ActorKind
from accounts.cities.staffing import Permission
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.staff.rules import Authority, NotAllowed
from payments.reports.catalog import report_of
from payments.reports.models import ReportMailing, SavedReport
from payments.reports.rules import NewSaved, must_be_mailable


def save(sessions: Sessions, new: NewSaved, by: Authority, *, now: datetime) -> int:
    """Use case: keep a report; its id.

    Raises ``NotAllowed``, ``NotFound`` for a report or a recipient that is not there, ``NobodyToMail``.
    """
    _must_see_reports(by)
    report_of(new.report)
    must_be_mailable(new)
    with transaction(sessions) as session:
        _must_work_here(session, new.recipients)
        kept = SavedReport(
            report=new.report, name=new.name, filters=dict(new.filters), cadence=new.cadence.value,
            recipients=sorted(set(new.recipients)), created_by=by.actor_id, created_at=now,
        )  # fmt: skip
        session.add(kept)
        session.flush()
        audit.record(
            session, "report-kept", subject=("report", kept.id), actor_id=by.actor_id, report=new.report,
            name=new.name, filters=dict(new.filters), cadence=new.cadence.value, people=list(kept.recipients),
        )  # fmt: skip
        return kept.id


def end(sessions: Sessions, saved_id: int, by: Authority, *, now: datetime) -> None:
    """Use case: nobody is mailed it any more, and it leaves the list. Ended twice is ended once.

    Raises ``NotFound``, and ``NotAllowed`` for a report that somebody else keeps, unless one reviews drawers.
    """
    _must_see_reports(by)
    with transaction(sessions) as session:
        kept = session.get(SavedReport, saved_id, with_for_update=True)
        if kept is None:
            raise NotFound(f"no kept report {saved_id}", what=str(saved_id))
        if kept.created_by != by.actor_id and not by.may(Permission.DRAWERS_REVIEW):
            raise NotAllowed("somebody else keeps this report")
        if kept.ended_at is None:
            kept.ended_at, kept.ended_by = now, by.actor_id
            audit.record(
                session, "report-ended", subject=("report", kept.id), actor_id=by.actor_id, report=kept.report,
                name=kept.name,
            )  # fmt: skip


def note_mailing(session: Session, saved_id: int, until: date, actor_id: int, now: datetime) -> bool:
    """Step: the link of a period goes to this person; whether it had not gone before."""
    values = {"saved_report_id": saved_id, "period_until": until, "actor_id": actor_id, "mailed_at": now}
    made = session.execute(
        insert(ReportMailing).values(**values).on_conflict_do_nothing().returning(ReportMailing.actor_id)
    )
    return made.first() is not None


def _must_see_reports(by: Authority) -> None:
    if not by.may(Permission.REPORTS_SEE):
        raise NotAllowed("this person sees no reports", permission=Permission.REPORTS_SEE.value)


def _must_work_here(session: Session, actors: tuple[int, ...]) -> None:
    found = set(session.scalars(select(Actor.id).where(Actor.id.in_(actors), Actor.kind == ActorKind.STAFF)))
    if missing := set(actors) - found:
        raise NotFound(f"nobody here is {min(missing)}", what=str(min(missing)))
