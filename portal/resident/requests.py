"""Ask the city for something: page by page, each kept as it is left; then see who has it, write, take it back."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links.queries import linked_accounts
from accounts.account_links.rules import Right
from accounts.cases.asking import NotForThisAccount
from accounts.cases.queries import bills
from accounts.cases.rules import AnswerMissing, BadAnswer, Direction, Event, Outcome, State, may
from accounts.cases.views import CasePage
from accounts.cities.requests import RequestKind
from accounts.customer_accounts.rules import shown
from accounts.database import reading
from accounts.documents.rules import Sent
from accounts.errors import DomainError
from accounts.requests import residents
from accounts.requests.residents import Resident
from portal.documents.case_letter import case_letter
from portal.downloads import as_download
from portal.forms import requests as forms
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date
from portal.messages import sentence
from portal.navigation import account_kind
from portal.permissions import any_resident
from portal.resident.blueprint import resident, resident_user
from portal.security import takes_files
from portal.wiring import wiring
from portal.words import cases as words
from portal.words.answers import said_answers

_UNPROCESSABLE = 422


@resident.get("/requests")
@any_resident
def requests_list() -> str:
    city = wiring().city().city
    found = residents.mine(wiring().case_desk(), _who())
    rows = [(one, words.kind_name(city, one), str(words.STATES[one.state]), words.LOOKS[one.state]) for one in found]
    return render_template("resident/requests/list.html", rows=rows, shown=shown)


@resident.route("/requests/new", methods=["GET", "POST"])
@any_resident
def requests_new() -> str | Response | tuple[str, int]:
    parts, form = wiring(), forms.NewRequestForm()
    kinds = parts.city().city.requests(parts.clock.today())
    with reading(parts.sessions) as session:
        mine = [one for one in linked_accounts(session, resident_user().actor_id) if one.may(Right.MANAGE)]
    form.kind.choices = [(one.code, one.name.in_(locale_code())) for one in kinds]
    form.account.choices = [
        ("", _("Choose an account")),
        *((str(one.account_id), f"{account_kind(one.kind)} {shown(one.reference)}") for one in mine),
    ]
    if request.method == "GET" and request.args.get("kind") in {one.code for one in kinds}:
        form.kind.data = request.args["kind"]
    if request.method == "GET":
        asked = request.args.get("account")
        form.account.data = next((str(one.account_id) for one in mine if one.reference == asked), "")
    if form.validate_on_submit():
        chosen = form.account.data or ""
        account = int(chosen) if chosen in {code for code, _label in form.account.choices if code} else None
        kind = next(one for one in kinds if one.code == form.kind.data)
        try:
            case_id = residents.begin(parts.case_desk(), _who(), kind.code, account if kind.needs_account else None)
        except NotForThisAccount:
            form.refuse(_("Choose an account that this is for."), "account", why="NotForThisAccount")
        else:
            return redirect(url_for("resident.requests_page", case_id=case_id, number=1), 303)
    hints = {one.code: one.lead.in_(locale_code()) for one in kinds}
    page = render_template("resident/requests/new.html", form=form, hints=hints, has_accounts=bool(mine))
    return page, _UNPROCESSABLE if form.errors else 200


@resident.route("/requests/<int:case_id>/pages/<int:number>", methods=["GET", "POST"])
@any_resident
def requests_page(case_id: int, number: int) -> str | Response | tuple[str, int]:
    case, kind = _draft(case_id)
    if not 1 <= number <= len(kind.pages):
        abort(404)
    asked = kind.pages[number - 1]
    form = forms.page_form(asked, case.answers, _bills(case), is_sent=request.method == "POST")
    if form.validate_on_submit():
        try:
            residents.keep_answers(wiring().case_desk(), _who(), case_id, forms.given(asked, form))
        except (AnswerMissing, BadAnswer) as refusal:
            form.refuse(sentence(refusal), str(refusal.facts["question"]), why=type(refusal).__name__)
        else:
            return redirect(_after(case_id, kind, number), 303)
    rendered = render_template(
        "resident/requests/page.html",
        form=form,
        title=asked.title.in_(locale_code()),
        name=kind.name.in_(locale_code()),
        questions=[
            (one, form[one.code], one.hint.in_(locale_code()) if one.hint else None) for one in asked.questions
        ],
        number=number,
        count=len(kind.pages) + bool(kind.documents) + 1,
        back=url_for("resident.requests_page", case_id=case_id, number=number - 1) if number > 1 else "",
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@resident.route("/requests/<int:case_id>/documents", methods=["GET", "POST"])
@any_resident
@takes_files
def requests_papers(case_id: int) -> str | Response | tuple[str, int]:
    """Papers of a draft, or those that the city waits for: added one by one, and taken out of a draft."""
    case, kind = _case(case_id)
    if case.line.state not in {State.DRAFT, State.WAITING} or not kind.documents:
        return redirect(url_for("resident.requests_show", case_id=case_id), 303)
    if request.method == "POST" and (taken := request.form.get("remove", "")).isdecimal():
        residents.remove_document(wiring().case_desk(), _who(), case_id, int(taken))
        return redirect(url_for("resident.requests_papers", case_id=case_id), 303)
    form, content = forms.PaperForm(), _sent_file()
    form.wanted.choices = [(one.code, one.name.in_(locale_code())) for one in kind.documents]
    if form.validate_on_submit():
        sent = Sent(form.file.data.filename or "", content)
        try:
            residents.add_document(
                wiring().case_desk(), wiring().documents(), _who(), case_id, wanted=form.wanted.data, sent=sent
            )
        except DomainError as refusal:
            form.refuse(sentence(refusal), "file", why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.requests_papers", case_id=case_id), 303)
    rendered = render_template(
        "resident/requests/documents.html",
        form=form,
        case=case,
        papers=_papers(case, kind),
        wanted=[(one.name.in_(locale_code()), one.hint, one.required) for one in kind.documents],
        accept=forms.ACCEPTED,
        onward=url_for("resident.requests_check" if _is_draft(case) else "resident.requests_show", case_id=case_id),
        locale=locale_code(),
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@resident.get("/requests/<int:case_id>/documents/<int:paper_id>")
@any_resident
def requests_document(case_id: int, paper_id: int) -> Response:
    """One's own paper, as the city keeps it."""
    parts = wiring()
    paper = residents.open_document(parts.case_desk(), parts.documents(), _who(), case_id, paper_id)
    return as_download(paper.content, paper.media_type, paper.name)


