"""What the bank sent back: find the item, look at what posting it does, post it, tell the payer."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.database import one_by_one, reading, transaction
from accounts.errors import DomainError, NotFound
from accounts.money import Money
from payments.returned_payments import finding, queries, service, weighing
from payments.returned_payments.finding import Criteria, FoundTender
from payments.returned_payments.rules import Looked, Return
from payments.returned_payments.weighing import ReturnDesk
from payments.terms import reversal_terms
from portal.documents.bill_codes import printed_code
from portal.documents.letter import Letter, letter_pdf
from portal.forms.returned_payments import FindReturnedForm, PresentForm, ReturnForm
from portal.i18n import gettext as _
from portal.i18n import locale_code, money_text, speaking
from portal.messages import sentence
from portal.messages_sent.rules import Kind, PrintedLetter
from portal.messages_sent.service import note_letter
from portal.permissions import needs
from portal.returned_payments import Notice, notices
from portal.scan_lines import line_of
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key, link_to
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE = 404, 422


@staff.get("/returned-payments")
@needs(Permission.RETURNS_POST)
def returned_payments_list() -> str:
    """What came back, newest first."""
    with one_by_one(wiring().sessions) as reader:
        page = queries.returns(reader, before=key("before"), **may_see(staff_user()))
    return render_template(
        "staff/returned_payments/list.html", returns=page.returns, reason=reason_words,
        first_url=here() if key("before") else "", next_url=here(before=page.next_before) if page.next_before else "",
    )  # fmt: skip


@staff.get("/returned-payments/find")
@needs(Permission.RETURNS_POST)
def returned_payments_find() -> str:
    """The item, by what the bank's advice says of it; a line of the bank brings its own words."""
    form = FindReturnedForm()
    asked = Criteria(
        form.number.data or "", form.amount.data, form.bank.data or "", form.receipt.data or "",
        form.account.data or "",
    )  # fmt: skip
    rows: list[tuple[FoundTender, int]] = []
    with one_by_one(wiring().sessions) as reader:
        sight = may_see(staff_user())
        if form.text.data and asked.amount:
            found = finding.suggest(reader, asked.amount, asked.number, form.text.data, **sight)
            rows = [(one.tender, one.score) for one in found]
        else:
            rows = [(one, 0) for one in finding.find(reader, asked, **sight)]
    return render_template(
        "staff/returned_payments/find.html", form=form, rows=rows, is_asked=bool(form.text.data) or not asked.is_empty
    )


@staff.route("/returned-payments/new/<int:tender_id>", methods=["GET", "POST"])
@needs(Permission.RETURNS_POST)
def returned_payments_new(tender_id: int) -> str | AnyResponse | tuple[str, int]:
    """Reason and day; what it comes to; then it is posted."""
    parts, form = wiring(), ReturnForm(kept=kept_here())
    today = parts.clock.today()
    form.offer(parts.city().city.return_policy(today).reasons, locale_code())
    looked: Looked | None = None
    if form.validate_on_submit():
        command = Return(tender_id, form.reason.data, form.returned_on.data, form.bank_reference.data or "")
        answer = _look_or_post(form, command)
        if isinstance(answer, AnyResponse):
            return answer
        looked = answer
    elif request.method == "GET":
        form.returned_on.data = form.returned_on.data or today
    with one_by_one(parts.sessions) as reader:
        try:
            tender = finding.tender(reader, tender_id, **may_see(staff_user()))
        except NotFound:
            abort(_NOT_FOUND)
    page = render_template("staff/returned_payments/new.html", form=form, tender=tender, looked=looked)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/returned-payments/<int:return_id>", methods=["GET", "POST"])
