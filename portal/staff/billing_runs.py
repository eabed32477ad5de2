"""Billing runs: make one, watch it, work what it holds, review it, and let another person approve it."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.bill_printings.queries import printing_of
from accounts.billing_runs import corrections, drafting, queries, service, working
from accounts.billing_runs.queries import RunView
from accounts.billing_runs.rules import Problem, State
from accounts.billing_runs.working import NewRead, Seen
from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from accounts.money import Money, total
from portal.forms.billing_runs import NewRunForm, TotalForm, WorkForm
from portal.i18n import gettext as _
from portal.i18n import long_date
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.kind_words import read_kind
from portal.wiring import wiring
from portal.words.billing import problem_words, resolution_words, state_words

MOST = 25
_NOT_FOUND, _UNPROCESSABLE = 404, 422
_SHOWN = ("held", "ready", "left_out", "posted")


@staff.get("/billing-runs")
@needs(Permission.BILLS_RUN)
def billing_runs_list() -> str:
    page = max(request.args.get("page", 1, int), 1)
    with reading(wiring().sessions) as session:
        found = queries.runs(session, skip=(page - 1) * MOST, most=MOST + 1)
    return render_template(
        "staff/billing_runs/list.html", runs=found[:MOST], state_words=state_words, state_mark=_mark,
        first_url=url_for("staff.billing_runs_list") if page > 1 else "",
        next_url=url_for("staff.billing_runs_list", page=page + 1) if len(found) > MOST else "",
    )  # fmt: skip


@staff.route("/billing-runs/new", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def billing_runs_new() -> str | Response | tuple[str, int]:
    parts, form = wiring(), NewRunForm(kept=kept_here())
    with reading(parts.sessions) as session:
        form.cycle.choices = [("", _("Every cycle")), *((cycle, cycle) for cycle in queries.cycles(session))]
        waiting = queries.billable(session, "")
    if not form.is_submitted() and form.bill_date.data is None:
        form.bill_date.data = parts.clock.today()
    if form.validate_on_submit():
        try:
            made = drafting.make(
                parts.sessions, parts.city(), staff_user().authority, cycle=form.cycle.data,
                bill_date=form.bill_date.data, today=parts.clock.today(),
                now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "bill_date", why=type(refusal).__name__)
        else:
            say(_("The run is made. Its bills are being drafted now."))
            return redirect(url_for("staff.billing_runs_show", run_id=made), 303)
    return render_template("staff/billing_runs/new.html", form=form, waiting=waiting), _status(form)


@staff.get("/billing-runs/<int:run_id>")
@needs(Permission.BILLS_RUN)
def billing_runs_show(run_id: int) -> str:
    parts, user = wiring(), staff_user()
    asked = request.args.get("show", "")
    problem, after = request.args.get("problem", ""), max(request.args.get("after", 0, int), 0)
    with reading(parts.sessions) as session:
        run = queries.run(session, run_id)
        printing_id = printing_of(session, run_id) if run.state == State.POSTED else None
        held = queries.problems(session, run_id) if run.count("held") else {}
        state = asked if asked in _SHOWN else next((one for one in _SHOWN if run.count(one)), "held")
        known = problem if problem in set(Problem) else ""
        found = queries.items(session, run_id, state, problem=known, after=after, most=MOST + 1, **may_see(user))
        expected = queries.billable(session, run.cycle) if run.state == State.DRAFTING else 0
    more = found[MOST - 1].account_id if len(found) > MOST else 0
    return render_template(
        "staff/billing_runs/show.html", run=run, held=held, items=found[:MOST], shown=state, problem=known,
        expected=expected, state_words=state_words, problem_words=problem_words, resolution_words=resolution_words,
        state_mark=_mark, is_own=user.actor_id in {run.maker_id, run.reviewer_id},
        lines=parts.city().city.revenue_lines, funds=parts.city().city.funds,
        may_approve=user.may(Permission.BILLS_APPROVE), printing_id=printing_id,
        first_url=_here(run, state, known) if after else "",
        next_url=_here(run, state, known, after=more) if more else "",
    )  # fmt: skip


@staff.route("/billing-runs/<int:run_id>/bills/<reference>", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def billing_runs_work(run_id: int, reference: str) -> str | Response | tuple[str, int]:
    """One bill of a run, with all that is known of it; worked here while the run is a draft."""
    parts, user, file, form = wiring(), staff_user(), opened_file(), WorkForm(kept=kept_here())
    with reading(parts.sessions) as session:
        run = queries.run(session, run_id)
        item = queries.item(session, run_id, file.id, **may_see(user))
    may_work = run.state == State.DRAFT and item.state in {"held", "ready"}
    meters = working.estimates(parts.sessions, run_id, file.id) if may_work else {}
    form.serial.choices = [(serial, serial) for serial in meters]
    if not form.is_submitted():
        form.seen.data = item.version
    if form.validate_on_submit() and _has_read(form):
        try:
            is_ready = _work(form, Seen(run_id, file.id, _whole(form.seen.data)))
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            form.seen.data = item.version
        else:
            if is_ready:
                say(_("Done. Account %(number)s is settled for this run.", number=file.number))
                return redirect(url_for("staff.billing_runs_show", run_id=run_id), 303)
            say(_("The bill was worked out anew, and is still held. Look at it again."), "warning")
            return redirect(url_for("staff.billing_runs_work", run_id=run_id, reference=reference), 303)
    page = render_template(
        "staff/billing_runs/work.html", form=form, file=file, run=run, item=item, meters=meters, may_work=may_work,
        read_kind=read_kind,
        problem_words=problem_words, resolution_words=resolution_words,
    )  # fmt: skip
    return page, _status(form)


@staff.route("/billing-runs/<int:run_id>/review", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def billing_runs_review(run_id: int) -> str | Response | tuple[str, int]:
    return _decide(run_id, "review")


@staff.route("/billing-runs/<int:run_id>/approve", methods=["GET", "POST"])
@needs(Permission.BILLS_APPROVE)
def billing_runs_approve(run_id: int) -> str | Response | tuple[str, int]:
    return _decide(run_id, "approve")


@staff.post("/billing-runs/<int:run_id>/state")
@needs(Permission.BILLS_RUN)
def billing_runs_state(run_id: int) -> Response:
    """Back to work, or not made at all."""
    parts, by, form = wiring(), staff_user().authority, TotalForm()
    wanted = request.form.get("to", "")
    if wanted not in {"reopen", "cancel"} or not form.validate_on_submit():
        abort(400)
    try:
        if wanted == "reopen":
            service.reopen(parts.sessions, by, run_id)
            say(_("The run is a draft again."))
        else:
            service.cancel(parts.sessions, by, run_id, now=parts.clock.now())
            say(_("The run is canceled. Nothing of it was billed."))
    except DomainError as refusal:
        say(sentence(refusal), "error")
    return redirect(url_for("staff.billing_runs_show", run_id=run_id), 303)


def _decide(run_id: int, what: str) -> str | Response | tuple[str, int]:
    """The effect in money first; then the run goes on, if it still comes to that."""
    parts, user, form = wiring(), staff_user(), TotalForm()
    with reading(parts.sessions) as session:
        run = queries.run(session, run_id)
    lower = corrections.preview(parts.sessions, run_id) if run.corrects_bill_id else []
    if not form.is_submitted():
        form.seen.data = run.amount.cents
    if form.validate_on_submit():
        act = service.review if what == "review" else service.approve
        seen = Money(_whole(form.seen.data))
        try:
            act(parts.sessions, user.authority, run_id, seen=seen, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            form.seen.data = run.amount.cents
        else:
            say(
                _("Reviewed. Another person has to approve it now.")
                if what == "review"
                else _("Approved. The bills of %(day)s are being posted now.", day=long_date(run.bill_date))
            )
            return redirect(url_for("staff.billing_runs_show", run_id=run_id), 303)
    page = render_template(
        "staff/billing_runs/decide.html", run=run, form=form, what=what,
        penalties_was=total(one.was for one in lower), penalties_now=total(one.now for one in lower),
        is_own=what == "approve" and user.actor_id in {run.maker_id, run.reviewer_id},
        is_due=run.state == (State.DRAFT if what == "review" else State.REVIEWED),
        lines=parts.city().city.revenue_lines, funds=parts.city().city.funds,
    )  # fmt: skip
    return page, _status(form)


def _has_read(form: WorkForm) -> bool:
    """Is a read there where one is needed?"""
    if form.how.data in {"reread", "estimate"} and form.value.data is None:
        form.refuse(_("Enter what the meter shows."), "value", why="NoRead")
        return False
    return True


def _work(form: WorkForm, seen: Seen) -> bool:
    """Whether the bill is settled now."""
    parts, by = wiring(), staff_user().authority
    now, how = parts.clock.now(), form.how.data
    if how in {"reread", "estimate"}:
        read = NewRead(form.serial.data or "", form.value.data or 0, form.on.data)
        return (working.reread if how == "reread" else working.estimate)(parts.sessions, by, seen, read, now=now)
    (working.accept if how == "accept" else working.leave_out)(
        parts.sessions, by, seen, form.reason.data or "", now=now
    )
    return True


def _here(run: RunView, show: str, problem: str, *, after: int = 0) -> str:
    return url_for("staff.billing_runs_show", run_id=run.id, show=show, problem=problem or None, after=after or None)


def _whole(typed: object) -> int:
    """A number that a form carries along; nothing of ours where somebody changed it."""
    said = str(typed)
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 15 else -1


def _mark(state: str) -> str:
    """Which mark of a status goes with a state."""
    return {"posted": "paid", "canceled": "closed", "reviewed": "due"}.get(state, "pending")


def _status(form: NewRunForm | WorkForm | TotalForm) -> int:
    return _UNPROCESSABLE if form.errors else 200
