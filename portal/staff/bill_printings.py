"""Bills on paper: count the bills of a run, freeze its list, take its files, and see who got none and why."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.bill_printings import freezing, lost, queries, service
from accounts.bill_printings.queries import PrintingView
from accounts.bill_printings.rules import AlreadyBegun, FileLost, NotMadeYet, Outcome, State
from accounts.billing_runs.queries import run as run_of
from accounts.billing_runs.rules import State as RunState
from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError, NotFound
from portal.downloads import as_download
from portal.forms.billing_runs import CountForm
from portal.forms.staff import StaffForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.wiring import wiring
from portal.words.billing import again_words, not_printed_words, outcome_words, printing_words

MOST = 25
_BAD_REQUEST, _UNPROCESSABLE = 400, 422


@staff.get("/bill-printings")
@needs(Permission.BILLS_RUN)
def bill_printings_list() -> str:
    page = max(request.args.get("page", 1, int), 1)
    with reading(wiring().sessions) as session:
        found = queries.printings(session, skip=(page - 1) * MOST, most=MOST + 1)
    return render_template(
        "staff/bill_printings/list.html", printings=found[:MOST], printing_words=printing_words,
        first_url=url_for("staff.bill_printings_list") if page > 1 else "",
        next_url=url_for("staff.bill_printings_list", page=page + 1) if len(found) > MOST else "",
    )  # fmt: skip


@staff.route("/billing-runs/<int:run_id>/printing", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def bill_printings_new(run_id: int) -> str | Response | tuple[str, int]:
    """What is going to be done; or where somebody has begun, the printing."""
    parts, user, form = wiring(), staff_user(), StaffForm()
    with reading(parts.sessions) as session:
        run = run_of(session, run_id)
        known = queries.printing_of(session, run_id)
    if known is not None:
        return redirect(url_for("staff.bill_printings_show", printing_id=known), 303)
    if form.validate_on_submit():
        try:
            made = freezing.begin(parts.sessions, user.authority, run_id, now=parts.clock.now())
        except AlreadyBegun as begun:
            return redirect(url_for("staff.bill_printings_show", printing_id=begun.facts["printing"]), 303)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The bills are being counted now."))
            return redirect(url_for("staff.bill_printings_show", printing_id=made), 303)
    page = render_template(
        "staff/bill_printings/new.html", run=run, is_posted=run.state == RunState.POSTED, form=form
    )
    return page, _UNPROCESSABLE if form.errors else 200


@staff.post("/bill-printings/<int:printing_id>/state")
@needs(Permission.BILLS_RUN)
def bill_printings_state(printing_id: int) -> Response:
    """Counted again, or frozen as it was counted; a job does either."""
    parts, by, form = wiring(), staff_user().authority, CountForm()
    wanted = request.form.get("to", "")
    if wanted not in {"count", "freeze"} or not form.validate_on_submit():
        abort(_BAD_REQUEST)
    try:
        if wanted == "count":
            freezing.count_again(parts.sessions, by, printing_id)
            say(_("The bills are being counted now."))
        else:
            freezing.ask_to_freeze(parts.sessions, by, printing_id, seen=form.count)
            say(_("The list is being frozen now. After that its files are made."))
    except NotFound:
        raise
    except DomainError as refusal:
        say(sentence(refusal), "error")
    return redirect(url_for("staff.bill_printings_show", printing_id=printing_id), 303)


@staff.get("/bill-printings/<int:printing_id>")
@needs(Permission.BILLS_RUN)
def bill_printings_show(printing_id: int) -> str:
    """Counts that tie with the run; once the list is frozen, its files, and each bill with what became of it."""
    with reading(wiring().sessions) as session:
        found = queries.printing(session, printing_id)
    if found.state == State.FROZEN:
        return _frozen(found)
    return render_template(
        "staff/bill_printings/counts.html", printing=found, counts=found.counts, not_printed_words=not_printed_words,
        here=url_for("staff.bill_printings_show", printing_id=printing_id),
    )  # fmt: skip


def _frozen(found: PrintingView) -> str:
    printing_id, asked = found.id, request.args.get("show", "")
    after, from_part = (max(request.args.get(name, 0, int), 0) for name in ("after", "part"))
    shown = asked if asked in set(Outcome) else Outcome.HELD.value
    with reading(wiring().sessions) as session:
        files = queries.parts(session, found, after=from_part, most=MOST + 1)
        bills = queries.items(session, printing_id, shown, after=after, most=MOST + 1, **may_see(staff_user()))
        since, again = queries.consented_since(session, found), queries.made_again(session, printing_id)
    return render_template(
        "staff/bill_printings/show.html", printing=found, held=found.counts.reasons, files=files[:MOST],
        bills=bills[:MOST], shown=shown, since=since, again=again, again_words=again_words,
        here=_here(printing_id, shown), outcome_words=outcome_words, not_printed_words=not_printed_words,
        first_url=_here(printing_id, shown) if after else "",
        next_url=_here(printing_id, shown, after=bills[MOST - 1].account_id) if len(bills) > MOST else "",
        first_files=_here(printing_id, shown) if from_part else "",
        next_files=_here(printing_id, shown, part=files[MOST - 1].number) if len(files) > MOST else "",
    )  # fmt: skip


@staff.post("/bill-printings/<int:printing_id>/files/<int:part>")
@needs(Permission.BILLS_RUN)
def bill_printings_file(printing_id: int, part: int) -> Response:
    """A part, or the list (0): the first time as it is, after that as a reprint that says so.

    One that is lost from the folder is made again by a job.
    """
    parts, by = wiring(), staff_user().authority
    try:
        file = service.take(parts.sessions, parts.documents(), by, printing_id, part)
    except (NotMadeYet, FileLost) as refusal:
        if isinstance(refusal, FileLost):
            lost.ask_again(parts.sessions, by, printing_id, part)
        say(sentence(refusal), "error")
        return redirect(url_for("staff.bill_printings_show", printing_id=printing_id), 303)
    kind = "text/csv; charset=utf-8" if part == service.LIST else "application/pdf"
    return as_download(file.content, kind, file.name)


def _here(printing_id: int, shown: str, *, after: int | None = None, part: int | None = None) -> str:
    return url_for("staff.bill_printings_show", printing_id=printing_id, show=shown, after=after, part=part)
