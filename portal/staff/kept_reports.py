"""A report with its filters is kept under a name, mailed by the calendar, and ended."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from accounts.staff.queries import colleagues
from payments.reports import queries, service
from payments.reports.rules import Cadence, Filters, NewSaved, Report
from portal.forms.baskets import PlainForm
from portal.forms.reports import KeepForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.reports import chosen_name, filter_form, filters_of, report_here
from portal.wiring import wiring
from portal.words.reports import CADENCES, narrowed_by, period_words, report_name

_UNPROCESSABLE = 422
_DAYS = ("since", "until")


@staff.route("/reports/<code>/keep", methods=["GET", "POST"])
@needs(Permission.REPORTS_SEE)
def kept_reports_new(code: str) -> str | Response | tuple[str, int]:
    report = report_here(code)
    narrow, form = filter_form(report), KeepForm(kept=kept_here())
    filters = filters_of(narrow)
    _offer(form)
    try:
        if narrow.validate() and form.validate_on_submit():
            return _keep(report, filters, form)
    except DomainError as refusal:
        form.refuse(sentence(refusal), "people", why=type(refusal).__name__)
    html = render_template(
        "staff/reports/keep.html",
        name=report_name(code),
        form=form,
        period=period_words(filters),
        narrowed=narrowed_by(filters.within(report), wiring().city().city, chosen_name(narrow)),
        back_url=url_for("staff.reports_show", code=code, **filters.words()),
    )
    return html, _UNPROCESSABLE if form.errors or narrow.errors else 200


@staff.route("/reports/kept/<int:saved_id>/end", methods=["GET", "POST"])
@needs(Permission.REPORTS_SEE)
def kept_reports_end(saved_id: int) -> str | Response | tuple[str, int]:
    parts, form = wiring(), PlainForm()
    with reading(parts.sessions) as session:
        saved = queries.saved_report(session, saved_id)
    try:
        if form.validate_on_submit():
            service.end(parts.sessions, saved_id, staff_user().authority, now=parts.clock.now())
            say(_("Ended: %(what)s.", what=saved.name))
            return redirect(url_for("staff.reports_list"), 303)
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
    html = render_template(
        "staff/reports/end.html",
        saved=saved,
        form=form,
        report=report_name(saved.report),
        words=CADENCES[saved.cadence],
    )
    return html, _UNPROCESSABLE if form.errors else 200


def _offer(form: KeepForm) -> None:
    parts = wiring()
    with reading(parts.sessions) as session:
        people = colleagues(session, parts.clock.today())
    form.cadence.choices = [(cadence.value, str(words)) for cadence, words in CADENCES.items()]
    form.people.choices = [(str(one.actor_id), one.name) for one in people]


def _keep(report: Report, filters: Filters, form: KeepForm) -> Response:
    parts, cadence = wiring(), Cadence(form.cadence.data)
    words = filters.within(report).words()
    if cadence is not Cadence.NEVER:
        words = {name: value for name, value in words.items() if name not in _DAYS}
    offered = {code for code, _label in form.people.choices}
    people = tuple(int(code) for code in form.people.data or [] if code in offered)
    new = NewSaved(report.code, form.name.data, words, cadence, people)
    service.save(parts.sessions, new, staff_user().authority, now=parts.clock.now())
    say(_("Kept: %(what)s.", what=new.name))
    return redirect(url_for("staff.reports_list"), 303)
