"""The audit as it is read: every line, what was done to an account and who has seen it, and a file of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response as FileResponse
from flask import render_template, request, stream_with_context
from werkzeug.wrappers import Response

from accounts import audit
from accounts.audit import exports, queries
from accounts.audit.queries import Entry, Sees, Wanted
from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import account_file
from accounts.customer_accounts.rules import number_key, shown
from accounts.database import one_by_one, reading, transaction
from accounts.ledger.exports import cells
from accounts.staff.queries import Colleague, everybody
from portal.forms.audit import AuditFilter, ExportForm
from portal.i18n import gettext as _
from portal.identity.staff import kept
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key, link_to
from portal.wiring import wiring
from portal.words.audit import Said, act_words, choices, said

_UNPROCESSABLE = 422
_SPREADSHEETS_READ_UTF8 = "\ufeff"
_COLUMNS = (
    "at", "actor", "name", "act", "act_in_words", "about", "about_id", "account", "reason", "before", "after", "more",
)  # fmt: skip


@dataclass(frozen=True)
class _Chosen:
    """What the address asks for. ``wanted`` is nothing where it names an account that is not there."""

    form: AuditFilter
    wanted: Wanted | None


@staff.get("/audit")
@needs(Permission.AUDIT_READ)
def audit_list() -> str | tuple[str, int]:
    parts, before = wiring(), key("before")
    chosen = _chosen()
    page = queries.Page(())
    if chosen.wanted is not None:
        with reading(parts.sessions) as session:
            page = queries.entries(session, chosen.wanted, before=before, **_eyes())
    html = render_template(
        "staff/audit/list.html",
        form=chosen.form,
        tabs=audit_tabs("all"),
        lines=_said(page.entries),
        export_url=here_as("audit_export"),
        first_url=here() if before else "",
        next_url=here(before=page.next_before) if page.next_before else "",
    )
    return html, _UNPROCESSABLE if chosen.form.errors else 200


@staff.get("/accounts/<reference>/audit")
@needs(Permission.AUDIT_READ)
def audit_account(reference: str) -> str:
    """Who has seen this account, and what was done to it and its holder."""
    parts, file = wiring(), opened_file()
    done_before, seen_before = key("before"), key("seen_before")
    eyes = _eyes()
    with reading(parts.sessions) as session:
        subjects = (("account", file.id), ("customer", file.customer_id))
        done = queries.entries_of(session, subjects, before=done_before, **eyes)
        seen = queries.who_has_seen(session, file.id, before=seen_before, **eyes)
    return render_template(
        "staff/audit/account.html",
        file=file,
        number=shown(file.reference),
        done=_said(done.entries),
        seen=_said(seen.entries),
        done_next=here(before=done.next_before) if done.next_before else "",
        seen_next=here(seen_before=seen.next_before) if seen.next_before else "",
        first_url=here(seen_before=None) if done_before or seen_before else "",
        has_page=bool(link_to("accounts_show", reference=reference)),
    )


@staff.route("/audit/export", methods=["GET", "POST"])
@needs(Permission.AUDIT_READ)
def audit_export() -> str | Response | tuple[str, int]:
    """A file of the lines that fit, as long as it may be; that it was taken, by whom and why, is a line itself."""
    parts, user, form = wiring(), staff_user(), ExportForm(kept=kept_here())
    chosen = _chosen()
    if chosen.wanted is None:
        return audit_list()
    with reading(parts.sessions) as session:
        wanted = Wanted(**{**vars(chosen.wanted), "through": queries.newest(session)})
        rows = queries.how_many(session, wanted)
    if form.validate_on_submit():
        with transaction(parts.sessions) as session:
            audit.exported(session, user.actor_id, "audit", rows, reason=form.reason.data, filters=dict(request.args))
        kept.forget(parts.sessions, user.actor_id, request.path)
        return _file(wanted)
    page = render_template("staff/audit/export.html", form=form, rows=rows, chosen=_in_words(chosen.form))
    return page, _UNPROCESSABLE if form.errors else 200


def audit_tabs(current: str) -> list[dict[str, object]]:
    """Ways to look at the audit."""
    tabs = (
        ("overview", _("Overview"), "audit_overview"),
        ("all", _("All lines"), "audit_list"),
        ("looks", _("Looks for nothing"), "audit_looks"),
        ("searches", _("Searches in vain"), "audit_searches"),
    )
    return [{"label": label, "url": link_to(name), "current": code == current} for code, label, name in tabs]


def here_as(name: str) -> str:
    """Another page with the words of this address, but from its beginning."""
    return link_to(name, **{word: value for word, value in request.args.items() if value and word != "before"})


def _chosen() -> _Chosen:
    parts, form = wiring(), AuditFilter()
    with reading(parts.sessions) as session:
        people = everybody(session)
    form.person.offer([("", _("Everybody")), *((str(one.actor_id), one.name) for one in people)])
    form.act.offer([("", _("Every act")), *choices()])
    return _Chosen(form, _wanted(form, people) if form.validate() else None)


def _wanted(form: AuditFilter, people: list[Colleague]) -> Wanted | None:
    parts = wiring()
    subjects: tuple[tuple[str, object], ...] = ()
    if form.account.data:
        with one_by_one(parts.sessions) as reader:
            file = account_file(reader, number_key(form.account.data), **may_see(staff_user()))
        if file is None:
            form.refuse(_("No account has this number."), "account", why="NotFound")
            return None
        subjects = (("account", file.id), ("customer", file.customer_id))
    known = {str(one.actor_id): one.actor_id for one in people}
    return Wanted(
        subjects=subjects,
        actor_id=known.get(form.person.data),
        acts=(form.act.data,) if form.act.data else (),
        since=_midnight(form.since.data) if form.since.data else None,
        until=_midnight(form.until.data + timedelta(days=1)) if form.until.data else None,
    )


def _eyes() -> Sees:
    user = staff_user()
    return {
        "sees_protected": user.may(Permission.PROTECTED_SEE),
        "sees_restricted": user.may(Permission.RESTRICTED_SEE),
    }


def _midnight(day: date) -> datetime:
    """The beginning of a day at city hall."""
    zone = ZoneInfo(wiring().city().city.identity.time_zone)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _said(entries: tuple[Entry, ...]) -> list[Said]:
    zone = wiring().city().city.identity.time_zone
    return [said(entry, zone) for entry in entries]


def _in_words(form: AuditFilter) -> list[str]:
    """What the address asks for, for the person who is about to take it out."""
    person = dict(form.person.choices).get(form.person.data) if form.person.data else None
    found = [person, act_words(form.act.data) if form.act.data else None, form.account.data]
    if form.since.data:
        found.append(_("from %(day)s", day=form.since.data.isoformat()))
    if form.until.data:
        found.append(_("through %(day)s", day=form.until.data.isoformat()))
    return [words for words in found if words]


def _file(wanted: Wanted) -> Response:
    parts, eyes = wiring(), _eyes()
    name = f"audit-{parts.clock.today().isoformat()}.csv"
    lines = _csv(exports.lines(parts.sessions, wanted, **eyes))
    return FileResponse(
        stream_with_context(lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv(entries: Iterator[Entry]) -> Iterator[str]:
    yield _SPREADSHEETS_READ_UTF8 + cells(_COLUMNS)
    for entry in entries:
        more = {name: value for name, value in entry.details.items() if name not in ("before", "after", "reason")}
        yield cells(
            (
                entry.at.isoformat(), entry.actor, entry.actor_name, entry.act, act_words(entry.act),
                entry.subject_kind, entry.subject_id, entry.reference, entry.reason, _json(entry.before),
                _json(entry.after), _json(more or None),
            )
        )  # fmt: skip


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