@resident.route("/requests/<int:case_id>/check", methods=["GET", "POST"])
@any_resident
def requests_check(case_id: int) -> str | Response | tuple[str, int]:
    case, kind = _draft(case_id)
    form = forms.WithdrawForm()
    if form.validate_on_submit():
        try:
            residents.submit(wiring().case_desk(), _who(), case_id)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.requests_show", case_id=case_id, sent=1), 303)
    rendered = render_template(
        "resident/requests/check.html",
        form=form,
        case=case,
        kind=kind,
        name=kind.name.in_(locale_code()),
        answers=said_answers(kind, case.answers, dict(_bills(case))),
        papers=_papers(case, kind),
        pauses=[one.words.in_(locale_code()) for one in kind.pauses],
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@resident.route("/requests/<int:case_id>", methods=["GET", "POST"])
@any_resident
def requests_show(case_id: int) -> str | Response | tuple[str, int]:
    """Where it stands, who has it, what was said both ways."""
    case, kind = _case(case_id)
    if _is_draft(case):
        return redirect(url_for("resident.requests_page", case_id=case_id, number=1), 303)
    form = forms.MessageForm()
    if case.line.is_open and form.validate_on_submit():
        try:
            residents.answer(wiring().case_desk(), _who(), case_id, form.text.data)
        except DomainError as refusal:
            form.refuse(sentence(refusal), "text", why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.requests_show", case_id=case_id), 303)
    decided, city = case.decision, wiring().city().city
    is_told = decided is not None and case.line.state is State.DONE
    rendered = render_template(
        "resident/requests/show.html",
        form=form,
        line=case.line,
        kind=kind,
        name=kind.name.in_(locale_code()),
        state=str(words.STATES[case.line.state]),
        look=words.LOOKS[case.line.state],
        division=words.division_name(city, case.line),
        answers=said_answers(kind, case.answers, dict(_bills(case))),
        papers=_papers(case, kind),
        messages=[one for one in case.messages if one.direction is not Direction.NOTE],
        decided=decided if is_told else None,
        outcome=str(words.OUTCOMES[Outcome(decided.outcome)]) if decided and is_told else "",
        next_step=kind.next_step.in_(locale_code()) if kind.next_step else "",
        waits=case.line.state is State.WAITING,
        may_withdraw=may(case.line.state, Event.WITHDRAW),
        sent=request.args.get("sent") == "1",
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@resident.route("/requests/<int:case_id>/withdraw", methods=["GET", "POST"])
@any_resident
def requests_withdraw(case_id: int) -> str | Response | tuple[str, int]:
    case, kind = _case(case_id)
    form = forms.WithdrawForm()
    if form.validate_on_submit():
        try:
            residents.withdraw(wiring().case_desk(), _who(), case_id, form.reason.data or "")
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.requests_list"), 303)
    rendered = render_template(
        "resident/requests/withdraw.html", form=form, line=case.line, name=kind.name.in_(locale_code())
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


@resident.get("/requests/<int:case_id>/letter.pdf")
@any_resident
def requests_letter(case_id: int) -> Response:
    """The decision as a letter, once it is carried out."""
    case, _kind = _case(case_id)
    if case.line.state is not State.DONE:
        abort(404)
    return as_download(case_letter(case, wiring().city().city), "application/pdf", f"{case.line.number}.pdf")


def _sent_file() -> bytes:
    """The file that came with the form; the place where it waited is given back at once."""
    upload = request.files.get("file")
    if upload is None:
        return b""
    try:
        return bytes(upload.read())
    finally:
        upload.close()


def _who() -> Resident:
    return Resident(resident_user().actor_id, locale_code())


def _case(case_id: int) -> tuple[CasePage, RequestKind]:
    """A case of theirs with its kind: as it was handed in, or, of a draft, as it is today."""
    case = residents.page(wiring().case_desk(), _who(), case_id)
    kind = words.kind_of(wiring().city().city, case.line)
    if kind is None:
        abort(404)
    return case, kind


def _draft(case_id: int) -> tuple[CasePage, RequestKind]:
    case, kind = _case(case_id)
    if not _is_draft(case):
        abort(404)
    return case, kind


def _is_draft(case: CasePage) -> bool:
    return case.line.state is State.DRAFT


def _after(case_id: int, kind: RequestKind, number: int) -> str:
    if number < len(kind.pages):
        return url_for("resident.requests_page", case_id=case_id, number=number + 1)
    return url_for("resident.requests_papers" if kind.documents else "resident.requests_check", case_id=case_id)


def _bills(case: CasePage) -> list[tuple[int, str]]:
    if case.line.customer_account_id is None:
        return []
    with reading(wiring().sessions) as session:
        found = bills(session, case.line.customer_account_id)
    return [(one.id, _("Bill of %(day)s", day=long_date(one.billed_on))) for one in found]


def _papers(case: CasePage, kind: RequestKind) -> list[tuple[int, str, str]]:
    names = {one.code: one.name.in_(locale_code()) for one in kind.documents}
    return [(one.id, names.get(one.wanted, one.wanted), one.name) for one in case.papers]
