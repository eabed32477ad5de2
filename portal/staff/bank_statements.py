"""Bank statements: read a file in, see what is not explained, sign off."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask_babel import ngettext

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import NotFound
from payments.bank_statements import lists, service
from payments.bank_statements.lists import StatementRow
from payments.bank_statements.queries import position
from payments.bank_statements.service import BankDesk, Imported
from portal.forms.bank_statements import StatementFileForm
from portal.forms.baskets import PlainForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.permissions import needs
from portal.staff.bank_deposits import bank_name
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import Answer, refused_in
from portal.staff.lists import here, key
from portal.wiring import wiring

_UNPROCESSABLE = 422
_A_PAGE = 50


@staff.get("/bank-statements")
@needs(Permission.BANK_RECONCILE)
def bank_statements_list() -> str:
    """Where ledger and bank stand today, and the statements."""
    desk, before = bank_desk(), key("before")
    accounts = desk.city.banks(desk.today)
    with reading(desk.sessions) as session:
        positions = [(one, position(session, one.ledger_account, desk.today)) for one in accounts[:3]]
        found = lists.statements(session, before=before, most=_A_PAGE + 1)
    return render_template(
        "staff/bank_statements/list.html", positions=positions, statements=found[:_A_PAGE], bank_name=bank_name,
        older=here(before=found[_A_PAGE - 1].id) if len(found) > _A_PAGE else "",
    )  # fmt: skip


@staff.route("/bank-statements/new", methods=["GET", "POST"])
@needs(Permission.BANK_RECONCILE)
def bank_statements_new() -> Answer:
    """A file of the bank: taken whole, or refused."""
    desk, form = bank_desk(), StatementFileForm()
    form.bank_account.choices = [(one.code, one.name.in_(locale_code())) for one in desk.city.banks(desk.today)]
    if form.validate_on_submit():
        sent, told = form.file.data, list[Imported]()

        def take() -> None:
            told.append(
                service.import_file(
                    desk, sent.filename, sent.read(), staff_user().actor_id, bank_account=form.bank_account.data,
                    difference=form.difference.data or "",
                )
            )  # fmt: skip

        if refused_in(form, take) is None:
            _say_of(told[0])
            return redirect(url_for("staff.bank_statements_list"), 303)
    page = render_template("staff/bank_statements/new.html", form=form)
    return page, _UNPROCESSABLE if form.errors else 200


def _say_of(told: Imported) -> None:
    if told.was_known:
        say(_("This file was read before. Nothing was changed."), "info")
    else:
        say(_("%(new)s new lines, %(matched)s matched.", new=told.new, matched=told.matched))


@staff.get("/bank-statements/<int:statement_id>")
@needs(Permission.BANK_RECONCILE)
def bank_statements_show(statement_id: int) -> str:
    """Its lines: first what is not explained, then what is only named, then what is matched."""
    return _show(_found(statement_id), PlainForm())


@staff.post("/bank-statements/<int:statement_id>/sign-off")
@needs(Permission.BANK_RECONCILE)
def bank_statements_sign_off(statement_id: int) -> Answer:
    """A person says that it is explained."""
    form = PlainForm()
    if form.validate_on_submit() and (
        refused_in(form, lambda: service.sign_off(bank_desk(), statement_id, staff_user().authority)) is None
    ):
        say(_("The statement is signed off."))
        return redirect(url_for("staff.bank_statements_show", statement_id=statement_id), 303)
    return _show(_found(statement_id), form), _UNPROCESSABLE


@staff.post("/bank-statements/match")
@needs(Permission.BANK_RECONCILE)
def bank_statements_match() -> Answer:
    """Match again what is plain now."""
    desk = bank_desk()
    if PlainForm().validate_on_submit():
        matched = sum(service.match(desk, one.ledger_account) for one in desk.city.banks(desk.today))
        say(ngettext("%(num)s line was matched.", "%(num)s lines were matched.", matched), "info")
    return redirect(url_for("staff.bank_statements_list"), 303)


def bank_desk() -> BankDesk:
    """What working with statements needs."""
    parts = wiring()
    return BankDesk(parts.sessions, parts.clock, parts.city().city)


def _found(statement_id: int) -> StatementRow:
    try:
        with reading(wiring().sessions) as session:
            return lists.statement(session, statement_id)
    except NotFound:
        abort(404)


def _show(found: StatementRow, form: PlainForm) -> str:
    skip = key("after") or 0
    with reading(wiring().sessions) as session:
        some = lists.lines(session, found, skip=skip, most=_A_PAGE + 1)
    url = url_for("staff.bank_statements_show", statement_id=found.id, after=skip + _A_PAGE)
    return render_template(
        "staff/bank_statements/show.html", found=found, lines=some[:_A_PAGE], form=form, bank_name=bank_name,
        more_url=url if len(some) > _A_PAGE else "", is_first=not skip, sent=request.method == "POST",
    )  # fmt: skip
