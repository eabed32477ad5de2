"""Write about a request, sign it off, decide it: its effect, in money where some moves, is seen before."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.approvals.rules import Command, WorldChanged
from accounts.assessments.queries import latest
from accounts.cases import service
from accounts.cases.rules import ChangedMeanwhile, Event, NotNow, Outcome, may
from accounts.cases.views import CasePage
from accounts.cities.requests import RequestKind
from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from accounts.requests import service as requests
from accounts.requests.guest_links import call_back_at_counter
from accounts.requests.rules import MONEY
from accounts.requests.service import GRANTS, RequestDesk
from portal.acts import acts_of
from portal.forms.cases import ASK, NOTE, DecideForm, LinksForm, SignOffForm, WriteForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.request_bills import answers_of
from portal.staff.blueprint import refuse_and_write_down, staff, staff_user
from portal.staff.cases import kind_as_asked, read_case
from portal.staff.charge_words import charge_words
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.proposing import Looked, look_at, seen_of
from portal.wiring import wiring
from portal.words import cases as words
from portal.words.effects import effect_words, follow_words
from portal.words.names import person

_UNPROCESSABLE, _CONFLICT = 422, 409
_MOST = 60


@staff.route("/cases/<int:case_id>/write", methods=["GET", "POST"])
@needs(Permission.CASES_WORK)
def cases_write(case_id: int) -> str | Response | tuple[str, int]:
    page = read_case(case_id)
    kind, form = kind_as_asked(page), WriteForm(kept=kept_here())
    form.offer(may_ask=may(page.line.state, Event.ASK))
    template = request.args.get("template", "")
    if request.method == "GET" and not form.text.data and template:
        _begin_with(form, page, kind, template)
    if form.validate_on_submit():
        try:
            _write(page, form)
        except DomainError as refusal:
            form.refuse(sentence(refusal), "text", why=type(refusal).__name__)
        else:
            return redirect(url_for("staff.cases_show", case_id=case_id), 303)
    rendered = render_template(
        "staff/cases/write.html",
        form=form,
        page=page,
        line=page.line,
        templates=[(one.code, one.name.in_(locale_code())) for one in kind.templates],
        template=template,
        language=page.line.language,
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@staff.route("/cases/<int:case_id>/sign-offs/<step>", methods=["GET", "POST"])
@needs(Permission.CASES_WORK)
def cases_sign_off(case_id: int, step: str) -> str | Response | tuple[str, int]:
    page = read_case(case_id)
    wanted = next((one for one in kind_as_asked(page).sign_offs if one.code == step), None)
    if wanted is None:
        abort(404)
    form = SignOffForm(kept=kept_here())
    if form.validate_on_submit():
        try:
            service.sign_off(
                wiring().case_desk(), staff_user().authority, case_id, step,
                is_fine=form.verdict.data == "fine", words=form.note.data or "",
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "note", why=type(refusal).__name__)
        else:
            say(_("Signed off."))
            return redirect(url_for("staff.cases_show", case_id=case_id), 303)
    rendered = render_template(
        "staff/cases/sign_off.html", form=form, line=page.line, step=wanted.name.in_(locale_code())
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@staff.route("/cases/<int:case_id>/links", methods=["GET", "POST"])
@needs(Permission.CASES_WORK)
def cases_links(case_id: int) -> str | Response | tuple[str, int]:
    """Somebody has a guest's link who should not: all that were mailed end."""
    line = read_case(case_id).line
    if line.asked_by is not None:
        abort(404)
    form = LinksForm(kept=kept_here())
    if form.validate_on_submit():
        try:
            call_back_at_counter(
                wiring().case_desk(), staff_user().authority, case_id, form.reason.data,
                seen=form.seen_links, mails_new=form.mails_new.data,
            )  # fmt: skip
        except ChangedMeanwhile as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            return render_template("staff/cases/links.html", form=form, line=line), _CONFLICT
        say(_("The links have ended."))
        return redirect(url_for("staff.cases_show", case_id=case_id), 303)
    page = render_template("staff/cases/links.html", form=form, line=line)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/cases/<int:case_id>/decide", methods=["GET", "POST"])
