"""The pages of a request, for whoever asks: each page kept as it is left, papers, what was answered, where it stands.

Residents come to them by their sign-in, guests by a link that was mailed to them; whose the case is, is asked below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cases.abandoned import kept_until
from accounts.cases.rules import AnswerMissing, BadAnswer, Direction, Event, Outcome, State, may
from accounts.cases.views import CasePage
from accounts.cities.requests import RequestKind
from accounts.documents.rules import Sent
from accounts.errors import DomainError
from accounts.requests import residents
from accounts.requests.residents import Asking
from accounts.requests.service import Claimable, credit_to_claim
from portal.documents.case_letter import case_letter
from portal.downloads import as_download
from portal.forms import requests as forms
from portal.i18n import locale_code, long_date, money
from portal.messages import sentence
from portal.request_bills import answers_of, bills_to_choose
from portal.wiring import wiring
from portal.words import cases as words
from portal.words.effects import credit_words

_UNPROCESSABLE = 422
Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Place:
    """Where somebody works on a case of theirs: who they are, and how its pages are called there."""

    who: Asking
    case_id: int
    endpoints: str
    """What the names of its pages begin with."""
    named: Mapping[str, object]
    """What names the case in an address."""
    layout: str
    list_url: str = ""
    """The list of their requests, where they have one."""
    new_link_url: str = ""
    """Where a guest ends the links that were mailed."""

    def url(self, step: str, **more: object) -> str:
        """The address of one of the case's pages."""
        return url_for(f"{self.endpoints}_{step}", **{**self.named, **more})  # type: ignore[arg-type]

    def url_of(self, case_id: int) -> str:
        """The address of another case of theirs; none for a guest, whose link opens one."""
        return self.url("show", case_id=case_id) if "case_id" in self.named else ""

    def later_url(self, number: int) -> str:
        """Where somebody is who goes on another day."""
        return f"{self.list_url}?kept=1" if self.list_url else self.url("page", number=number, kept=1)

    def read(self) -> tuple[CasePage, RequestKind]:
        """The case with its kind: as it was handed in, or, of a draft, as it is today."""
        case = residents.page(wiring().case_desk(), self.who, self.case_id)
        kind = words.kind_of(wiring().city().city, case.line)
        if kind is None:
            abort(404)
        return case, kind

    def draft(self) -> tuple[CasePage, RequestKind]:
        """The same, if nobody handed it in."""
        case, kind = self.read()
        if not _is_draft(case):
            abort(404)
        return case, kind


