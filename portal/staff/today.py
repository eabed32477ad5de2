"""The first page after signing in: what waits for this person."""

from __future__ import annotations

from flask import render_template, url_for

from accounts.approvals import queries as approvals
from accounts.approvals.queries import Counts, ProposalView
from accounts.cities.staffing import Permission
from accounts.contacts import queries as contacts
from accounts.contacts.queries import FollowUpEntry
from accounts.database import reading
from accounts.exceptions import queries as exceptions
from accounts.exceptions.queries import QueuedLine
from accounts.exceptions.queries import Wanted as WantedLines
from portal.account_files.recent import Opened, opened_last
from portal.i18n import gettext as _
from portal.permissions import any_staff
from portal.staff.acts_menu import exists
from portal.staff.blueprint import may_see, staff, staff_user
from portal.wiring import wiring

MOST = 8


@staff.get("/")
@any_staff
def today_show() -> str:
    """Each part for those whose roles have it; what has a page of its own leads there."""
    parts, user = wiring(), staff_user()
    by, today, now = user.authority, parts.clock.today(), parts.clock.now()
    counts: Counts | None = None
    mine: tuple[ProposalView, ...] = ()
    follow_ups: tuple[FollowUpEntry, ...] = ()
    late: tuple[QueuedLine, ...] = ()
    opened: list[Opened] = []
    with reading(parts.sessions) as session:
        if user.may(Permission.APPROVALS_SEE):
            counts = approvals.counts(session, by)
            mine = approvals.inbox(session, by, only_made=True, most=MOST).proposals
        if user.may(Permission.CONTACTS_LOG):
            follow_ups = contacts.due(session, by, through=today, divisions=_divisions(), limit=MOST).follow_ups
        if user.may(Permission.EXCEPTIONS_WORK):
            late = exceptions.lines(session, by, WantedLines(late_at=now), limit=MOST).lines
        if user.may(Permission.ACCOUNTS_SEE):
            opened = opened_last(session, user.actor_id, **may_see(user))
    return render_template(
        "staff/today/show.html",
        user=user,
        today=today,
        now=now,
        counts=counts,
        mine=mine,
        follow_ups=follow_ups,
        late=late,
        opened=opened,
        links=_links(),
        pages={name: exists(name) for name in ("approvals_show", "exceptions_show", "follow_ups_show")},
        sees_accounts=user.may(Permission.ACCOUNTS_SEE),
    )


def _divisions() -> list[str]:
    """What was handed to the seniors is theirs who decide."""
    if not staff_user().may(Permission.APPROVALS_DECIDE):
        return []
    parts = wiring()
    return [one.code for one in parts.city().city.desk_policy(parts.clock.today()).seniors()]


def _links() -> dict[str, tuple[str, str]]:
    """Where the whole of each list is: (words, address), by name, for lists that have a page."""
    labels = {
        "approvals_list": _("All that waits for a decision"),
        "follow_ups_list": _("All follow-ups"),
        "exceptions_list": _("All exceptions"),
    }
    return {name: (words, url_for(f"staff.{name}")) for name, words in labels.items() if exists(name)}
