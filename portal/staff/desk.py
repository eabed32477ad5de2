"""The day of a supervisor on one screen: what waits, what is late, and who did what alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, url_for

from accounts.approvals import queries as approvals
from accounts.cities.staffing import Permission
from accounts.contacts import queries as contacts
from accounts.database import reading
from accounts.exceptions import queries as exceptions
from accounts.exceptions.queries import KindCount, QueuedLine, Wanted
from payments.reports.board import Board, board
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.staff import approvals as approval_pages
from portal.staff import exceptions as exception_pages
from portal.staff import follow_ups as follow_up_pages
from portal.staff.blueprint import staff, staff_user
from portal.staff.window_board import drawer_rows, window_tally
from portal.wiring import wiring
from portal.words.values import age

_FEW = 8


@dataclass(frozen=True)
class _Day:
    """What the screen shows; what the person may not see of it is empty or nothing."""

    waiting: approvals.Counts
    inbox: tuple[approvals.ProposalView, ...]
    alone: list[approvals.AloneBy]
    kinds: list[KindCount] | None
    late: tuple[QueuedLine, ...]
    due: contacts.DueCounts | None
    calls: tuple[contacts.FollowUpEntry, ...]
    window: Board | None


@staff.get("/desk")
@needs(Permission.APPROVALS_DECIDE)
def desk_show() -> str:
    parts = wiring()
    now, today = parts.clock.now(), parts.clock.today()
    day, policy = _read(now, today), parts.city().city.desk_policy(today)
    return render_template(
        "staff/desk/show.html",
        tally=[*_waiting(day, now), *_late(day)],
        approvals=[approval_pages.row_of(view, now) for view in day.inbox],
        exceptions=[exception_pages.row_of(line, now) for line in day.late],
        follow_ups=[follow_up_pages.row_of(entry, policy, today) for entry in day.calls],
        alone=day.alone,
        window=window_tally(day.window, now) if day.window else [],
        drawers=list(drawer_rows(day.window)) if day.window else [],
        sells=day.window is not None,
        works=day.kinds is not None,
        calls=day.due is not None,
    )


def _read(now: datetime, today: date) -> _Day:
    by, city = staff_user().authority, wiring().city().city
    reviews = by.may(Permission.DRAWERS_REVIEW) and bool(city.tills)
    works, calls = by.may(Permission.EXCEPTIONS_WORK), by.may(Permission.CONTACTS_LOG)
    with reading(wiring().sessions) as session:
        return _Day(
            waiting=approvals.counts(session, by),
            inbox=approvals.inbox(session, by, most=_FEW).proposals,
            alone=approvals.done_alone(session, by, _midnight(today)),
            kinds=exceptions.counts(session, by, now) if works else None,
            late=exceptions.lines(session, by, Wanted(late_at=now), limit=_FEW).lines if works else (),
            due=contacts.counts(session, by, today) if calls else None,
            calls=contacts.due(session, by, through=today, everyone=True, limit=_FEW).follow_ups if calls else (),
            window=board(session, city, by.actor_id, today, _midnight(today)) if reviews else None,
        )


def _waiting(day: _Day, now: datetime) -> Iterator[dict[str, Any]]:
    oldest = day.waiting.oldest_at
    yield {
        "value": day.waiting.waiting,
        "label": _("waiting for a second person"),
        "url": url_for("staff.approvals_list", whose=approval_pages.ALL),
        "note": _("The oldest for %(age)s", age=age(now - oldest)) if oldest else "",
    }
    yield {
        "value": day.waiting.mine_to_decide,
        "label": _("for me to decide"),
        "url": url_for("staff.approvals_list", whose=approval_pages.FOR_ME),
    }


def _late(day: _Day) -> Iterator[dict[str, Any]]:
    if day.kinds is not None:
        late = sum(one.late for one in day.kinds)
        nobodys = sum(one.nobodys for one in day.kinds)
        yield {
            "value": late,
            "label": _("exceptions late"),
            "url": url_for("staff.exceptions_list", which=exception_pages.LATE),
            "state": "overdue" if late else "paid",
            "note": _(
                "%(open)s open, %(nobodys)s with nobody", open=sum(one.open for one in day.kinds), nobodys=nobodys
            ),
        }
    if day.due is not None:
        yield {
            "value": day.due.late,
            "label": _("follow-ups late"),
            "url": url_for("staff.follow_ups_list", whose=follow_up_pages.EVERYBODYS),
            "state": "overdue" if day.due.late else "paid",
            "note": _("%(count)s due today", count=day.due.today),
        }


def _midnight(today: date) -> datetime:
    """The beginning of the day at city hall."""
    return datetime.combine(today, time(), ZoneInfo(wiring().city().city.identity.time_zone))
