"""What is over: acts that somebody did alone within their limit, and acts that were decided. The last thirty days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import render_template
from flask_babel import gettext as _

from accounts.approvals import queries
from accounts.approvals.queries import Decision, ProposalView
from accounts.approvals.rules import Verdict
from accounts.cities.staffing import Permission
from accounts.database import reading
from portal.i18n import short_datetime
from portal.permissions import needs
from portal.staff.approvals import Row, deed_tabs, row_of, state_of
from portal.staff.blueprint import staff, staff_user
from portal.staff.lists import here, key, link_to
from portal.wiring import wiring
from portal.words.acts import VERDICTS

DAYS = 30
ALONE = (Verdict.ALONE,)
DECIDED = (Verdict.APPROVED, Verdict.REJECTED, Verdict.STALE, Verdict.WITHDRAWN)


@dataclass(frozen=True)
class Deed:
    """A proposal that has ended, in a list."""

    row: Row
    at: str
    reason: str
    verdict: str
    state: str
    checker: str


@staff.get("/deeds")
@needs(Permission.APPROVALS_SEE)
def deeds_list() -> str:
    """Who supervises or audits sees everybody's, others their own."""
    return _page("alone", ALONE)


@staff.get("/approvals/decided")
@needs(Permission.APPROVALS_SEE)
def approvals_decided() -> str:
    """Who supervises or audits sees everybody's, others what became of their own."""
    return _page("decided", DECIDED)


def oversees() -> bool:
    """Whether this person looks over what others did."""
    user = staff_user()
    return user.may(Permission.APPROVALS_DECIDE) or user.may(Permission.AUDIT_READ)


def _page(which: str, verdicts: tuple[Verdict, ...]) -> str:
    parts, user, before = wiring(), staff_user(), key("before")
    now = parts.clock.now()
    maker = key("person") if oversees() else user.actor_id
    with reading(parts.sessions) as session:
        page = queries.ended(
            session, user.authority, verdicts, since=now - timedelta(days=DAYS), maker_id=maker, before=before
        )
    waiting = [{"label": _("Waiting"), "url": link_to("approvals_list"), "current": False}]
    return render_template(
        "staff/deeds/list.html",
        which=which,
        days=DAYS,
        is_all=oversees() and maker is None,
        whole_url=here(person=None) if oversees() and maker is not None else "",
        tabs=[*waiting, *deed_tabs(which)],
        deeds=[_deed(view, view.decision) for view in page.proposals if view.decision],
        first_url=here() if before else "",
        next_url=here(before=page.before) if page.before else "",
    )


def _deed(view: ProposalView, decision: Decision) -> Deed:
    zone = wiring().city().city.identity.time_zone
    return Deed(
        row=row_of(view, decision.decided_at),
        at=short_datetime(decision.decided_at, zone),
        reason=decision.reason or view.reason,
        verdict=str(VERDICTS[decision.verdict]),
        state=state_of(decision.verdict),
        checker=decision.checker,
    )
