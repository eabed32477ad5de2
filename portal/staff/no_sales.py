"""A drawer that is opened without a sale: written down with its reason, then opened by its printer if it has one."""

from __future__ import annotations

import structlog
from flask import abort, redirect, render_template, url_for

from accounts.cities.staffing import Permission
from accounts.cities.window import till_of
from payments.drawers.queries import DrawerView
from payments.no_sales import service
from payments.no_sales.service import Opening
from portal.forms.drawers import NoSaleForm
from portal.forms.window import new_key
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.printing import PrinterAway, open_drawer
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import Answer, own_drawer, refused_in
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE = 404, 422
_log = structlog.get_logger(__name__)


@staff.route("/drawers/<int:drawer_id>/no-sale", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def no_sales_new(drawer_id: int) -> Answer:
    """Why, and then it opens."""
    drawer, parts = own_drawer(drawer_id, "open"), wiring()
    reasons = parts.city().city.cash_policy(parts.clock.today()).no_sale_reasons
    if not reasons or drawer.kind != "counter":
        abort(_NOT_FOUND)
    form = NoSaleForm(kept=kept_here())
    form.reason.offer(reasons, empty=_("Choose a reason"))
    if form.validate_on_submit():
        is_news = False

        def write_down() -> None:
            nonlocal is_news
            opening = Opening(form.key.data, drawer_id, form.reason.data, form.note.data or "")
            is_news = service.write_down(parts.cash_desk(), staff_user().authority, opening)

        if refused_in(form, write_down) is None:
            if is_news:
                _open(drawer)
            return redirect(url_for("staff.drawers_mine"), 303)
    form.key.data = form.key.data or new_key()
    till = till_of(parts.city().city.tills, drawer.till)
    page = render_template("staff/drawers/no_sale.html", form=form, has_printer=bool(till and till.printer))
    return page, _UNPROCESSABLE if form.errors else 200


def _open(drawer: DrawerView) -> None:
    """By the printer that the drawer hangs on, after it was written down; one that is away is said."""
    till = till_of(wiring().city().city.tills, drawer.till)
    if till is None or not till.printer:
        say(_("Written down. Open the drawer with the key."), "info")
        return
    try:
        open_drawer(till.printer)
    except PrinterAway as away:
        _log.warning("receipt printer away", till=till.code, why=str(away))
        say(_("Written down. The printer does not answer: open the drawer with the key."), "warning")
    else:
        say(_("Written down. The drawer is open."))
