"""Bank deposits: what waits in the vault, a deposit made of it, verified by another, its custody, its slip."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.database import reading, transaction
from accounts.errors import NotFound
from accounts.staff.queries import colleagues
from payments.bank_deposits import queries, service
from payments.bank_deposits.queries import DepositDetails
from payments.bank_deposits.rules import Kind, check_verifier
from payments.bank_deposits.service import DepositDesk, Preparation, Receiver
from portal import documents
from portal.forms.deposits import CountForm, DepositForm, GiveUpForm, HandOverForm
from portal.forms.drawers import counting, piece_words
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import Answer, refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key, link_to
from portal.wiring import wiring
from portal.words.city_names import till_name

_UNPROCESSABLE = 422
_A_PAGE = 30


@staff.get("/bank-deposits")
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_list() -> str:
    """What waits, the oldest first, then the deposits, the newest first."""
    parts, before = wiring(), key("before")
    policy = parts.city().city.cash_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        waits = queries.waiting(session, parts.clock.now(), policy.deposit_within_hours)
        batches = [] if before else queries.waiting_batches(session)
        past = queries.deposits(session, before=before, most=_A_PAGE + 1)
    return render_template(
        "staff/bank_deposits/list.html", waits=waits, hours=policy.deposit_within_hours, deposits=past[:_A_PAGE],
        bags=[one for one in batches if one.has_bag], settlements=[one for one in batches if one.has_terminal],
        older=here(before=past[_A_PAGE - 1].id) if len(past) > _A_PAGE else "", till_name=till_name,
        bank_name=bank_name, is_first=before is None,
    )  # fmt: skip


@staff.route("/bank-deposits/new", methods=["GET", "POST"])
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_new() -> Answer:
    """Count what goes to the bank."""
    parts, desk = wiring(), _desk()
    form = counting(DepositForm, desk.denominations, kept=kept_here())
    form.bank_account.choices = [(one.code, one.name.in_(locale_code())) for one in desk.city.banks(desk.today)]
    if request.method == "GET" and not form.batches.data:
        form.batches.data = ",".join(request.args.getlist("batch"))
        form.kind.data = request.args.get("kind", Kind.BAG.value)
    kind = Kind.TERMINAL if form.kind.data == Kind.TERMINAL.value else Kind.BAG
    with reading(parts.sessions) as session:
        batches = queries.batches_of(session, form.batch_ids)
        checks = queries.checks_of(session, form.batch_ids) if kind is Kind.BAG else []
    if not batches:
        say(_("Choose at least one batch."), "warning")
        return redirect(url_for("staff.bank_deposits_list"), 303)
    if form.validate_on_submit():
        wanted = Preparation(
            kind, form.bank_account.data, form.batch_ids, form.found, form.bag_number.data or "",
            form.reference.data or "",
        )  # fmt: skip
        made: list[int] = []
        if refused_in(form, lambda: made.append(service.prepare(desk, wanted, staff_user().authority))) is None:
            say(_("The deposit waits until somebody else has counted it too."), "info")
            return redirect(url_for("staff.bank_deposits_show", deposit_id=made[0]), 303)
    page = render_template(
        "staff/bank_deposits/new.html", form=form, batches=batches, checks=checks, kind=kind.value,
        till_name=till_name,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.get("/bank-deposits/<int:deposit_id>")
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_show(deposit_id: int) -> str:
    """A deposit with all that is in it, and what can be done with it now."""
    return _show(_found(deposit_id), GiveUpForm(), _hand_over_form())


@staff.route("/bank-deposits/<int:deposit_id>/verify", methods=["GET", "POST"])
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_verify(deposit_id: int) -> Answer:
    """Count it again and seal it. The amount that moves in the books stands on the page."""
    desk, found = _desk(), _found(deposit_id)
    form = counting(CountForm, desk.denominations, kept=kept_here(), version=str(found.line.version))
    if form.validate_on_submit():
        version = int(form.version.data) if (form.version.data or "").isdecimal() else -1
        by = staff_user().authority

        def seal() -> None:
            service.verify_and_seal(desk, deposit_id, form.found, by, version=version)

        if refused_in(form, seal) is None:
            say(_("The deposit is sealed and in the books."))
            return redirect(url_for("staff.bank_deposits_show", deposit_id=deposit_id), 303)
    why_not = check_verifier(staff_user().actor_id, found.line.prepared_by, found.cashiers)
    page = render_template("staff/bank_deposits/verify.html", form=form, found=found, why_not=why_not)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.post("/bank-deposits/<int:deposit_id>/give-up")
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_give_up(deposit_id: int) -> Answer:
    """It is none; its batches are free again."""
    form = GiveUpForm()
    if form.validate_on_submit():
        by = staff_user().authority
        if refused_in(form, lambda: service.give_up(_desk(), deposit_id, form.reason.data, by)) is None:
            say(_("The deposit was given up. Its batches wait again."))
            return redirect(url_for("staff.bank_deposits_list"), 303)
    return _show(_found(deposit_id), form, _hand_over_form()), _UNPROCESSABLE


@staff.post("/bank-deposits/<int:deposit_id>/hand-over")
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_hand_over(deposit_id: int) -> Answer:
    """A line of the custody log."""
    form = _hand_over_form()
    if form.validate_on_submit():
        kind, person = form.to_kind.data, form.person.data or ""
        to = Receiver(
            kind, int(person) if kind == "staff" and person.isdecimal() else None,
            "" if kind == "staff" else form.name.data, form.receipt.data or "",
        )  # fmt: skip
        if refused_in(form, lambda: service.hand_over(_desk(), deposit_id, to, staff_user().authority)) is None:
            say(_("Written into the custody log."))
            return redirect(url_for("staff.bank_deposits_show", deposit_id=deposit_id), 303)
    return _show(_found(deposit_id), GiveUpForm(), form), _UNPROCESSABLE


@staff.get("/bank-deposits/<int:deposit_id>/slip.pdf")
@needs(Permission.DEPOSITS_MAKE)
def bank_deposits_slip(deposit_id: int) -> Response:
    """The slip that goes with the bag; who took it out is written down."""
    parts, found = wiring(), _found(deposit_id)
    with transaction(parts.sessions) as session:
        audit.exported(
            session, staff_user().actor_id, "deposit-slip", len(found.checks), subject=("bank-deposit", deposit_id)
        )
    made = documents.deposit_slip_pdf(found, parts.city().city, locale_code(), parts.clock.now())
    response = make_response(made)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="deposit-{deposit_id}.pdf"'
    return response


def bank_name(code: str) -> str:
    """A bank account as the city calls it."""
    accounts = wiring().city().city.bank_accounts
    return next((one.name.in_(locale_code()) for one in accounts if one.code == code), code)


def _desk() -> DepositDesk:
    parts = wiring()
    return DepositDesk(parts.sessions, parts.clock, parts.city().city)


def _found(deposit_id: int) -> DepositDetails:
    try:
        with reading(wiring().sessions) as session:
            return queries.deposit(session, deposit_id)
    except NotFound:
        abort(404)


def _hand_over_form() -> HandOverForm:
    form = HandOverForm(kept=kept_here())
    with reading(wiring().sessions) as session:
        people = colleagues(session, wiring().clock.today())
    form.offer((str(one.actor_id), one.name) for one in people if one.actor_id != staff_user().actor_id)
    return form


def _show(found: DepositDetails, give_up: GiveUpForm, hand_over: HandOverForm) -> str:
    statement = link_to("bank_statements_list") if found.arrived_on else ""
    return render_template(
        "staff/bank_deposits/show.html", found=found, form=give_up if give_up.errors else hand_over,
        give_up=give_up, hand_over=hand_over, till_name=till_name,
        bank_name=bank_name, piece_words=piece_words, statement_url=statement,
        why_not=check_verifier(staff_user().actor_id, found.line.prepared_by, found.cashiers),
    )  # fmt: skip