@needs(Permission.CASES_WORK)
def cases_decide(case_id: int) -> str | Response | tuple[str, int]:
    page = read_case(case_id)
    kind, looked = kind_as_asked(page), None
    if not staff_user().may(kind.decided_with):
        refuse_and_write_down("permission-refused", permission=kind.decided_with.value)
        abort(403)
    form = _form(page, kind)
    if form.validate_on_submit():
        try:
            outcome = _look_or_decide(form, page, kind)
        except (WorldChanged, ChangedMeanwhile, NotNow) as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            return _deciding(page, kind, form, None, status=_CONFLICT)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            if isinstance(outcome, Response):
                return outcome
            looked = outcome
    return _deciding(page, kind, form, looked, status=_UNPROCESSABLE if form.errors else 200)


def _look_or_decide(form: DecideForm, page: CasePage, kind: RequestKind) -> Response | Looked | None:
    """Decided, or what it comes to first: no money moves that nobody saw."""
    desk, by = request_desk(), staff_user().authority
    command: Command | None = None
    if kind.effect in MONEY and form.chosen in GRANTS:
        command = requests.command_for(desk, by, page.line.id, form.chosen, form.how)
    if command is not None and not (form.wants_it_done and seen_of(form, command) is not None):
        requests.preview(desk, by, page.line.id, form.chosen, form.how)
        return look_at(form, command)
    if not form.wants_it_done:
        return None
    seen = (seen_of(form, command) or "") if command is not None else ""
    settled = requests.decide(
        desk, by, page.line.id, form.chosen, form.reason.data,
        seen_version=form.seen_version, how=form.how, seen=seen,
    )  # fmt: skip
    if settled.proposal_id is not None:
        say(_("Decided. It waits for a second person."), "info")
    else:
        say(_("Decided. %(what)s", what=follow_words(settled.effect)))
    return redirect(url_for("staff.cases_show", case_id=page.line.id), 303)


def request_desk() -> RequestDesk:
    """What deciding needs, under the city that rules now."""
    parts = wiring()
    return RequestDesk(parts.case_desk(), parts.change_desk(), acts_of(parts))


def _form(page: CasePage, kind: RequestKind) -> DecideForm:
    parts, form = wiring(), DecideForm(kept=kept_here())
    is_question = kind.effect == "none"
    offered = (Outcome.ANSWERED,) if is_question else (Outcome.GRANTED, Outcome.PARTLY, Outcome.DENIED)
    form.outcome.choices = [(one.value, words.OUTCOMES[one]) for one in offered]
    if is_question and request.method == "GET":
        form.outcome.data = Outcome.ANSWERED.value
    policy = parts.city().city.desk_policy(parts.clock.today())
    form.documents.choices = [(one.code, one.name.in_(locale_code())) for one in policy.documents]
    if kind.effect == "correct-bill" and page.line.customer_account_id is not None:
        with reading(parts.sessions) as session:
            charges = latest(session, page.line.customer_account_id, _MOST)
        form.charge.choices = [(0, _("No charge")), *((one.charge_id, charge_words(one)) for one in charges)]
        reasons = parts.city().city.adjustment_policy(parts.clock.today()).reasons
        form.code.offer((one for one in reasons if one.calculation == "stated"), empty=_("No reason"))
    return form


def _deciding(
    page: CasePage, kind: RequestKind, form: DecideForm, looked: Looked | None, *, status: int
) -> tuple[str, int]:
    rendered = render_template(
        "staff/cases/decide.html",
        form=form,
        page=page,
        line=page.line,
        kind=kind,
        looked=looked,
        in_money=kind.effect in MONEY,
        effect=effect_words(kind.effect, page.answers),
        answers=answers_of(page, kind),
        language=page.line.language,
    )
    return rendered, status


def _begin_with(form: WriteForm, page: CasePage, kind: RequestKind, code: str) -> None:
    """The template's words, in the language of who reads them."""
    template = next((one for one in kind.templates if one.code == code), None)
    if template is None:
        return
    said, name = template.text.in_(page.line.language), page.line.asker or page.line.holder
    if person(name) != name:  # a code is no name to greet anybody by
        said = said.replace(", {name}", "")
    form.text.data = said.replace("{name}", name).replace("{number}", page.line.number)
    form.template.data = code


def _write(page: CasePage, form: WriteForm) -> None:
    desk, by, case_id = wiring().case_desk(), staff_user().authority, page.line.id
    said, template = form.text.data, (form.template.data or "")[:40]
    if form.how.data == ASK:
        service.ask(desk, by, case_id, said, seen=form.seen_version, template=template)
        say(_("Asked. The clock stands until they answer."))
    elif form.how.data == NOTE:
        service.leave_note(desk, by, case_id, said)
        say(_("The note is kept."))
    else:
        service.tell(desk, by, case_id, said, template=template)
        say(_("Sent."))
