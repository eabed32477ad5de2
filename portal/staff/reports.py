"""Reports: listed, narrowed, drawn, read page by page, and taken out as a file with a line in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response as FileResponse
from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.rules import City
from accounts.cities.staffing import Permission
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound
from accounts.money import Money
from payments.reports import queries
from payments.reports.catalog import REPORTS, report_of
from payments.reports.rules import Filters, Reader, Report, checked, parameters
from portal import charts, report_files
from portal.forms.reports import ReportFilter, TakeOutForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.staff import kept
from portal.messages import sentence
from portal.permissions import needs
from portal.report_files import MEDIA_TYPES
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here
from portal.wiring import wiring
from portal.words.reports import (
    CADENCES,
    MEANINGS,
    TENDERS,
    Writer,
    cell_words,
    chart_title,
    column_name,
    narrowed_by,
    period_words,
    report_name,
)

_UNPROCESSABLE = 422
_FURTHEST_PAGE = 100_000


@dataclass(frozen=True)
class _Read:
    """What a page of a report shows."""

    rows: list[queries.Row]
    totals: queries.Totals
    bars: list[queries.Bar]


@staff.get("/reports")
@needs(Permission.REPORTS_SEE)
def reports_list() -> str:
    with reading(wiring().sessions) as session:
        saved = queries.saved_reports(session)
    return render_template(
        "staff/reports/list.html",
        reports=[
            {"url": url_for("staff.reports_show", code=code), "name": report_name(code), "meaning": MEANINGS[code]}
            for code in REPORTS
        ],
        saved=[_kept_row(one) for one in saved],
    )


@staff.get("/reports/<code>")
@needs(Permission.REPORTS_SEE)
def reports_show(code: str) -> str | tuple[str, int]:
    report, city = report_here(code), wiring().city().city
    form, reader = filter_form(report), reader_here()
    found, number = None, page_number()
    filters = filters_of(form)
    try:
        if form.validate():
            found = _read(report, checked(filters, report, reader), reader, city, number)
    except DomainError as refusal:
        form.refuse(sentence(refusal), "until", why=type(refusal).__name__)
    take = TakeOutForm(formdata=None)
    words = {name: value for name, value in filters.words().items() if name in ("since", "until", *report.filters)}
    html = render_template(
        "staff/reports/show.html",
        report=report,
        name=report_name(code),
        meaning=MEANINGS[code],
        form=form,
        take=take,
        period=period_words(filters),
        take_url=url_for("staff.reports_take_out", code=code, **words),
        keep_url=url_for("staff.kept_reports_new", code=code, **words),
        pages=_pages(found, number),
        **_shown(report, found, city),
    )
    return html, _UNPROCESSABLE if form.errors else 200


@staff.route("/reports/<code>/file", methods=["GET", "POST"])
@needs(Permission.REPORTS_SEE)
def reports_take_out(code: str) -> str | Response | tuple[str, int]:
    """All rows that fit, as a file; that it was taken, by whom and what of it, is a line of the audit."""
    report, city = report_here(code), wiring().city().city
    narrow, form = filter_form(report), TakeOutForm(kept=kept_here())
    form.needs_reason = report.is_personal
    filters = filters_of(narrow)
    try:
        if narrow.validate() and form.validate_on_submit():
            return _file(report, filters, form)
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
    html = render_template(
        "staff/reports/take_out.html",
        report=report,
        name=report_name(code),
        form=form,
        period=period_words(filters),
        narrowed=narrowed_by(filters, city, chosen_name(narrow)),
        back_url=url_for("staff.reports_show", code=code, **filters.words()),
    )
    return html, _UNPROCESSABLE if form.errors or narrow.errors else 200


def report_here(code: str) -> Report:
    """The report of an address; one that is not there is no page."""
    try:
        return report_of(code)
    except NotFound:
        abort(404)


def reader_here() -> Reader:
    """Who asks, and whether a drawer of theirs is not counted yet."""
    user = staff_user()
    with reading(wiring().sessions) as session:
        blind = queries.blind_since(session, user.actor_id)
    return Reader(**may_see(user), blind_since=blind)


def filter_form(report: Report) -> ReportFilter:
    """The filters that this report knows, filled with what the city has."""
    parts, form = wiring(), ReportFilter()
    city, language = parts.city().city, locale_code()
    everything = [("", _("All"))]
    people: list[tuple[str, str]] = []
    if "cashier" in report.filters:
        with reading(parts.sessions) as session:
            people = queries.cashiers(session)
    form.till.offer([*everything, *((till.code, f"{till.code} {till.name.in_(language)}") for till in city.tills)])
    form.cashier.offer([*everything, *people])
    form.tender.offer([*everything, *((code, cell_words(code)) for code in TENDERS)])
    form.fund.offer(
        [*everything, *((code, f"{code} {fund.name.in_(language)}") for code, fund in city.funds.items())]
    )
    lines = ((code, line.name.in_(language)) for code, line in city.revenue_lines.items())
    form.line.offer([*everything, *lines])
    return form


def chosen_name(form: ReportFilter) -> str:
    """The name of the cashier that the form says; empty for none."""
    return str(dict(form.cashier.choices).get(form.cashier.data, "")) if form.cashier.data else ""


def filters_of(form: ReportFilter) -> Filters:
    """What the address asks for; this month, where it names no days."""
    today: date = wiring().clock.today()
    until = form.until.data or today
    form.since.data = form.since.data or min(until, today).replace(day=1)
    form.until.data = until
    return Filters(
        form.since.data, until, form.till.data, form.cashier.data, form.tender.data, form.fund.data, form.line.data
    )


def page_number() -> int:
    """Which page of the table, from 1."""
    written = request.args.get("page", "")
    return min(max(int(written), 1), _FURTHEST_PAGE) if written.isascii() and written.isdigit() else 1


def _read(report: Report, filters: Filters, reader: Reader, city: City, number: int) -> _Read:
    given = parameters(filters, city, reader)
    with reading(wiring().sessions) as session:
        return _Read(
            queries.page(session, report, given, number),
            queries.totals(session, report, given),
            queries.bars(session, report, given),
        )


def _shown(report: Report, found: _Read | None, city: City) -> dict[str, Any]:
    """Table and chart as people read them; nothing where the filters were refused."""
    if found is None:
        return {"columns": [], "rows": [], "foot": [], "chart": "", "whole": 0}
    writer, sums = Writer(city), found.totals.sums
    foot = [writer.shown(column, sums.get(column.name)) for column in report.columns]
    return {
        "columns": [
            {"label": column_name(column.name), "numeric": column.kind.value in ("money", "count")}
            for column in report.columns
        ],
        "rows": [[writer.shown(column, value) for column, value in zip(report.columns, row, strict=True)]
                 for row in found.rows],
        "foot": [[_("Total"), *foot[1:]]] if found.rows else [],
        "chart": _chart(report, found, writer),
        "whole": found.totals.rows,
    }  # fmt: skip


def _chart(report: Report, found: _Read, writer: Writer) -> str:
    by, value = report.column(report.chart.by), report.column(report.chart.value)
    drawn = [
        charts.Drawn(
            writer.cell(by, bar.label) or _("None"),
            bar.value.cents if isinstance(bar.value, Money) else int(bar.value),
            writer.cell(value, bar.value),
        )
        for bar in found.bars
    ]
    summary = "; ".join(f"{one.label}: {one.said}" for one in drawn)
    return charts.bars(chart_title(report), summary, drawn, name=f"chart-{report.code}")


def _pages(found: _Read | None, number: int) -> dict[str, str]:
    if found is None or found.totals.rows <= queries.PAGE:
        return {"first": "", "next": "", "said": ""}
    last = -(-found.totals.rows // queries.PAGE)
    return {
        "first": here(page=None) if number > 1 else "",
        "next": here(page=number + 1) if number < last else "",
        "said": _("Page %(page)s of %(pages)s", page=number, pages=last),
    }


def _file(report: Report, filters: Filters, form: TakeOutForm) -> Response:
    parts, user = wiring(), staff_user()
    wanted = report_files.Wanted(
        report, filters, reader_here(), parts.city().city, form.format.data, parts.clock.now()
    )
    made = report_files.make(parts.sessions, wanted)
    with transaction(parts.sessions) as session:
        audit.exported(
            session, user.actor_id, "report", made.rows, reason=form.reason.data or "", report=report.code,
            format=form.format.data, filters=filters.within(report).words(),
        )  # fmt: skip
    kept.forget(parts.sessions, user.actor_id, request.path)
    return FileResponse(
        made.pieces(),
        content_type=MEDIA_TYPES[form.format.data],
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )


def _kept_row(one: queries.Saved) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": url_for("staff.reports_show", code=one.report, **one.filters) if one.report in REPORTS else "",
        "name": one.name,
        "report": report_name(one.report),
        "cadence": CADENCES[one.cadence],
        "people": one.recipient_names,
        "creator": one.creator,
        "mailed_until": one.mailed_until,
        "end_url": url_for("staff.kept_reports_end", saved_id=one.id),
    }
