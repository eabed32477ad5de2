"""What an auditor begins with: looks and searches that led to nothing, acts done alone, and roles that are new."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template

from accounts.approvals.queries import done_alone
from accounts.audit import oversight
from accounts.audit.oversight import Period
from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from accounts.database import reading
from accounts.staff.queries import new_roles
from portal.i18n import locale_code
from portal.permissions import needs
from portal.staff.audit import audit_tabs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.lists import here, key
from portal.wiring import wiring
from portal.words.names import plain

LOOKS_DAYS, DAYS = 7, 30
_FEW = 10


@staff.get("/audit/overview")
@needs(Permission.AUDIT_READ)
def audit_overview() -> str:
    parts, user = wiring(), staff_user()
    since = parts.clock.now() - timedelta(days=DAYS)
    with reading(parts.sessions) as session:
        lookers = oversight.lookers(session, _this_week(), limit=_FEW)
        searches = oversight.empty_searches(session, since, limit=_FEW)
        alone = done_alone(session, user.authority, since)
        roles = new_roles(session, since, limit=_FEW)
    names = {role.code: role.name.in_(locale_code()) for role in _roles()}
    return render_template(
        "staff/audit/overview.html",
        tabs=audit_tabs("overview"),
        looks_days=LOOKS_DAYS,
        days=DAYS,
        lookers=lookers,
        searches=searches.searches,
        alone=alone,
        roles=[(role, names.get(role.role) or plain(role.role)) for role in roles],
    )


@staff.get("/audit/looks")
@needs(Permission.AUDIT_READ)
def audit_looks() -> str:
    parts, before, person = wiring(), key("before"), key("person")
    with reading(parts.sessions) as session:
        page = oversight.idle_looks(session, _this_week(), actor_id=person, before=before, **may_see(staff_user()))
    return render_template(
        "staff/audit/looks.html",
        tabs=audit_tabs("looks"),
        days=LOOKS_DAYS,
        looks=[(look, shown(look.reference) if look.reference else "") for look in page.looks],
        whole_url=here(person=None) if person is not None else "",
        first_url=here() if before else "",
        next_url=here(before=page.next_before) if page.next_before else "",
    )


@staff.get("/audit/searches")
@needs(Permission.AUDIT_READ)
def audit_searches() -> str:
    parts, before = wiring(), key("before")
    with reading(parts.sessions) as session:
        page = oversight.empty_searches(session, parts.clock.now() - timedelta(days=DAYS), before=before)
    return render_template(
        "staff/audit/searches.html",
        tabs=audit_tabs("searches"),
        days=DAYS,
        searches=page.searches,
        first_url=here() if before else "",
        next_url=here(before=page.next_before) if page.next_before else "",
    )


def _this_week() -> Period:
    parts = wiring()
    now = parts.clock.now()
    return Period(now - timedelta(days=LOOKS_DAYS), now + timedelta(minutes=1), parts.city().city.identity.time_zone)


def _roles() -> tuple:  # type: ignore[type-arg]
    parts = wiring()
    return parts.city().city.staff_policy(parts.clock.today()).roles
