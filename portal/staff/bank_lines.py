"""A line of the bank: what of ours it could be; match it, name it, book it, or take a match back."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, redirect, render_template, request, url_for

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import NotFound
from payments.bank_statements import lists, service
from payments.bank_statements.lists import StatementLine
from payments.bank_statements.rules import RETURNED_ITEMS, fits
from portal.forms.bank_statements import BOOK, MATCH, NAME, UNDO, LineForm
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.staff.bank_deposits import bank_name
from portal.staff.bank_statements import bank_desk
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import Answer, refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.returned_payments import find_url
from portal.wiring import wiring

_UNPROCESSABLE = 422
_BAD = 400


@staff.route("/bank-lines/<int:bank_line_id>", methods=["GET", "POST"])
@needs(Permission.BANK_RECONCILE)
def bank_lines_show(bank_line_id: int) -> Answer:
    """The line, what it could be, and what was done with it so far."""
    line = _found(bank_line_id)
    form = _form(line)
    if form.validate_on_submit():
        act, said = _act(line, form)
        if refused_in(form, act) is None:
            say(said)
            return redirect(url_for("staff.bank_statements_show", statement_id=line.statement_id), 303)
    with reading(wiring().sessions) as session:
        candidates = [] if line.match_id or line.is_signed else lists.candidates(session, line)
        history = lists.history(session, bank_line_id)
    page = render_template(
        "staff/bank_lines/show.html", line=line, form=form, candidates=candidates, history=history,
        bank_name=bank_name, chosen=set(form.ours.data or ()), returned_url=_returned_url(line),
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def _returned_url(line: StatementLine) -> str:
    """Where a payment that came back is posted; nowhere for other lines, and once it is explained."""
    if line.type_code not in RETURNED_ITEMS or line.match_id or line.is_signed:
        return ""
    return find_url(abs(line.amount), line.customer_reference, line.text)


def _act(line: StatementLine, form: LineForm) -> tuple[Callable[[], object], str]:
    """What the button asks for, and what is said when it is done."""
    desk, by, note, category = bank_desk(), staff_user().authority, form.note.data or "", form.category.data
    ours = [(kind, subject) for kind, _colon, subject in (part.partition(":") for part in form.ours.data)]
    acts: dict[str, tuple[Callable[[], object], str]] = {
        MATCH: (
            lambda: service.match_by_hand(desk, line.id, ours, note, by, category=category),
            _("The line is matched."),
        ),
        NAME: (
            lambda: service.name(desk, line.id, category, note, by),
            _("The line is named.") if category else _("The name of the line was taken back."),
        ),
        BOOK: (lambda: service.book(desk, line.id, category, note, by), _("The line is in the books.")),
        UNDO: (lambda: service.undo(desk, line.id, note, by), _("The match was taken back.")),
    }
    wanted = request.form.get("act", "")
    if wanted not in acts:
        abort(_BAD)
    return acts[wanted]


def _form(line: StatementLine) -> LineForm:
    desk = bank_desk()
    form = LineForm(kept=kept_here())
    policy = desk.city.bank_policy(desk.today)
    form.category.offer((one for one in policy.categories if fits(one.direction, line.amount)), empty=_("No name"))
    if request.method == "GET" and line.named_as and not form.category.data:
        form.category.data = line.named_as
    return form


def _found(line_id: int) -> StatementLine:
    try:
        with reading(wiring().sessions) as session:
            return lists.line(session, line_id)
    except NotFound:
        abort(404)
