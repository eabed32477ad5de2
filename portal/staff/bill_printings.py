"""Bills on paper: begin the printing of a run, see how far it is, take its files, and see who got none and why."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.bill_printings import freezing, queries, service
from accounts.bill_printings.freezing import Counts
from accounts.bill_printings.rules import NotMadeYet, Outcome
from accounts.billing_runs.queries import run as run_of
from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from portal.downloads import as_download
from portal.forms.billing_runs import CountForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.wiring import wiring
from portal.words.billing import not_printed_words, outcome_words

MOST = 25
_UNPROCESSABLE = 422


@staff.get("/bill-printings")
@needs(Permission.BILLS_RUN)
def bill_printings_list() -> str:
    page = max(request.args.get("page", 1, int), 1)
    with reading(wiring().sessions) as session:
        found = queries.printings(session, skip=(page - 1) * MOST, most=MOST + 1)
    return render_template(
        "staff/bill_printings/list.html", printings=found[:MOST],
        first_url=url_for("staff.bill_printings_list") if page > 1 else "",
        next_url=url_for("staff.bill_printings_list", page=page + 1) if len(found) > MOST else "",
    )  # fmt: skip


@staff.route("/billing-runs/<int:run_id>/printing", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def bill_printings_new(run_id: int) -> str | Response | tuple[str, int]:
    """What would be printed, before it is; or where that is known already, the printing."""
    parts, user, form = wiring(), staff_user(), CountForm()
    with reading(parts.sessions) as session:
        run = run_of(session, run_id)
        known = queries.printing_of(session, run_id)
    if known is not None and not form.is_submitted():
        return redirect(url_for("staff.bill_printings_show", printing_id=known), 303)
    counts, refused = _preview(run_id)
    if form.validate_on_submit():
        try:
            made = freezing.begin(
                parts.sessions, user.authority, run_id, seen=form.count, today=parts.clock.today(),
                now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The list is frozen. Its files are being made now."))
            return redirect(url_for("staff.bill_printings_show", printing_id=made), 303)
    form.seen.data = counts.printed.bills if counts else 0
    page = render_template(
        "staff/bill_printings/new.html", run=run, counts=counts, refused=refused, form=form,
        not_printed_words=not_printed_words,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.get("/bill-printings/<int:printing_id>")
@needs(Permission.BILLS_RUN)
def bill_printings_show(printing_id: int) -> str:
    """Counts that tie with the run, the files, and each bill that is not printed with its reason."""
    asked, after = request.args.get("show", ""), max(request.args.get("after", 0, int), 0)
    from_part = max(request.args.get("part", 0, int), 0)
    shown = asked if asked in set(Outcome) else Outcome.HELD.value
    with reading(wiring().sessions) as session:
        found = queries.printing(session, printing_id)
        held = queries.reasons(session, printing_id)
        files = queries.parts(session, found, after=from_part, most=MOST + 1)
        bills = queries.items(session, printing_id, shown, after=after, most=MOST + 1, **may_see(staff_user()))
        since = queries.consented_since(session, found)
    return render_template(
        "staff/bill_printings/show.html", printing=found, held=held, files=files[:MOST], bills=bills[:MOST],
        shown=shown, since=since, here=_here(printing_id, shown), outcome_words=outcome_words,
        not_printed_words=not_printed_words,
        first_url=_here(printing_id, shown) if after else "",
        next_url=_here(printing_id, shown, after=bills[MOST - 1].account_id) if len(bills) > MOST else "",
        first_files=_here(printing_id, shown) if from_part else "",
        next_files=_here(printing_id, shown, part=files[MOST - 1].number) if len(files) > MOST else "",
    )  # fmt: skip


@staff.post("/bill-printings/<int:printing_id>/files/<int:part>")
@needs(Permission.BILLS_RUN)
def bill_printings_file(printing_id: int, part: int) -> Response:
    """A part, or the list (0): the first time as it is, after that as a reprint that says so."""
    parts = wiring()
    try:
        file = service.take(parts.sessions, parts.documents(), staff_user().authority, printing_id, part)
    except NotMadeYet as refusal:
        say(sentence(refusal), "error")
        return redirect(url_for("staff.bill_printings_show", printing_id=printing_id), 303)
    kind = "text/csv; charset=utf-8" if part == service.LIST else "application/pdf"
    return as_download(file.content, kind, file.name)


def _preview(run_id: int) -> tuple[Counts | None, str]:
    """What the list would be, or why there is none."""
    try:
        return freezing.preview(wiring().sessions, run_id), ""
    except DomainError as refusal:
        return None, sentence(refusal)


def _here(printing_id: int, shown: str, *, after: int | None = None, part: int | None = None) -> str:
    return url_for("staff.bill_printings_show", printing_id=printing_id, show=shown, after=after, part=part)
