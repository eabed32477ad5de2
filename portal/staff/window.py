"""The window: scan, see what is owed, take it. Every step is saved, and a form sent twice is one receipt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from payments.drawers import queries as drawers
from payments.sales import overrides, service
from payments.sales import queries as sales
from payments.sales.drafts import Draft
from payments.sales.owing import held_sales, owing
from payments.sales.rules import SaleIsOver, SaleView
from payments.sales.service import Saving
from portal.forms.baskets import PlainForm
from portal.forms.window import LookForm, OverrideForm, new_key
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff import window_finding as finding
from portal.staff import window_steps as steps
from portal.staff.blueprint import may_see, staff, staff_user, was_sent
from portal.staff.done import say
from portal.staff.drawers import Answer, refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.window_sale import Forms, sale_page
from portal.wiring import wiring
from portal.words.city_names import till_name

_NOT_FOUND = 404
_UNPROCESSABLE = 422
_MOST_PARKED = 30


@staff.route("/window", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def window_show() -> Answer:
    """The empty window. Sending it answers with the sale itself, so that a bill takes two requests and no more."""
    user = staff_user()
    with reading(wiring().sessions) as session:
        drawer = drawers.drawer_of(session, user.actor_id)
        unfinished = sales.unfinished(session, most=_MOST_PARKED)
    form = LookForm(kept=kept_here())
    form.form_key.data = form.form_key.data or new_key()
    found = finding.Found()
    if drawer is not None and drawer.state == "open" and form.validate_on_submit():
        try:
            sale, found = _begin(form)
        except DomainError as refusal:
            form.refuse(sentence(refusal), "scan", why=type(refusal).__name__)
        else:
            if sale is not None:
                was_sent()
                return sale_page(sale, drawer)
            if not found.candidates:
                form.refuse(_("No account fits. Type it another way, or look for the name."), "scan", why="not-found")
    page = render_template(
        "staff/window/show.html", form=form, drawer=drawer, candidates=found.candidates, till_name=till_name,
        mine=[one for one in unfinished if one.cashier_id == user.actor_id],
        parked=[one for one in unfinished if one.state == "parked" and one.cashier_id != user.actor_id],
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.post("/window/items")
@needs(Permission.WINDOW_TAKE)
def window_begin() -> Answer:
    """A sale without an account: it begins with an item."""
    if not PlainForm().validate_on_submit():
        abort(400)
    city = wiring().city().city
    sale = service.save(
        wiring().sale_desk(), staff_user().authority, Saving(new_key(), Draft(), city.identity.languages[0])
    )
    return redirect(url_for("staff.window_sale", sale_id=sale.id), 303)


@staff.route("/window/sales/<int:sale_id>", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def window_sale(sale_id: int) -> Answer:
    """A sale that is being made: each button saves it; taking it answers with the receipt."""
    with reading(wiring().sessions) as session:
        sale = sales.sale_by_id(session, sale_id)
        drawer = drawers.drawer_of(session, staff_user().actor_id)
    if sale is None or sale.cashier_id != staff_user().actor_id:
        abort(_NOT_FOUND)
    if sale.state not in {"open", "parked"}:
        return _over(sale)
    if request.method == "GET":
        return sale_page(sale, drawer)
    return Forms(sale, drawer).answer()


@staff.post("/window/sales/<int:sale_id>/resume")
@needs(Permission.WINDOW_TAKE)
def window_resume(sale_id: int) -> Answer:
    """Go on with a sale that was put aside, one's own or a colleague's."""
    if not PlainForm().validate_on_submit():
        abort(400)
    try:
        service.resume(wiring().sale_desk(), staff_user().authority, sale_id)
    except DomainError as refusal:
        say(sentence(refusal), "warning")
        return redirect(url_for("staff.window_show"), 303)
    return redirect(url_for("staff.window_sale", sale_id=sale_id), 303)


@staff.get("/window/holds")
@needs(Permission.DRAWERS_REVIEW)
def window_holds() -> str:
    """Sales that a cash-only flag holds up."""
    parts = wiring()
    with reading(parts.sessions) as session:
        held = held_sales(session, parts.clock.today(), **may_see(staff_user()))
    return render_template("staff/window/holds.html", held=held, me=staff_user().actor_id)


@staff.route("/window/holds/<int:sale_id>", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def window_hold(sale_id: int) -> Answer:
    """Let accounts of a sale pay by check this once: those that are chosen, and no other."""
    parts, form = wiring(), OverrideForm(kept=kept_here())
    with reading(parts.sessions) as session:
        held = held_sales(session, parts.clock.today(), **may_see(staff_user()), sale_id=sale_id)
    if not held:
        abort(_NOT_FOUND)
    form.offer(held)
    if form.validate_on_submit() and refused_in(form, lambda: _let_pass(held, form)) is None:
        say(_("The check may be taken. Tell your colleague."))
        return redirect(url_for("staff.window_holds"), 303)
    page = render_template("staff/window/hold.html", form=form, held=held)
    return page, _UNPROCESSABLE if form.errors else 200


def _begin(form: LookForm) -> tuple[SaleView | None, finding.Found]:
    """A sale of the one account that was meant, saved; or what else was found."""
    parts, picked = wiring(), request.form.get("pick", "")
    found = finding.Found(int(picked)) if _is_id(picked) else finding.Found()
    if not picked:
        if not form.scan.data:
            form.refuse(_("Scan or type a number."), "scan")
            return None, found
        found = finding.find(form.scan.data)
    accounts = []
    if found.account_id is not None:
        with reading(parts.sessions) as session:
            accounts = owing(
                session, [found.account_id], parts.clock.today(), parts.clock.now(), **may_see(staff_user())
            )
    if not accounts:
        return None, found
    finding.note_looks([accounts[0].id])
    draft = steps.with_account(Draft(), finding.first_line(accounts[0], found.asked))
    draft = steps.with_given(draft, form.given.data)
    saving = Saving(form.form_key.data[:64], draft, finding.language_of(accounts, parts.city().city))
    try:
        return service.save(parts.sale_desk(), staff_user().authority, saving), found
    except SaleIsOver:  # the page of an earlier sale, come back to by the browser's button
        anew = replace(saving, form_key=new_key())
        return service.save(parts.sale_desk(), staff_user().authority, anew), found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(2**62))


def _over(sale: SaleView) -> Answer:
    if sale.receipt_id is not None:
        return redirect(url_for("staff.slips_show", receipt_id=sale.receipt_id), 303)
    say(_("This sale is over. Nothing was taken."), "info")
    return redirect(url_for("staff.window_show"), 303)


def _let_pass(held: list[Any], form: OverrideForm) -> None:
    chosen = [one.account_id for one in held if str(one.account_id) in (form.accounts.data or ())]
    overrides.let_pass(wiring().sale_desk(), staff_user().authority, held[0].sale_id, chosen, form.reason.data)