@needs(Permission.RETURNS_POST)
def returned_payments_show(return_id: int) -> str | AnyResponse | tuple[str, int]:
    """What was posted, what followed, and whether it went to the bank again."""
    parts, form = wiring(), PresentForm(kept=kept_here())
    with one_by_one(parts.sessions) as reader:
        try:
            view = queries.returned(reader, return_id, **may_see(staff_user()))
        except NotFound:
            abort(_NOT_FOUND)
    if form.validate_on_submit():
        try:
            number = service.present_again(
                desk(), staff_user().authority, return_id, form.presented_on.data, form.note.data or ""
            )
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("Written down: presented again, time %(number)s.", number=number))
            return redirect(url_for("staff.returned_payments_show", return_id=return_id), 303)
    elif request.method == "GET":
        form.presented_on.data = form.presented_on.data or parts.clock.today()
    with one_by_one(parts.sessions) as reader:
        facts: dict[str, Any] = {
            "parts": queries.parts(reader, return_id),
            "reopened": queries.reopened(reader, view.journal_id),
            "presented": queries.presented(reader, return_id),
            "holders": {one.account_id: one for one in queries.addressees(reader, return_id)},
        }
    policy = parts.city().city.return_policy(parts.clock.today())
    known = policy.reason(view.reason)
    page = render_template(
        "staff/returned_payments/show.html", form=form, view=view, reason=reason_words(view.reason),
        may_again=bool(known and known.again and len(facts["presented"]) < policy.most_again),
        policy=policy, no_fee=_no_fee(view.no_fee), **facts,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.get("/returned-payments/<int:return_id>/letters/<int:account_id>.pdf")
@needs(Permission.RETURNS_POST)
def returned_payments_letter(return_id: int, account_id: int) -> Response:
    """The notice on paper, in its reader's language; who printed it is written down."""
    parts, user = wiring(), staff_user()
    with reading(parts.sessions) as session:
        try:
            queries.returned(session, return_id, **may_see(user))
            found = notices(session, return_id, parts.city().city)
        except NotFound:
            abort(_NOT_FOUND)
    notice = next((one for one in found if one.to.account_id == account_id), None)
    if notice is None:
        abort(_NOT_FOUND)
    made = letter_pdf(_letter(notice), parts.city().city, parts.clock.now())
    to = " ".join(notice.to.address[:1])
    letter = PrintedLetter(Kind.PAYMENT_RETURNED, account_id, to, notice.to.language, user.actor_id)
    with transaction(parts.sessions) as session:
        note_letter(session, letter, now=parts.clock.now())
        audit.record(
            session, "returned-letter-printed", subject=("account", account_id), actor_id=user.actor_id,
            returned_payment=return_id, language=notice.to.language,
        )  # fmt: skip
    response = make_response(made)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="returned-{return_id}-{account_id}.pdf"'
    return response


def desk() -> ReturnDesk:
    """What posting returns needs."""
    parts = wiring()
    return ReturnDesk(parts.sessions, parts.clock, parts.city(), reversal_terms(parts.city().city))


def reason_words(code: str) -> str:
    """A reason with its code; the code alone where the city knows it no more."""
    parts = wiring()
    known = parts.city().city.return_policy(parts.clock.today()).reason(code)
    return f"{code}: {known.name.in_(locale_code())}" if known else code


def find_url(amount: Money, reference: str, text: str) -> str:
    """Where a line of the bank leads: the items that it may mean. Empty for who may not post returns."""
    return link_to("returned_payments_find", amount=str(amount), number=reference, text=text)


def _look_or_post(form: ReturnForm, command: Return) -> AnyResponse | Looked | None:
    by = staff_user().authority
    try:
        if form.is_done:
            done = service.post(desk(), by, command, form.seen.data)
            if done.again:
                say(_("This was posted before. Nothing was done twice."), "info")
            else:
                say(_("Posted. The payer is told by mail where we have an address."))
            return redirect(url_for("staff.returned_payments_show", return_id=done.id), 303)
        looked = weighing.look(desk(), by, command)
    except NotFound:
        abort(_NOT_FOUND)
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return None
    form.seen.data = looked.seen
    return looked


def _no_fee(code: str) -> str:
    return {
        "reason": _("No fee: the payer is not to blame for this reason."),
        "line": _("No fee: another system assesses on this account."),
        "account": _("No fee: no account was paid."),
    }.get(code, code)


def _scan_line(notice: Notice) -> tuple[str, ...]:
    parts = wiring()
    line = line_of(parts.city().city, notice.to.reference, notice.owed, None, parts.clock.today())
    return (_("Bring or send this page with your payment"), line) if line else ()


def _how_to_pay(notice: Notice) -> tuple[str, ...]:
    """By mail to the holder it may say the code that proves the account."""
    parts, to = wiring(), notice.to
    code = printed_code(parts.city().city, to.kind, to.account_id)
    said = _(
        "You can see what is open, pay it, and add the account to a sign-in of your own at %(address)s with the "
        "number %(number)s and the bill code %(code)s. Tell the code to nobody.",
        address=f"{parts.settings.base_url.rstrip('/')}/pay", number=to.number, code=code,
    )  # fmt: skip
    return (said,) if code else ()


def _letter(notice: Notice) -> Letter:
    with speaking(notice.to.language):
        return Letter(
            language=notice.to.language,
            to=(notice.to.name, *notice.to.address),
            subject=notice.subject,
            about=notice.about,
            sentences=(*notice.sentences, *_how_to_pay(notice)),
            columns=(_("What for"), _("Due"), _("Amount")),
            rows=notice.lines,
            total=(_("To pay"), money_text(notice.owed)),
            scan_line=_scan_line(notice),
        )
