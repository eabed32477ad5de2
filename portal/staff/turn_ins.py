"""What departments bring to the window: counted by both, one sheet, one receipt."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from payments.drawers.queries import drawer_of
from payments.turn_ins import queries, service
from portal.forms.drawers import counting
from portal.forms.turn_ins import SheetForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.wiring import wiring

_UNPROCESSABLE = 422
_PAGE = 25
Answer = str | Response | tuple[str, int]


@staff.get("/turn-ins")
@needs(Permission.WINDOW_TAKE)
def turn_ins_list() -> str:
    """Sheets that were taken, the newest first."""
    before = key("before")
    with reading(wiring().sessions) as session:
        rows = queries.turn_ins(session, before=before, most=_PAGE + 1)
    more = rows[_PAGE - 1].id if len(rows) > _PAGE else None
    return render_template(
        "staff/turn_ins/list.html", rows=rows[:_PAGE], first_url=here() if before else "",
        next_url=here(before=more) if more else "",
    )  # fmt: skip


@staff.route("/turn-ins/new", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def turn_ins_new() -> Answer:
    """A department's money, in an open drawer."""
    parts, user = wiring(), staff_user()
    city, today = parts.city().city, parts.clock.today()
    form = counting(SheetForm, city.cash_policy(today).denominations, kept=kept_here())
    items = [(item.code, item.name.in_(locale_code())) for item in city.catalog(today) if item.turn_in]
    for line in form.lines:
        line.form.item.choices = [("", _("Nothing")), *items]
    with reading(parts.sessions) as session:
        drawer = drawer_of(session, user.actor_id)
    is_open = drawer is not None and drawer.state == "open"
    if drawer is not None and is_open and form.validate_on_submit() and (sheet := form.sheet()) is not None:
        refusal = refused_in(form, lambda: service.receive(parts.sale_desk(), user.authority, drawer.id, sheet))
        if refusal is None:
            say(_("The money is in your drawer. Give the receipt to %(name)s.", name=sheet.brought_by))
            return redirect(url_for("staff.turn_ins_list"), 303)
    page = render_template("staff/turn_ins/new.html", form=form, is_open=is_open)
    return page, _UNPROCESSABLE if form.errors else 200