def page(place: Place, number: int) -> Answer:
    """One page of questions."""
    case, kind = place.draft()
    if not 1 <= number <= len(kind.pages):
        abort(404)
    asked, is_later = kind.pages[number - 1], request.form.get("step") == "later"
    choices = bills_to_choose(case, kind)
    form = forms.page_form(asked, case.answers, choices, is_sent=request.method == "POST", whole=not is_later)
    if form.validate_on_submit():
        try:
            given = forms.given(asked, form)
            residents.keep_answers(wiring().case_desk(), place.who, place.case_id, given, whole=not is_later)
        except (AnswerMissing, BadAnswer) as refusal:
            form.refuse(sentence(refusal), str(refusal.facts["question"]), why=type(refusal).__name__)
        else:
            return redirect(place.later_url(number) if is_later else _after(place, kind, number), 303)
    rendered = render_template(
        "resident/requests/page.html",
        form=form,
        place=place,
        title=asked.title.in_(locale_code()),
        name=kind.name.in_(locale_code()),
        questions=[
            (one, form[one.code], one.hint.in_(locale_code()) if one.hint else None) for one in asked.questions
        ],
        claim=_claim(case, kind) if number == 1 else None,
        is_too_late=kind.file_within is not None
        and not choices
        and any(one.kind == "bill" for one in asked.questions),
        number=number,
        count=len(kind.pages) + bool(kind.documents) + 1,
        back=place.url("page", number=number - 1) if number > 1 else place.list_url,
        kept_until=kept_until(wiring().case_desk(), case.line),
        kept=request.args.get("kept") == "1",
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


def papers(place: Place) -> Answer:
    """Papers of a draft, or those that the city waits for: added one by one, and taken out of a draft."""
    case, kind = place.read()
    if case.line.state not in {State.DRAFT, State.WAITING} or not kind.documents:
        return redirect(place.url("show"), 303)
    if request.method == "POST" and (taken := request.form.get("remove", "")).isdecimal():
        residents.remove_document(wiring().case_desk(), place.who, place.case_id, int(taken))
        return redirect(place.url("papers"), 303)
    form, content = forms.PaperForm(), _sent_file()
    form.wanted.choices = [(one.code, one.name.in_(locale_code())) for one in kind.documents]
    if form.validate_on_submit():
        sent = Sent(form.file.data.filename or "", content)
        try:
            residents.add_document(
                wiring().case_desk(), wiring().documents(), place.who, place.case_id,
                wanted=form.wanted.data, sent=sent,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "file", why=type(refusal).__name__)
        else:
            return redirect(place.url("papers"), 303)
    rendered = render_template(
        "resident/requests/documents.html",
        form=form,
        place=place,
        case=case,
        papers=_papers(case, kind),
        wanted=[(one.name.in_(locale_code()), one.hint, one.required) for one in kind.documents],
        accept=forms.ACCEPTED,
        onward=place.url("check" if _is_draft(case) else "show"),
        back=place.url("page", number=len(kind.pages)) if _is_draft(case) else place.url("show"),
        locale=locale_code(),
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


def document(place: Place, paper_id: int) -> Response:
    """One's own paper, as the city keeps it."""
    parts = wiring()
    paper = residents.open_document(parts.case_desk(), parts.documents(), place.who, place.case_id, paper_id)
    return as_download(paper.content, paper.media_type, paper.name)


def check(place: Place) -> Answer:
    """All that was answered, before it is sent."""
    case, kind = place.draft()
    form = forms.WithdrawForm()
    if form.validate_on_submit():
        try:
            residents.submit(wiring().case_desk(), place.who, place.case_id)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(place.url("show", sent=1), 303)
    rendered = render_template(
        "resident/requests/check.html",
        form=form,
        place=place,
        case=case,
        kind=kind,
        name=kind.name.in_(locale_code()),
        answers=answers_of(case, kind),
        papers=_papers(case, kind),
        stops=words.stands_still(kind, wiring().clock.today()),
        parts=[one.name.in_(locale_code()) for one in kind.parts],
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


def show(place: Place) -> Answer:
    """Where it stands, who has it, what was said both ways."""
    case, kind = place.read()
    if _is_draft(case):
        return redirect(place.url("page", number=1), 303)
    form = forms.MessageForm()
    if case.line.is_open and form.validate_on_submit():
        try:
            residents.answer(wiring().case_desk(), place.who, place.case_id, form.text.data)
        except DomainError as refusal:
            form.refuse(sentence(refusal), "text", why=type(refusal).__name__)
        else:
            return redirect(place.url("show"), 303)
    decided, city = case.decision, wiring().city().city
    is_told = decided is not None and case.line.state is State.DONE
    rendered = render_template(
        "resident/requests/show.html",
        form=form,
        place=place,
        line=case.line,
        kind=kind,
        name=kind.name.in_(locale_code()),
        state=str(words.STATES[case.line.state]),
        look=words.LOOKS[case.line.state],
        division=words.division_name(city, case.line),
        answers=answers_of(case, kind),
        papers=_papers(case, kind),
        beside=[
            (one, one.name.in_(locale_code()), str(words.STATES[one.state]), words.LOOKS[one.state])
            for one in case.beside
        ],
        messages=[one for one in case.messages if one.direction is not Direction.NOTE],
        decided=decided if is_told else None,
        outcome=str(words.OUTCOMES[Outcome(decided.outcome)]) if decided and is_told else "",
        next_step=kind.next_step.in_(locale_code()) if kind.next_step else "",
        waits=case.line.state is State.WAITING,
        stops=words.stands_still(kind, sent_on) if case.line.is_open and (sent_on := case.line.submitted_on) else [],
        may_withdraw=may(case.line.state, Event.WITHDRAW),
        sent=request.args.get("sent") == "1",
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


def withdraw(place: Place) -> Answer:
    """Taken back, or, of a draft, thrown away."""
    case, kind = place.read()
    form = forms.WithdrawForm()
    if form.validate_on_submit():
        try:
            residents.withdraw(wiring().case_desk(), place.who, place.case_id, form.reason.data or "")
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(place.list_url or place.url("show"), 303)
    rendered = render_template(
        "resident/requests/withdraw.html", form=form, place=place, line=case.line, name=kind.name.in_(locale_code())
    )
    return rendered, _UNPROCESSABLE if form.errors else 200


def letter(place: Place) -> Response:
    """The decision as a letter, once it is carried out."""
    case, _kind = place.read()
    if case.line.state is not State.DONE:
        abort(404)
    return as_download(case_letter(case, wiring().city().city), "application/pdf", f"{case.line.number}.pdf")


def _claim(case: CasePage, kind: RequestKind) -> tuple[Claimable, list[list[object]]] | None:
    """Of a claim: what the city owes, and how that came about."""
    if kind.effect != "refund-credit" or case.line.customer_account_id is None:
        return None
    found = credit_to_claim(wiring().case_desk(), case.line.customer_account_id)
    return found, [[long_date(one.on), credit_words(one), money(one.amount)] for one in found.moves]


def _sent_file() -> bytes:
    """The file that came with the form; the place where it waited is given back at once."""
    upload = request.files.get("file")
    if upload is None:
        return b""
    try:
        return bytes(upload.read())
    finally:
        upload.close()


def _is_draft(case: CasePage) -> bool:
    return case.line.state is State.DRAFT


def _after(place: Place, kind: RequestKind, number: int) -> str:
    if number < len(kind.pages):
        return place.url("page", number=number + 1)
    return place.url("papers" if kind.documents else "check")


def _papers(case: CasePage, kind: RequestKind) -> list[tuple[int, str, str]]:
    names = {one.code: one.name.in_(locale_code()) for one in kind.documents}
    return [(one.id, names.get(one.wanted, one.wanted), one.name) for one in case.papers]
