"""What people asked for: found by kind, state and clock; one with everything that was said; taken on, handed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import pgettext
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cases import queries, service
from accounts.cases.rules import ENDED, OPEN, Event, Outcome, State, left, may
from accounts.cases.service import open_document
from accounts.cases.views import CaseLine, CasePage, KindCount, Wanted
from accounts.cities.requests import RequestKind
from accounts.cities.staffing import Permission
from accounts.customer_accounts.access import seen_account
from accounts.customer_accounts.rules import shown
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound
from portal.documents.case_letter import case_letter
from portal.downloads import as_download
from portal.forms.cases import CasesFilter, MoveForm
from portal.forms.lists import FilterField
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.request_bills import answers_of
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.wiring import wiring
from portal.words import cases as words

_CONFLICT = 409
ALL, LATE, MINE, NOBODYS, WAITING, SECOND, CLOSED = "all", "late", "mine", "nobodys", "waiting", "second", "ended"


@dataclass(frozen=True)
class Row:
    """A case in a list."""

    url: str
    number: str
    name: str
    holder: str
    reference: str
    state: str
    look: str
    clock: str
    is_late: bool
    assignee: str


def row_of(line: CaseLine) -> Row:
    """A case as a list shows it."""
    parts = wiring()
    today = parts.clock.today()
    return Row(
        url=url_for("staff.cases_show", case_id=line.id),
        number=line.number,
        name=words.kind_name(parts.city().city, line),
        holder=line.holder,
        reference=shown(line.reference) if line.reference else "",
        state=str(words.STAFF_STATES[line.state]),
        look=words.STAFF_LOOKS[line.state],
        clock=clock_words(line),
        is_late=line.is_late(today),
        assignee=line.assignee or _("Nobody"),
    )


def clock_words(line: CaseLine) -> str:
    """How many business days are left, or how late it is; it stands while the resident is waited for."""
    parts = wiring()
    if line.due_on is None or line.state in {State.DECIDED, *ENDED}:
        return ""
    if line.state is State.WAITING:
        return _("The clock stands")
    days = left(parts.city().city.calendar, line.due_on, parts.clock.today())
    if days < 0:
        return _("Business days late: %(days)s", days=-days)
    return _("Due today") if not days else _("Business days left: %(days)s", days=days)


@staff.get("/cases")
@needs(Permission.CASES_WORK)
def cases_list() -> str:
    parts, user, today = wiring(), staff_user(), wiring().clock.today()
    form, which = CasesFilter(), request.args.get("which") or ALL
    states = {WAITING: (State.WAITING,), SECOND: (State.DECIDED,), CLOSED: ENDED}.get(which, OPEN)
    with reading(parts.sessions) as session:
        counts = queries.counts(session, user.authority, today)
        _offer(form.kind)
        wanted = Wanted(
            kind=form.kind.data or None,
            states=states,
            mine=user.actor_id if which == MINE else None,
            nobodys=which == NOBODYS,
            late_on=today if which == LATE else None,
        )
        page = queries.queue(session, user.authority, wanted, after=key("after"))
    return render_template(
        "staff/cases/list.html",
        form=form,
        which=which,
        rows=[row_of(line) for line in page.lines],
        tabs=_tabs(which, counts),
        first_url=here() if key("after") else "",
        next_url=here(after=page.next_after) if page.next_after else "",
    )


@staff.route("/cases/<int:case_id>", methods=["GET", "POST"])
@needs(Permission.CASES_WORK)
def cases_show(case_id: int) -> str | Response | tuple[str, int]:
    page = read_case(case_id)
    form = MoveForm(kept=kept_here())
    form.division.offer(_divisions())
    if request.method == "POST" and form.validate_on_submit():
        try:
            return _move(page.line, form)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            return _page(read_case(case_id), form), _CONFLICT
    return _page(page, form)


@staff.get("/cases/<int:case_id>/documents/<int:paper_id>")
@needs(Permission.CASES_WORK)
def cases_document(case_id: int, paper_id: int) -> Response:
    """A paper, to be saved and never shown in the page; who had it is written down."""
    parts = wiring()
    paper = open_document(parts.case_desk(), parts.documents(), staff_user().authority, case_id, paper_id)
    return as_download(paper.content, paper.media_type, paper.name)


@staff.get("/cases/<int:case_id>/letter.pdf")
@needs(Permission.CASES_WORK)
def cases_letter(case_id: int) -> Response:
    """The letter that says how it was decided."""
    page = read_case(case_id)
    return as_download(case_letter(page, wiring().city().city), "application/pdf", f"{page.line.number}.pdf")


def read_case(case_id: int) -> CasePage:
    """The case, if it was handed in and its account is for this person; who looked is written down."""
    parts, user = wiring(), staff_user()
    with reading(parts.sessions) as session:
        page = queries.page(session, case_id)
        account = page.line.customer_account_id
        if not page.line.number:
            raise NotFound(f"no case {case_id}")
        if account is not None:
            seen_account(session, user.authority, account)
    if account is not None and request.method == "GET":
        with transaction(parts.sessions) as session:
            audit.seen(session, account, user.actor_id, "cases_show")
    return page


def kind_as_asked(page: CasePage) -> RequestKind:
    """The kind as it was when the case was handed in."""
    kind = page.line.kind_as_asked()
    assert kind is not None  # noqa: S101 - whatever has a number has terms
    return kind


def _move(line: CaseLine, form: MoveForm) -> Response:
    desk, by, act = wiring().case_desk(), staff_user().authority, request.form.get("act")
    if act == "go-on":
        service.go_on(desk, by, line.id, seen=form.seen_version)
        say(_("It goes on without an answer."))
    elif act == "hand-on":
        service.hand_on(desk, by, line.id, seen=form.seen_version, division=form.division.data)
        say(_("Handed on."))
    else:
        service.take(desk, by, line.id, seen=form.seen_version)
        say(_("This is yours now."))
    return redirect(url_for("staff.cases_show", case_id=line.id), 303)


def _page(page: CasePage, form: MoveForm) -> str:
    user, line, kind = staff_user(), page.line, kind_as_asked(page)
    decided = page.decision
    may_decide = may(line.state, Event.DECIDE) and user.may(kind.decided_with)
    signed = {one.step: one for one in page.sign_offs}
    return render_template(
        "staff/cases/show.html",
        page=page,
        line=line,
        kind=kind,
        form=form,
        name=kind.name.in_(locale_code()),
        number=shown(line.reference) if line.reference else "",
        state=str(words.STAFF_STATES[line.state]),
        look=words.STAFF_LOOKS[line.state],
        clock=clock_words(line),
        is_late=line.is_late(wiring().clock.today()),
        is_mine=line.assignee_id == user.actor_id,
        answers=answers_of(page, kind),
        beside=[
            (one, one.name.in_(locale_code()), str(words.STAFF_STATES[one.state]), words.LOOKS[one.state])
            for one in page.beside
        ],
        papers=[(paper, paper_name(kind, paper.wanted)) for paper in page.papers],
        steps=[(step, step.name.in_(locale_code()), signed.get(step.code)) for step in kind.sign_offs],
        events=[(one, str(words.EVENTS[Event(one.event)])) for one in page.events],
        outcome=str(words.OUTCOMES[Outcome(decided.outcome)]) if decided else "",
        decided=decided,
        may_take=line.is_open,
        may_go_on=may(line.state, Event.GO_ON),
        may_decide=may_decide and line.asked_by != user.actor_id,
        division=words.division_name(wiring().city().city, line),
        pauses=[(pause, pause.words.in_(locale_code())) for pause in kind.pauses] if line.is_open else [],
    )


def paper_name(kind: RequestKind, code: str) -> str:
    """What a paper of a kind is called."""
    return next((paper.name.in_(locale_code()) for paper in kind.documents if paper.code == code), code)


def _divisions() -> Any:
    parts = wiring()
    return parts.city().city.desk_policy(parts.clock.today()).divisions


def _offer(field: FilterField) -> None:
    city = wiring().city().city
    names = {kind.code: kind.name.in_(locale_code()) for kind in city.request_kinds}
    field.offer([("", _("All kinds")), *sorted(names.items(), key=lambda pair: pair[1])])


def _tabs(which: str, counts: list[KindCount]) -> list[dict[str, Any]]:
    tabs = (
        (ALL, pgettext("exceptions", "Open"), sum(one.open for one in counts)),
        (LATE, _("Late"), sum(one.late for one in counts)),
        (MINE, _("Mine"), sum(one.mine for one in counts)),
        (NOBODYS, _("Nobody’s"), sum(one.nobodys for one in counts)),
        (WAITING, _("Waiting for the resident"), sum(one.waiting for one in counts)),
        (SECOND, _("Waiting for a second person"), None),
        (CLOSED, _("Closed"), None),
    )
    return [
        {"label": label, "url": here(which=code), "current": code == which, "count": count}
        for code, label, count in tabs
    ]
